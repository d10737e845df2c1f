//! Reading an LDIF file (RFC 2849): content records only, as `slapcat` and `ldapsearch` write them.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::mpsc;

use super::dn::Dn;
use super::error::SourceError;
use super::filter::Filter;
use super::frame::{ATTRIBUTE_VALUES_MAX, ENTRY_ATTRIBUTES_MAX, VALUE_BYTES_MAX, value_bytes_max};
use super::ldap::READ_ENTRIES_MAX;
use super::{
    Complete, Deletions, Entry, Listing, ProbeReport, READ_BUFFER_ENTRIES, Read, Reading, ServerKind, SourceSettings,
};

/// Bytes of a line after unfolding: the largest photo in base64 and its name.
const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Entries with photos that wait between the file and whoever takes them.
const PHOTO_BUFFER_ENTRIES: usize = 8;

/// A file that holds a directory.
pub struct LdifSource {
    settings: SourceSettings,
    path: Arc<str>,
    base: Dn,
    /// Size and time of the file when it was first read: all lists must come from the same state of it.
    seen: Arc<OnceLock<(u64, Option<SystemTime>)>>,
}

impl LdifSource {
    /// Checks the settings; opens nothing yet.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn new(settings: SourceSettings) -> Result<Self, SourceError> {
        settings.check()?;
        let [path] = settings.urls.as_slice() else {
            return Err(SourceError::Settings(
                "an LDIF directory has exactly one url, the path of its file".to_owned(),
            ));
        };
        if !Path::new(path).is_absolute() {
            return Err(SourceError::Settings(format!("{path:?} is not an absolute path")));
        }
        for listing in [Listing::People, Listing::Groups] {
            let (filter, _attributes) = settings.search(listing);
            if let Some(what) = Filter::parse(&filter)?.server_only() {
                let problem = format!("it has {what}, which only a server can decide");
                return Err(SourceError::BadFilter { filter, position: 1, problem });
            }
        }
        let base = Dn::parse(&settings.base_dn)
            .map_err(|error| SourceError::Settings(format!("base_dn {:?}: {error}", settings.base_dn)))?;
        Ok(Self { path: Arc::from(path.as_str()), settings, base, seen: Arc::new(OnceLock::new()) })
    }

    /// Opens the file and reads its first record.
    ///
    /// # Errors
    /// The file cannot be read, or is not LDIF.
    pub async fn probe(&self) -> Result<ProbeReport, SourceError> {
        let path = Arc::clone(&self.path);
        let first = tokio::task::spawn_blocking(move || Records::open(&path)?.next_record());
        let first = first.await.map_err(|_stopped| SourceError::Stopped)??;
        let top = first.ok_or_else(|| empty(&self.path))?;
        Ok(ProbeReport {
            deletions: Deletions::Seen,
            server: ServerKind::File,
            address: self.path.to_string(),
            encryption: None,
            paged_results: true,
            naming_contexts: vec![top.dn],
        })
    }

    /// Begins to read one list.
    pub fn read(&self, listing: Listing) -> Reading {
        let (filter, attributes) = self.settings.search(listing);
        let pass = Pass {
            path: Arc::clone(&self.path),
            base: self.base.clone(),
            base_dn: self.settings.base_dn.clone(),
            filter,
            wanted: attributes.iter().map(|name| name.to_lowercase()).collect(),
            seen: Arc::clone(&self.seen),
        };
        let photos = attributes.iter().any(|name| value_bytes_max(name) > VALUE_BYTES_MAX);
        let waiting = if photos { PHOTO_BUFFER_ENTRIES } else { READ_BUFFER_ENTRIES };
        let (sender, mut reading) = Reading::channel_of(waiting);
        // A blocking task cannot be aborted; it ends at its next entry when nobody listens any more.
        reading.tasks.spawn_blocking(move || {
            let ended = pass.run(&sender);
            drop(sender.blocking_send(ended.map(Read::Complete)));
        });
        reading
    }
}

struct Pass {
    path: Arc<str>,
    base: Dn,
    base_dn: String,
    filter: String,
    wanted: BTreeSet<String>,
    seen: Arc<OnceLock<(u64, Option<SystemTime>)>>,
}

impl Pass {
    fn run(&self, sender: &mpsc::Sender<Result<Read, SourceError>>) -> Result<Complete, SourceError> {
        let filter = Filter::parse(&self.filter)?;
        let mut records = Records::open(&self.path)?;
        let state = records.state()?;
        let mut complete = Complete::begun();
        complete.pages = 1;
        let (mut any, mut below) = (false, false);
        while let Some(mut entry) = records.next_record()? {
            any = true;
            if !self.base.is_root() {
                let dn = Dn::parse(&entry.dn).map_err(|error| records.wrong(format!("dn: {error}")))?;
                if !dn.within(&self.base) {
                    continue;
                }
            }
            below = true;
            if !filter.matches(&entry) {
                continue;
            }
            entry.attributes.retain(|name, _values| {
                self.wanted.contains(name) || self.wanted.contains(name.split(';').next().unwrap_or_default())
            });
            complete.entries += 1;
            if complete.entries > READ_ENTRIES_MAX {
                return Err(SourceError::TooMany { what: "entries", limit: READ_ENTRIES_MAX });
            }
            if sender.blocking_send(Ok(Read::Entry(entry))).is_err() {
                return Err(SourceError::Stopped);
            }
        }
        if !any {
            return Err(empty(&self.path));
        }
        if !below {
            return Err(SourceError::BaseNotFound { base: self.base_dn.clone(), offered: Vec::new() });
        }
        if records.state()? != state || *self.seen.get_or_init(|| state) != state {
            return Err(records.wrong("the file changed while it was read".to_owned()));
        }
        Ok(complete)
    }
}

fn empty(path: &str) -> SourceError {
    SourceError::Ldif { path: path.to_owned(), line: 1, problem: "there is no record in it".to_owned() }
}

/// The records of a file, one after the other.
struct Records {
    path: String,
    reader: BufReader<File>,
    /// Number of the line read last.
    line: u64,
    /// A line that was read to see whether it continues the one before.
    ahead: Option<Vec<u8>>,
    begun: bool,
}

impl Records {
    fn open(path: &str) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|source| SourceError::File { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), reader: BufReader::new(file), line: 0, ahead: None, begun: false })
    }

    fn failed(&self, source: io::Error) -> SourceError {
        SourceError::File { path: self.path.clone(), source }
    }

    fn wrong(&self, problem: String) -> SourceError {
        SourceError::Ldif { path: self.path.clone(), line: self.line, problem }
    }

    fn state(&self) -> Result<(u64, Option<SystemTime>), SourceError> {
        let metadata: Metadata = self.reader.get_ref().metadata().map_err(|source| self.failed(source))?;
        Ok((metadata.len(), metadata.modified().ok()))
    }

    /// A line as it stands, without its end; `None` at the end of the file.
    fn physical_line(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        let mut line = Vec::new();
        let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut line);
        if read.map_err(|source| self.failed(source))? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if line.pop() != Some(b'\n') {
            let problem = if line.len() + 1 >= LINE_BYTES_MAX {
                "a line that is too long"
            } else {
                "the file ends in the middle of a line; it was cut, or lacks the line break at its end"
            };
            return Err(self.wrong(problem.to_owned()));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    /// A line with its continuations, comments left out; empty at the end of a record.
    fn line(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        loop {
            let next = match self.ahead.take() {
                Some(line) => Some(line),
                None => self.physical_line()?,
            };
            let Some(mut line) = next else {
                return Ok(None);
            };
            if line.is_empty() {
                return Ok(Some(line));
            }
            if line.first() == Some(&b' ') {
                return Err(self.wrong("a continuation of nothing".to_owned()));
            }
            while let Some(next) = self.physical_line()? {
                let Some(continuation) = next.strip_prefix(b" ") else {
                    self.ahead = Some(next);
                    break;
                };
                line.extend_from_slice(continuation);
                if line.len() > LINE_BYTES_MAX {
                    return Err(self.wrong("a line that is too long".to_owned()));
                }
            }
            if line.first() != Some(&b'#') {
                return Ok(Some(line));
            }
        }
    }

    fn next_record(&mut self) -> Result<Option<Entry>, SourceError> {
        loop {
            let Some(line) = self.line()? else {
                return Ok(None);
            };
            if line.is_empty() {
                continue;
            }
            let (name, value) = self.attribute(&line)?;
            match name.as_str() {
                "version" if !self.begun => {
                    if value != b"1" {
                        return Err(self.wrong("a version of LDIF other than 1".to_owned()));
                    }
                }
                "dn" => return self.record(value).map(Some),
                // What ldapsearch writes after the last entry.
                "search" if self.begun => self.search_result()?,
                _ => return Err(self.wrong("a record that does not begin with dn:".to_owned())),
            }
            self.begun = true;
        }
    }

    fn record(&mut self, dn: Vec<u8>) -> Result<Entry, SourceError> {
        self.begun = true;
        let dn = String::from_utf8(dn).map_err(|_error| self.wrong("a dn that is not UTF-8".to_owned()))?;
        let mut entry = Entry { dn, ..Entry::default() };
        while let Some(line) = self.line()?.filter(|line| !line.is_empty()) {
            let (name, value) = self.attribute(&line)?;
            if matches!(name.as_str(), "changetype" | "control") {
                return Err(self.wrong("a change record; only content records are read".to_owned()));
            }
            if value.len() > value_bytes_max(&name) {
                return Err(self.wrong(format!("a value of {} bytes in {name}", value.len())));
            }
            let values = entry.attributes.entry(name).or_default();
            values.push(value);
            if values.len() > ATTRIBUTE_VALUES_MAX {
                return Err(self.wrong(format!("an attribute with more than {ATTRIBUTE_VALUES_MAX} values")));
            }
            if entry.attributes.len() > ENTRY_ATTRIBUTES_MAX {
                return Err(self.wrong(format!("an entry with more than {ENTRY_ATTRIBUTES_MAX} attributes")));
            }
        }
        Ok(entry)
    }

    /// An export that the server cut short says so at its end, and only there.
    fn search_result(&mut self) -> Result<(), SourceError> {
        while let Some(line) = self.line()?.filter(|line| !line.is_empty()) {
            let (name, value) = self.attribute(&line)?;
            if name == "result" && !value.starts_with(b"0 ") {
                let words = String::from_utf8_lossy(&value).into_owned();
                return Err(self.wrong(format!("the search that wrote the file was cut: {words}")));
            }
        }
        Ok(())
    }

    /// Name in lower case and value of a line.
    fn attribute(&self, line: &[u8]) -> Result<(String, Vec<u8>), SourceError> {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, rest) = colon
            .and_then(|colon| Some((line.get(..colon)?, line.get(colon + 1..)?)))
            .ok_or_else(|| self.wrong("a line without a colon".to_owned()))?;
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b';' | b'_');
        if name.is_empty() || !name.iter().all(word) {
            return Err(self.wrong("a line that does not begin with the name of an attribute".to_owned()));
        }
        let name = String::from_utf8_lossy(name).to_lowercase();
        let value = match rest {
            [b':', encoded @ ..] => STANDARD
                .decode(encoded.trim_ascii())
                .map_err(|error| self.wrong(format!("broken base64 in {name}: {error}")))?,
            [b'<', ..] => return Err(self.wrong(format!("a value of {name} in another file; such are not fetched"))),
            plain => plain.get(plain.iter().take_while(|byte| **byte == b' ').count()..).unwrap_or_default().to_vec(),
        };
        Ok((name, value))
    }
}

#[cfg(test)]
mod tests;
