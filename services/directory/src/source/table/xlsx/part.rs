//! One file inside the archive as XML, inflated no further than the limits.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::super::{CELL_BYTES_MAX, Flaw};

/// Bytes of a part after it was inflated.
const PART_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of one tag or one run of text.
const EVENT_BYTES_MAX: u64 = 256 * 1024;

/// Counts what is read and stops at the limits, before memory grows.
struct Metered<R> {
    inner: R,
    in_event: u64,
    in_part: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.in_event > EVENT_BYTES_MAX || self.in_part > PART_BYTES_MAX {
            return Err(io::Error::other("it unfolds to more than a table of people has"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count(amount);
        self.inner.consume(amount);
    }
}

impl<R> Metered<R> {
    fn count(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.in_event = self.in_event.saturating_add(bytes);
        self.in_part = self.in_part.saturating_add(bytes);
    }
}

/// A part while it is read.
pub(super) struct Part<'a> {
    path: String,
    xml: Reader<Metered<BufReader<ZipFile<'a, File>>>>,
    buffer: Vec<u8>,
    /// The row that is read, for what is said of mistakes.
    pub(super) row: Option<u64>,
}

impl<'a> Part<'a> {
    pub(super) fn open(archive: &'a mut ZipArchive<File>, path: &str) -> Result<Self, Flaw> {
        let file =
            archive.by_name(path).map_err(|error| Flaw::file(format!("{path} in it cannot be read: {error}")))?;
        let mut xml = Reader::from_reader(Metered { inner: BufReader::new(file), in_event: 0, in_part: 0 });
        xml.config_mut().expand_empty_elements = true;
        Ok(Self { path: path.to_owned(), xml, buffer: Vec::new(), row: None })
    }

    /// The next tag or run of text.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Flaw> {
        self.buffer.clear();
        self.xml.get_mut().in_event = 0;
        let (row, path) = (self.row, &self.path);
        self.xml.read_event_into(&mut self.buffer).map_err(|error| Flaw::At {
            line: row,
            column: None,
            because: format!("{path} in it is broken: {error}"),
        })
    }

    /// All text up to the end of the element `end`, without reading aids for it (`rPh`).
    pub(super) fn text(&mut self, end: &str) -> Result<String, Flaw> {
        let mut text = String::new();
        let mut in_aid = false;
        loop {
            let row = self.row;
            match self.next()? {
                Event::Text(run) if !in_aid => text.push_str(&run.xml10_content()),
                Event::CData(run) if !in_aid => text.push_str(&run.xml10_content()),
                Event::GeneralRef(name) if !in_aid => text.extend(letter(&name)),
                Event::Start(element) if element.local_name().as_ref() == "rPh" => in_aid = true,
                Event::End(element) if element.local_name().as_ref() == "rPh" => in_aid = false,
                Event::End(element) if element.local_name().as_ref() == end => return Ok(text),
                Event::Eof => return Err(self.wrong("the file ends in the middle of a cell")),
                _ => {}
            }
            if text.len() > CELL_BYTES_MAX {
                let because = format!("a cell of more than {CELL_BYTES_MAX} bytes");
                return Err(Flaw::At { line: row, column: None, because });
            }
        }
    }

    pub(super) fn wrong(&self, because: impl Into<String>) -> Flaw {
        Flaw::At { line: self.row, column: None, because: because.into() }
    }
}

/// The letter that a reference such as `&amp;` stands for; none for one that XML does not know.
fn letter(name: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(letter)) = name.resolve_char_ref() {
        return Some(letter);
    }
    match name.xml10_content().as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes().flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}
