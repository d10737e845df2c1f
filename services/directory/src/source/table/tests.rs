mod csv;
mod workbook;

use std::collections::BTreeMap;
use std::io::Write;

use freehold_types::Secret;
use tempfile::NamedTempFile;

use super::super::{Entry, Read, Reading, Source, SourceKind, SourceSettings};
use super::SourceError;

/// A table as a manifest would name it.
fn settings(kind: SourceKind, file: &NamedTempFile) -> SourceSettings {
    SourceSettings {
        kind,
        urls: vec![file.path().to_str().unwrap().to_owned()],
        start_tls: false,
        ca_pem: String::new(),
        bind_dn: String::new(),
        bind_password: Secret::new(String::new()),
        base_dn: String::new(),
        people_filter: String::new(),
        group_filter: String::new(),
        attributes: Vec::new(),
        watched: Vec::new(),
        columns: BTreeMap::new(),
        encoding: String::new(),
    }
}

fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

async fn drain(mut reading: Reading) -> Result<Vec<Entry>, SourceError> {
    let mut entries = Vec::new();
    loop {
        match reading.next().await? {
            Read::Entry(entry) => entries.push(entry),
            Read::Complete(complete) => {
                assert_eq!(complete.entries(), u64::try_from(entries.len()).unwrap());
                return Ok(entries);
            }
        }
    }
}

async fn people_with(settings: SourceSettings) -> Result<Vec<Entry>, SourceError> {
    drain(Source::new(settings)?.people().await?).await
}

async fn groups_with(settings: SourceSettings) -> Result<Vec<Entry>, SourceError> {
    drain(Source::new(settings)?.groups().await?).await
}

/// A person's name and what is known of them, in one line.
fn line(entry: &Entry) -> String {
    let attributes = entry.attributes.iter().map(|(name, values)| {
        let values: Vec<_> = values.iter().map(|value| String::from_utf8(value.clone()).unwrap()).collect();
        format!(" {name}={}", values.join("+"))
    });
    format!("{}:{}", entry.dn, attributes.collect::<String>())
}

fn lines(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(line).collect()
}

/// What is said of a file that cannot be, without its path.
fn words(error: &SourceError) -> String {
    let SourceError::Table { place, problem, .. } = error else { panic!("{error}") };
    format!("{}: {problem}", place.trim_start_matches(", "))
}
