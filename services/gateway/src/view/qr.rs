//! QR codes, drawn by the page itself.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, QrCode};

/// Squares that must stay white around a code (ISO/IEC 18004).
const QUIET: usize = 4;

/// A code that says `text`, for machines; `label` is for people. Nothing when the text is too long for one. Dark on
/// white, in dark surroundings too: few readers know the reverse.
pub(crate) fn draw(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::new(text).ok()?;
    let size = code.width().saturating_add(QUIET.saturating_mul(2));
    let mut squares = String::new();
    for (row, colors) in code.to_colors().chunks(code.width()).enumerate() {
        for (column, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            let (x, y) = (column.saturating_add(QUIET), row.saturating_add(QUIET));
            // Writing to a text cannot fail.
            write!(squares, "M{x} {y}h1v1h-1z").ok()?;
        }
    }
    Some(html! {
        svg class="qr" viewBox={ "0 0 " (size) " " (size) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#fff" {}
            path d=(squares) fill="#000" {}
        }
    })
}
