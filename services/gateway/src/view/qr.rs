//! QR codes, drawn by the page itself.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, QrCode};

/// Squares that must stay white around a code (ISO/IEC 18004).
const QUIET: u16 = 4;

/// The squares of a code.
pub(crate) struct Grid {
    /// Squares of one side, those that stay white around the code included.
    pub(crate) size: u16,
    /// Column and row of each dark square.
    pub(crate) dark: Vec<(u16, u16)>,
}

/// The code that says `text`. Nothing when the text is too long for one.
pub(crate) fn grid(text: &str) -> Option<Grid> {
    let code = QrCode::new(text).ok()?;
    let width = u16::try_from(code.width()).ok()?;
    let places = (0..width).flat_map(|row| (0..width).map(move |column| (column, row)));
    let dark = places.zip(code.to_colors()).filter(|(_, color)| *color == Color::Dark);
    let dark = dark.map(|((column, row), _)| (column.saturating_add(QUIET), row.saturating_add(QUIET))).collect();
    Some(Grid { size: width.saturating_add(QUIET.saturating_mul(2)), dark })
}

/// A code that says `text`, for machines; `label` is for people. Dark on white, in dark surroundings too: few readers
/// know the reverse.
pub(crate) fn draw(text: &str, label: &str) -> Option<Markup> {
    let Grid { size, dark } = grid(text)?;
    let mut squares = String::new();
    for (x, y) in dark {
        // Writing to a text cannot fail.
        write!(squares, "M{x} {y}h1v1h-1z").ok()?;
    }
    Some(html! {
        svg class="qr" viewBox={ "0 0 " (size) " " (size) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(squares) fill="#000" {}
        }
    })
}
