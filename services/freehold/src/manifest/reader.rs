//! What is collected while a manifest is read: mistakes, and where everything stands.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::grammar::{Grammar, line_at};
use super::place::{Place, Places};
use crate::failure::Detail;

/// How much of a value a report shows, in characters.
const VALUE_CHARS_MAX: usize = 80;

/// What is collected while a manifest is read.
pub(super) struct Reader<'t> {
    text: &'t str,
    folder: &'t Path,
    pub(super) mistakes: Vec<Detail>,
    pub(super) places: Places,
    pub(super) broken_lines: Vec<usize>,
    pub(super) covered: Vec<String>,
}

/// A value and where it stands.
pub(super) struct Entry<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) place: Place,
    pub(super) path: String,
}

impl<'t> Reader<'t> {
    /// Reads what can be read, with the mistakes that are known already.
    pub(super) fn new(grammar: &'t Grammar, folder: &'t Path) -> Self {
        let Grammar { readable, mistakes, broken_lines } = grammar;
        let (mistakes, broken_lines) = (mistakes.clone(), broken_lines.clone());
        Self { text: readable, folder, mistakes, places: Places::default(), broken_lines, covered: Vec::new() }
    }

    /// The line of a place in the text; the first is 1.
    pub(super) fn line(&self, at: usize) -> usize {
        line_at(self.text, at)
    }

    /// The source of a value, on one line.
    pub(super) fn shown(&self, span: Range<usize>) -> String {
        let source = self.text.get(span).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        if source.chars().count() <= VALUE_CHARS_MAX {
            return source;
        }
        source.chars().take(VALUE_CHARS_MAX).chain("...".chars()).collect()
    }

    /// Notes what is wrong with a value and what would be right.
    pub(super) fn wrong(&mut self, entry: &Entry<'_>, problem: impl Into<String>) {
        let Place { line, key, value, .. } = entry.place.clone();
        self.cover(&entry.path);
        self.note(Detail { line: Some(line), key, value, problem: problem.into() });
    }

    /// Keeps the installation from saying the same of this field.
    pub(super) fn cover(&mut self, path: &str) {
        self.covered.push(path.to_owned());
    }

    /// Lets the installation speak of this field all the same.
    pub(super) fn uncover(&mut self, path: &str) {
        self.covered.retain(|covered| covered != path);
    }

    /// Notes a mistake.
    pub(super) fn note(&mut self, mistake: Detail) {
        // What follows from a broken line is no mistake of its own.
        if !mistake.line.is_some_and(|line| self.broken_lines.contains(&line)) {
            self.mistakes.push(mistake);
        }
    }

    /// Notes a value of the wrong type.
    pub(super) fn of_type(&mut self, entry: &Entry<'_>, wanted: &str) {
        self.wrong(entry, format!("is {}; must be {wanted}", type_of(entry.value)));
    }

    /// A path of the manifest, which may be relative to its folder.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }
}

const fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
