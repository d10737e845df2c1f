//! The letters of PDF files, and how wide they are.

use krilla::text::Font;

/// One cut of the font.
pub(crate) struct Face {
    pub(crate) font: Font,
    widths: ttf_parser::Face<'static>,
}

impl Face {
    fn new(file: &'static [u8]) -> Option<Self> {
        Some(Self { font: Font::new(file.into(), 0)?, widths: ttf_parser::Face::parse(file, 0).ok()? })
    }

    /// Whether every sign of the text can be written.
    pub(crate) fn knows(&self, text: &str) -> bool {
        text.chars().all(|sign| self.widths.glyph_index(sign).is_some())
    }

    /// How wide a line is at this size, in points.
    fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |sign| self.widths.glyph_index(sign).and_then(|glyph| self.widths.glyph_hor_advance(glyph));
        let units: f32 = text.chars().filter_map(advance).map(f32::from).sum();
        units * size / f32::from(self.widths.units_per_em())
    }

    /// The text in lines that are no wider than so many points. A word that is wider is broken.
    pub(crate) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&longer, size) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for sign in word.chars() {
                line.push(sign);
                if self.width(&line, size) > width && line.chars().nth(1).is_some() {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, sign.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

/// The cuts that are used.
pub(crate) struct Faces {
    pub(crate) plain: Face,
    pub(crate) bold: Face,
    pub(crate) typed: Face,
}

impl Faces {
    pub(crate) fn new() -> Option<Self> {
        let [plain, bold, typed] =
            [dejavu::sans::regular(), dejavu::sans::bold(), dejavu::sans_mono::bold()].map(Face::new);
        Some(Self { plain: plain?, bold: bold?, typed: typed? })
    }
}

#[cfg(test)]
mod tests;
