//! Sheets as a PDF file.

use std::sync::LazyLock;

use freehold_types::Fault;
use krilla::Document;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::text::TextDirection;

use super::face::{Face, Faces};
use super::{Part, Sheet, Size};
use crate::view::qr;

/// A4, in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// Two centimetres that every printer leaves alone.
const MARGIN: f32 = 56.7;
/// From line to line, in sizes of the letters.
const LINE: f32 = 1.4;
/// Room for the number of a step, in sizes of the letters.
const NUMBER: f32 = 1.8;

static FACES: LazyLock<Option<Faces>> = LazyLock::new(Faces::new);

/// The file, or nothing when the font lacks a letter of what is to be written.
///
/// # Errors
/// Internal when the file cannot be made.
pub(crate) fn write(title: &str, language: &str, sheets: &[Sheet]) -> Result<Option<Vec<u8>>, Fault> {
    let failed = "writing a PDF file";
    let faces = FACES.as_ref().ok_or_else(|| Fault::internal(failed, "the font cannot be read"))?;
    if !sheets.iter().flat_map(|sheet| &sheet.parts).all(|part| knows(faces, part)) {
        return Ok(None);
    }
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(title.to_owned()).language(language.to_owned()));
    for sheet in sheets {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| Fault::internal(failed, "no A4"))?;
        let mut page = document.start_page_with(settings);
        let mut pen = Pen { surface: page.surface(), faces, size: sheet.size, y: MARGIN };
        sheet.parts.iter().for_each(|part| pen.write(part));
    }
    document.finish().map(Some).map_err(|error| Fault::internal(failed, format!("{error:?}")))
}

fn knows(faces: &Faces, part: &Part) -> bool {
    match part {
        Part::Headline(text) => faces.bold.knows(text),
        Part::Typed(text) => faces.typed.knows(text),
        Part::Small(text) | Part::Text(text) => faces.plain.knows(text),
        Part::Steps(steps) => steps.iter().all(|step| faces.plain.knows(step)),
        Part::Qr { .. } => true,
    }
}

/// Writes from the top to the bottom.
struct Pen<'a> {
    surface: Surface<'a>,
    faces: &'a Faces,
    size: Size,
    y: f32,
}

impl Pen<'_> {
    fn write(&mut self, part: &Part) {
        let poster = self.size == Size::Poster;
        let (text, headline, typed) = if poster { (17.0, 34.0, 18.0) } else { (12.0, 22.0, 16.0) };
        let faces = self.faces;
        match part {
            Part::Small(words) => self.lines(&faces.plain, words, text * 0.85, 0.0),
            Part::Text(words) => self.lines(&faces.plain, words, text, 0.0),
            Part::Headline(words) => self.lines(&faces.bold, words, headline, 0.0),
            Part::Typed(words) => self.lines(&faces.typed, words, typed, 0.0),
            Part::Steps(steps) => {
                for (number, step) in (1..).zip(steps) {
                    let top = self.y;
                    self.lines(&faces.plain, &format!("{number}."), text, 0.0);
                    self.y = top;
                    self.lines(&faces.plain, step, text, text * NUMBER);
                }
            }
            Part::Qr { says, .. } => self.squares(says, if poster { 311.8 } else { 141.7 }),
        }
        self.y += text * 0.7;
    }

    fn lines(&mut self, face: &Face, text: &str, size: f32, indent: f32) {
        for line in face.lines(text, size, WIDTH - 2.0 * MARGIN - indent) {
            self.y += size * LINE;
            // Letters stand on their line; what hangs below is a quarter of their size.
            let start = Point::from_xy(MARGIN + indent, self.y - size * 0.25);
            self.surface.draw_text(start, face.font.clone(), size, &line, false, TextDirection::Auto);
        }
    }

    /// A QR code, so wide. White is what the paper is.
    fn squares(&mut self, says: &str, width: f32) {
        let Some(grid) = qr::grid(says) else { return };
        let square = width / f32::from(grid.size);
        let mut squares = PathBuilder::new();
        for (column, row) in &grid.dark {
            let (x, y) = (MARGIN + f32::from(*column) * square, self.y + f32::from(*row) * square);
            if let Some(one) = Rect::from_xywh(x, y, square, square) {
                squares.push_rect(one);
            }
        }
        if let Some(path) = squares.finish() {
            self.surface.draw_path(&path);
        }
        self.y += width;
    }
}

#[cfg(test)]
mod tests;
