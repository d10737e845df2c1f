//! Lines of a manifest that are no TOML, all of them, and the manifest without what they make unreadable.

use toml::de::{DeTable, Error};

use crate::failure::Detail;

/// What is wrong with the grammar of a text.
pub(super) struct Grammar {
    /// The text with unreadable sections blanked; every line and column is where it was.
    pub(super) readable: String,
    pub(super) mistakes: Vec<Detail>,
    /// What stood on these lines is unknown.
    pub(super) broken_lines: Vec<usize>,
}

/// Looks for every mistake.
///
/// A section whose head cannot be read makes nonsense of all below it. It is blanked and the text looked at again, so
/// that what is reported of the rest is true; each round blanks one more head, so it ends.
pub(super) fn check(text: &str) -> Grammar {
    let mut grammar = Grammar { readable: text.to_owned(), mistakes: Vec::new(), broken_lines: Vec::new() };
    loop {
        let (_table, errors) = DeTable::parse_recoverable(&grammar.readable);
        let mut found: Vec<_> = errors.iter().map(|error| (line_of(text, error), error.message().to_owned())).collect();
        found.sort_unstable();
        found.dedup_by_key(|(line, _message)| *line);
        let head = found.iter().find(|(line, _message)| source(text, *line).starts_with('['));
        let Some((line, message)) = head else {
            found.iter().for_each(|(line, message)| grammar.note(text, *line, message));
            return grammar;
        };
        grammar.note(text, *line, message);
        grammar.blank_section(*line);
    }
}

impl Grammar {
    /// The text of the line is not shown: it may be anything, a secret too.
    fn note(&mut self, text: &str, line: usize, message: &str) {
        let name = source(text, line).split_once('=').map(|(name, _value)| name.trim()).unwrap_or_default();
        let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.');
        let key = if name.chars().all(plain) { name.to_owned() } else { String::new() };
        let problem = message.replace(", expected", "; expected");
        self.broken_lines.push(line);
        self.mistakes.push(Detail { line: Some(line), key, value: None, problem });
    }

    fn blank_section(&mut self, head: usize) {
        let mut inside = false;
        let mut readable = String::with_capacity(self.readable.len());
        for (place, line) in self.readable.split_inclusive('\n').enumerate() {
            let number = place.saturating_add(1);
            inside = number == head || (inside && !line.trim_start().starts_with('['));
            if inside {
                self.broken_lines.push(number);
                // A space for every byte, not for every letter: places are counted in bytes.
                readable.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            } else {
                readable.push_str(line);
            }
        }
        self.readable = readable;
    }
}

fn source(text: &str, line: usize) -> &str {
    text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim_start()
}

fn line_of(text: &str, error: &Error) -> usize {
    line_at(text, error.span().map_or(0, |span| span.start))
}

/// The line of a place in the text; the first is 1.
pub(super) fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count().saturating_add(1)
}
