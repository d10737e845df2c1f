//! Elements of BER, the encoding of LDAP: just enough to check a message without trusting it.

use super::frame::FrameRefused;

/// How deep elements may nest. An answer that LDAP defines needs six levels.
pub const DEPTH_MAX: usize = 16;
/// How many elements one message may have: 300,000 values and room for the rest. The parser behind the guard spends
/// some 60 bytes on an element of two bytes, so the size of the message alone does not bound its memory.
pub const ELEMENTS_MAX: usize = 400_000;

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const OCTET_STRING: u8 = 0x04;
pub const ENUMERATED: u8 = 0x0a;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

const CONSTRUCTED: u8 = 0x20;
const TAG_NUMBER: u8 = 0x1f;
const LONG_LENGTH: u8 = 0x80;
const LENGTH_BYTES_MAX: u8 = 4;

/// Tag and length of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub tag: u8,
    /// Bytes of the header itself.
    pub size: usize,
    /// Bytes of the content.
    pub length: usize,
}

impl Header {
    const fn constructed(self) -> bool {
        self.tag & CONSTRUCTED != 0
    }
}

/// Reads the header at the start of `bytes`; `None` when it is not all there yet.
pub fn header(bytes: &[u8]) -> Result<Option<Header>, FrameRefused> {
    let [tag, first, rest @ ..] = bytes else {
        return Ok(None);
    };
    if tag & TAG_NUMBER == TAG_NUMBER {
        return Err(FrameRefused::Form("a tag of several bytes"));
    }
    if *first < LONG_LENGTH {
        return Ok(Some(Header { tag: *tag, size: 2, length: usize::from(*first) }));
    }
    let count = first & !LONG_LENGTH;
    if count == 0 {
        return Err(FrameRefused::Form("an indefinite length"));
    }
    if count > LENGTH_BYTES_MAX {
        return Err(FrameRefused::Form("a length of more than four bytes"));
    }
    let Some(digits) = rest.get(..usize::from(count)) else {
        return Ok(None);
    };
    let length = digits.iter().fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
    Ok(Some(Header { tag: *tag, size: 2 + digits.len(), length }))
}

/// Walks all elements of a complete message without recursion: form, nesting and number, not meaning.
pub fn check_form(message: &[u8]) -> Result<(), FrameRefused> {
    let mut ends = [0_usize; DEPTH_MAX];
    let mut depth = 0_usize;
    let mut at = 0_usize;
    let mut elements = 0_usize;
    while at < message.len() {
        while let Some(outer) = depth.checked_sub(1)
            && ends.get(outer).is_some_and(|end| *end == at)
        {
            depth = outer;
        }
        let end = depth.checked_sub(1).and_then(|outer| ends.get(outer)).copied().unwrap_or(message.len());
        let inside = message.get(at..end).ok_or(FrameRefused::Form("an element that outlasts the one around it"))?;
        let found = header(inside)?.ok_or(FrameRefused::Form("half a header"))?;
        if found.length > inside.len() - found.size {
            return Err(FrameRefused::Form("an element that outlasts the one around it"));
        }
        elements += 1;
        if elements > ELEMENTS_MAX {
            return Err(FrameRefused::Elements);
        }
        at += found.size;
        if found.constructed() {
            let slot = ends.get_mut(depth).ok_or(FrameRefused::Depth)?;
            *slot = at + found.length;
            depth += 1;
        } else {
            at += found.length;
        }
    }
    Ok(())
}

/// Reads one element after the other out of bytes whose form [`check_form`] has seen.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub const fn ended(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, whatever it is.
    pub fn take(&mut self) -> Result<Option<(u8, &'a [u8])>, FrameRefused> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let found = header(self.rest)?.ok_or(FrameRefused::Form("half a header"))?;
        let (element, rest) = self
            .rest
            .split_at_checked(found.size + found.length)
            .ok_or(FrameRefused::Form("an element that outlasts the one around it"))?;
        self.rest = rest;
        let content = element.get(found.size..).unwrap_or_default();
        Ok(Some((found.tag, content)))
    }

    /// The next element, which must have this tag; `what` names it in the refusal.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<&'a [u8], FrameRefused> {
        match self.take()? {
            Some((found, content)) if found == tag => Ok(content),
            _ => Err(FrameRefused::Unexpected(what)),
        }
    }

    /// The next element, which must be an octet string of UTF-8.
    pub fn expect_text(&mut self, what: &'static str) -> Result<&'a str, FrameRefused> {
        text(self.expect(OCTET_STRING, what)?, what)
    }
}

/// Bytes that must be UTF-8.
pub fn text<'a>(bytes: &'a [u8], what: &'static str) -> Result<&'a str, FrameRefused> {
    std::str::from_utf8(bytes).map_err(|source| FrameRefused::Text { what, source })
}

/// A number of at most four bytes that is not negative.
pub fn number(bytes: &[u8], what: &'static str) -> Result<u32, FrameRefused> {
    match bytes {
        [first, ..] if bytes.len() <= 4 && *first < 0x80 => {
            Ok(bytes.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)))
        }
        _ => Err(FrameRefused::Unexpected(what)),
    }
}
