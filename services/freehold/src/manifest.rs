//! A company's manifest: TOML to the contract's message, with every mistake at once and where it stands.
//!
//! What can be seen here is what the file itself shows: its grammar, its keys, the types of its values, the files it
//! names. Whether a value makes sense is the installation's to say, and its words come back to the same lines.

mod company;
mod grammar;
mod place;
mod reader;
mod section;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_types::Violation;
use toml::de::DeTable;

use crate::failure::{Detail, Failure};
use place::Places;
use reader::Reader;
use section::Section;

/// A manifest as far as it could be read.
pub(crate) struct Manifest {
    /// What the company shall be; where something was wrong it is empty.
    pub(crate) message: TenantManifest,
    file: PathBuf,
    mistakes: Vec<Detail>,
    places: Places,
    /// Lines that are no TOML. What stood there is unknown, so nothing can be said to be missing.
    broken_lines: Vec<usize>,
    /// Fields of the contract that have a mistake already.
    covered: Vec<String>,
}

impl Manifest {
    /// Reads a file and the files it names.
    ///
    /// # Errors
    /// When the file itself cannot be read. What is wrong inside is kept as mistakes.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let unreadable = |error: &dyn std::fmt::Display| {
            let why = format!("the manifest {} cannot be read: {error}", file.display());
            Failure::new(why, "give the path of a manifest; there are examples in tenants/examples")
        };
        let bytes = fs::read(file).map_err(|error| unreadable(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| unreadable(&error))?;
        let absolute = std::path::absolute(file).context("the working folder cannot be found")?;
        let folder = absolute.parent().unwrap_or_else(|| Path::new("/"));
        Ok(Self::parse(&text, file, folder))
    }

    fn parse(text: &str, file: &Path, folder: &Path) -> Self {
        let grammar = grammar::check(text);
        let (table, _noted) = DeTable::parse_recoverable(&grammar.readable);
        let mut reader = Reader::new(&grammar, folder);
        let message = company::read(&mut reader, Section::top(table.get_ref()));
        let Reader { mut mistakes, places, broken_lines, covered, .. } = reader;
        mistakes.sort_by_key(|mistake| mistake.line);
        Self { message, file: file.to_path_buf(), mistakes, places, broken_lines, covered }
    }

    /// Whether something is wrong.
    pub(crate) fn wrong(&self) -> bool {
        !self.mistakes.is_empty()
    }

    /// Adds what the installation says of the message, unless it only says again what is known to be wrong.
    pub(crate) fn add(&mut self, violations: &[Violation]) {
        for violation in violations {
            let field = place::normal(&violation.field);
            if self.covered.iter().any(|covered| place::within(&field, covered)) {
                continue;
            }
            let (place, stands_there) = self.places.find(&field);
            let hidden = !stands_there && !self.broken_lines.is_empty();
            if hidden || self.broken_lines.contains(&place.line) {
                continue;
            }
            let place::Place { line, key, value, .. } = place;
            self.mistakes.push(Detail { line: Some(line), key, value, problem: violation.message.clone() });
        }
        self.mistakes.sort_by_key(|mistake| mistake.line);
    }

    /// All mistakes as one failure.
    pub(crate) fn refusal(&self) -> anyhow::Error {
        let number = match self.mistakes.len() {
            1 => "one mistake".to_owned(),
            many => format!("{many} mistakes"),
        };
        let why = format!("{} has {number}; nothing is applied", self.file.display());
        Failure::new(why, "correct what is named and apply it again").with_details(self.mistakes.clone()).into()
    }
}

#[cfg(test)]
mod tests;
