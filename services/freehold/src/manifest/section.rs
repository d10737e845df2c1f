//! Reading keys of a table by their types, noting where each stands and everything that is wrong.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use freehold::config::read_secret;
use toml::de::{DeInteger, DeTable};

use super::place::Place;
use super::reader::{Entry, Reader};
use crate::failure::Detail;

/// A name further away than this is no misspelling (0 nothing alike, 1 the same).
const ALIKE: f64 = 0.75;

/// A table of the manifest.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    /// As people write it; empty at the top.
    name: String,
    /// In the contract; empty at the top.
    pub(super) path: String,
    line: usize,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) fn top(table: &'a DeTable<'a>) -> Self {
        Self { table, name: String::new(), path: String::new(), line: 1, asked: Vec::new() }
    }

    /// The value of a key; notes where it stands.
    fn take(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> Option<Entry<'a>> {
        self.asked.push(key);
        let (name, value) = self.table.iter().find(|(name, _value)| name.get_ref() == key)?;
        let section = value.get_ref().is_table();
        let sections =
            value.get_ref().as_array().is_some_and(|items| items.iter().any(|item| item.get_ref().is_table()));
        let shown = (!section && !sections).then(|| reader.shown(value.span()));
        let place = Place { line: reader.line(name.span().start), key: join(&self.name, key), value: shown, section };
        let path = join(&self.path, field);
        reader.places.note(&path, place.clone());
        Some(Entry { value: value.get_ref(), place, path })
    }

    /// Text, or nothing.
    pub(super) fn text(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> String {
        let Some(entry) = self.take(reader, key, field) else { return String::new() };
        text_of(reader, &entry).unwrap_or_default()
    }

    /// True or false; false when the key is not there.
    pub(super) fn flag(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> bool {
        let Some(entry) = self.take(reader, key, field) else { return false };
        entry.value.as_bool().unwrap_or_else(|| {
            reader.of_type(&entry, "true or false, without quotes");
            false
        })
    }

    /// A share in quotes, or a whole number.
    pub(super) fn share(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> String {
        let Some(entry) = self.take(reader, key, field) else { return String::new() };
        let number = entry.value.as_integer().filter(|number| number.radix() == 10).map(DeInteger::as_str);
        let share = number.or_else(|| entry.value.as_str()).map(str::to_owned);
        share.unwrap_or_else(|| {
            reader.of_type(&entry, "a share such as \"5%\" or a whole number of people");
            String::new()
        })
    }

    /// A whole number; zero when the key is not there.
    pub(super) fn count(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> i32 {
        let Some(entry) = self.take(reader, key, field) else { return 0 };
        let number = entry.value.as_integer().filter(|number| number.radix() == 10).map(DeInteger::as_str);
        number.and_then(|text| text.parse().ok()).unwrap_or_else(|| {
            reader.of_type(&entry, "a whole number, without quotes");
            0
        })
    }

    /// One text, or a list of texts.
    pub(super) fn texts(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> Vec<String> {
        let Some(entry) = self.take(reader, key, field) else { return Vec::new() };
        if let Some(one) = entry.value.as_str() {
            return vec![one.to_owned()];
        }
        let items = entry.value.as_array().map(|items| items.iter().map(|item| item.get_ref().as_str()));
        match items.and_then(|mut items| items.try_fold(Vec::new(), |list, item| Some(push(list, item?)))) {
            Some(list) => list,
            None => {
                reader.of_type(&entry, "text in quotes, or a list of texts such as [\"one\", \"two\"]");
                Vec::new()
            }
        }
    }

    /// One of several words.
    pub(super) fn choice<E: Copy + Into<i32>>(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
        field: &str,
        words: &[(&str, E)],
    ) -> i32 {
        let Some(entry) = self.take(reader, key, field) else { return 0 };
        let Some(text) = text_of(reader, &entry) else { return 0 };
        if let Some((_, number)) = words.iter().find(|(word, _)| *word == text) {
            return (*number).into();
        }
        let words: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        reader.wrong(&entry, format!("must be {}", any_of(&words)));
        0
    }

    /// What stands in a file that only its owner may read.
    pub(super) fn secret(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> String {
        let Some((entry, path)) = self.file(reader, key, field) else { return String::new() };
        let problem = match read_secret(&path) {
            Ok(secret) if !secret.is_empty() => return secret,
            Ok(_empty) => format!("{} is empty; must hold the secret and nothing else", path.display()),
            Err(error) => format!("{error:#}; must be a file that its owner alone can read"),
        };
        reader.wrong(&entry, problem);
        String::new()
    }

    /// Certificates that stand in a file.
    pub(super) fn certificates(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> String {
        let Some((entry, path)) = self.file(reader, key, field) else { return String::new() };
        let problem = match fs::read_to_string(&path) {
            Ok(pem) if pem.contains("-----BEGIN CERTIFICATE-----") => return pem,
            Ok(_other) => format!("{} holds no certificate; must be a file of certificates in PEM", path.display()),
            Err(error) => format!("cannot read {}: {error}; must be a file of certificates in PEM", path.display()),
        };
        reader.wrong(&entry, problem);
        String::new()
    }

    fn file(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> Option<(Entry<'a>, PathBuf)> {
        let mut entry = self.take(reader, key, field)?;
        if !entry.value.is_str() {
            // It is no path, so it may be the secret itself.
            entry.place.value = None;
        }
        let text = text_of(reader, &entry)?;
        if text.is_empty() {
            reader.wrong(&entry, "names no file; must be a path");
            return None;
        }
        let path = reader.path(&text);
        Some((entry, path))
    }

    /// A table below.
    pub(super) fn table(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> Option<Section<'a>> {
        let entry = self.take(reader, key, field)?;
        match entry.value.as_table() {
            Some(table) => Some(section(table, entry.place.line, entry.place.key, entry.path)),
            None => {
                reader.of_type(&entry, &format!("a table: [{}]", entry.place.key.clone()));
                None
            }
        }
    }

    /// A list of tables below.
    pub(super) fn tables(&mut self, reader: &mut Reader<'_>, key: &'static str, field: &str) -> Vec<Section<'a>> {
        let Some(entry) = self.take(reader, key, field) else { return Vec::new() };
        let right = format!("there can be several, so it must be [[{key}]], with two brackets");
        let mut sections = Vec::new();
        if let Some(table) = entry.value.as_table() {
            reader.wrong(&entry, right);
            // The rest of its mistakes can be seen all the same.
            reader.uncover(&entry.path);
            sections.push(section(table, entry.place.line, entry.place.key, format!("{}[0]", entry.path)));
        } else if let Some(items) = entry.value.as_array() {
            for (number, item) in items.iter().enumerate() {
                let path = format!("{}[{number}]", entry.path);
                let line = reader.line(item.span().start);
                match item.get_ref().as_table() {
                    Some(table) => sections.push(section(table, line, entry.place.key.clone(), path)),
                    None => reader.wrong(&entry, right.clone()),
                }
            }
        } else {
            reader.wrong(&entry, right);
        }
        for section in &sections {
            let place = Place { line: section.line, key: section.name.clone(), value: None, section: true };
            reader.places.note(&section.path, place);
        }
        sections
    }

    /// All keys of a table whose keys are the company's to choose, and whose values are texts.
    pub(super) fn pairs(mut self, reader: &mut Reader<'_>, known: &[&'static str]) -> HashMap<String, String> {
        let mut pairs = HashMap::new();
        for key in known {
            if let Some(entry) = self.take(reader, key, key)
                && let Some(text) = text_of(reader, &entry)
            {
                pairs.insert((*key).to_owned(), text);
            }
        }
        self.finish(reader);
        pairs
    }

    /// Whether a key stands there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _value)| name.get_ref() == key)
    }

    /// Whether nothing stands there.
    pub(super) fn empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Counts keys as known that are read elsewhere, or not at all this time.
    pub(super) fn knows(&mut self, keys: &[&'static str]) {
        self.asked.extend(keys);
    }

    /// Notes that a key is missing, or without a key that the section is wrong as a whole.
    pub(super) fn misses(&self, reader: &mut Reader<'_>, key: &str, problem: &str) {
        let key = if key.is_empty() { self.name.clone() } else { join(&self.name, key) };
        reader.note(Detail { line: Some(self.line), key, value: None, problem: problem.to_owned() });
    }

    /// Notes every key that nothing asked for. Its value is not shown: a secret may stand there.
    pub(super) fn finish(self, reader: &mut Reader<'_>) {
        for (name, _value) in self.table {
            let key = name.get_ref().as_ref();
            if self.asked.contains(&key) {
                continue;
            }
            let nearest = self.asked.iter().map(|known| (strsim::jaro_winkler(key, known), known));
            let nearest = nearest.filter(|(alike, _)| *alike > ALIKE).max_by(|one, other| one.0.total_cmp(&other.0));
            let problem = nearest.map_or_else(
                || format!("there is no such key; keys here are {}", self.asked.join(", ")),
                |(_, known)| format!("there is no such key; did you mean {known}?"),
            );
            let line = Some(reader.line(name.span().start));
            reader.note(Detail { line, key: join(&self.name, key), value: None, problem });
        }
    }
}

fn section<'a>(table: &'a DeTable<'a>, line: usize, name: String, path: String) -> Section<'a> {
    Section { table, name, path, line, asked: Vec::new() }
}

fn text_of(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<String> {
    let text = entry.value.as_str().map(str::to_owned);
    if text.is_none() {
        reader.of_type(entry, "text in quotes");
    }
    text
}

fn push(mut list: Vec<String>, item: &str) -> Vec<String> {
    list.push(item.to_owned());
    list
}

fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
}

fn any_of(words: &[String]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.join(""),
    }
}
