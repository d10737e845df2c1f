//! The frame guard: reads what a directory server sends and lets through only whole LDAP messages that are small
//! enough, flat enough and of the form the LDAP client behind it takes for granted.
//!
//! A tenant chooses the server, so the server is an attacker; the client's parser recurses, buffers whatever length
//! a header claims and panics on what it does not expect. Pure: bytes in, messages or a refusal out.

use super::ber::{self, BOOLEAN, ENUMERATED, Elements, INTEGER, OCTET_STRING, SEQUENCE, SET};

/// Size of one message. A group of 250,000 members with long names needs 25 MiB.
pub const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Attributes of one entry.
pub const ENTRY_ATTRIBUTES_MAX: usize = 512;
/// Values of one attribute: a company of 250,000 people has a group with everybody in it.
pub const ATTRIBUTE_VALUES_MAX: usize = 300_000;
/// Size of one value.
pub const VALUE_BYTES_MAX: usize = 1024 * 1024;
/// Size of one value of a photo attribute.
pub const PHOTO_BYTES_MAX: usize = 10 * 1024 * 1024;

const PHOTO_ATTRIBUTES: [&str; 3] = ["jpegphoto", "thumbnailphoto", "photo"];
/// Above this a drained buffer gives its memory back.
const BUFFER_KEPT_BYTES: usize = 256 * 1024;

const BIND_RESPONSE: u8 = 0x61;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const INTERMEDIATE_RESPONSE: u8 = 0x79;
const INTERMEDIATE_NAME: u8 = 0x80;
const INTERMEDIATE_VALUE: u8 = 0x81;
const EXTENDED_RESPONSE: u8 = 0x78;
const CONTROLS: u8 = 0xa0;
const REFERRAL: u8 = 0xa3;
const SASL_CREDENTIALS: u8 = 0x87;
const EXTENDED_NAME: u8 = 0x8a;
const EXTENDED_VALUE: u8 = 0x8b;

/// Why the guard refused what the server sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameRefused {
    /// Not an LDAP message at all.
    #[error("the first byte is {0:#04x}, which begins no LDAP message")]
    NotLdap(u8),
    /// The header claims more than a message may have.
    #[error("a message of {0} bytes; the limit is {MESSAGE_BYTES_MAX}")]
    Size(usize),
    /// Elements nest too deep.
    #[error("a message that nests deeper than {} levels", ber::DEPTH_MAX)]
    Depth,
    /// Too many elements.
    #[error("a message of more than {} elements", ber::ELEMENTS_MAX)]
    Elements,
    /// Broken or forbidden encoding.
    #[error("a message with {0}")]
    Form(&'static str),
    /// Well encoded, but not what LDAP puts there.
    #[error("a message without a proper {0}")]
    Unexpected(&'static str),
    /// Text that is not UTF-8 where LDAP demands it.
    #[error("a message whose {what} is not UTF-8")]
    Text {
        /// Which text.
        what: &'static str,
        /// Where it breaks.
        source: std::str::Utf8Error,
    },
    /// An entry with too many attributes.
    #[error("an entry with more than {ENTRY_ATTRIBUTES_MAX} attributes")]
    Attributes,
    /// An attribute with too many values.
    #[error("an attribute with more than {ATTRIBUTE_VALUES_MAX} values")]
    Values,
    /// A value too large.
    #[error("a value of {size} bytes; the limit is {limit}")]
    Value {
        /// Its bytes.
        size: usize,
        /// The limit of its attribute.
        limit: usize,
    },
}

/// A result a server gives: of a bind, of a search, of an extended request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The result code of RFC 4511; 0 is success.
    pub code: u32,
    /// What the server says about it.
    pub text: String,
}

/// What a message answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To a bind.
    Bind(Outcome),
    /// An entry of a search.
    Entry,
    /// A reference of a search to another server.
    Reference,
    /// Something said in the middle of a search (RFC 4511 section 4.13).
    Intermediate,
    /// The end of a search.
    Done(Outcome),
    /// To an extended request; with the message id 0, the notice that the server is about to hang up.
    Extended(Outcome),
}

/// One whole message that passed.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// As it came.
    pub bytes: &'a [u8],
    /// Id of the request it answers; 0 for none.
    pub message_id: u32,
    /// What it is.
    pub answer: Answer,
}

/// Takes bytes as they arrive, gives messages when they are whole.
#[derive(Debug, Default)]
pub struct FrameChecker {
    buffer: Vec<u8>,
    taken: usize,
}

impl FrameChecker {
    /// An empty checker.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what arrived. Call [`Self::take`] until it has nothing before feeding more, so that a refused header
    /// never makes the buffer grow.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > BUFFER_KEPT_BYTES {
            self.buffer = Vec::new();
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, or nothing until more bytes come.
    ///
    /// # Errors
    /// The message breaks a limit or the form; nothing after it can be trusted.
    pub fn take(&mut self) -> Result<Option<Frame<'_>>, FrameRefused> {
        let pending = self.buffer.get(self.taken..).unwrap_or_default();
        let Some(first) = pending.first() else {
            return Ok(None);
        };
        if *first != SEQUENCE {
            return Err(FrameRefused::NotLdap(*first));
        }
        let Some(header) = ber::header(pending)? else {
            return Ok(None);
        };
        let size = header.size + header.length;
        if size > MESSAGE_BYTES_MAX {
            return Err(FrameRefused::Size(size));
        }
        let Some(bytes) = pending.get(..size) else {
            return Ok(None);
        };
        self.taken += size;
        let (message_id, answer) = check_message(bytes)?;
        Ok(Some(Frame { bytes, message_id, answer }))
    }

    /// Bytes that are not part of a message handed out yet.
    #[must_use]
    pub const fn pending(&self) -> usize {
        self.buffer.len() - self.taken
    }
}

fn check_message(bytes: &[u8]) -> Result<(u32, Answer), FrameRefused> {
    ber::check_form(bytes)?;
    let mut message = Elements::new(Elements::new(bytes).expect(SEQUENCE, "message")?);
    let message_id = ber::number(message.expect(INTEGER, "message id")?, "message id")?;
    let (operation, content) = message.take()?.ok_or(FrameRefused::Unexpected("operation"))?;
    let answer = match operation {
        BIND_RESPONSE => Answer::Bind(check_result(content)?),
        SEARCH_DONE => Answer::Done(check_result(content)?),
        EXTENDED_RESPONSE => Answer::Extended(check_result(content)?),
        SEARCH_ENTRY => check_entry(content).map(|()| Answer::Entry)?,
        INTERMEDIATE_RESPONSE => check_intermediate(content).map(|()| Answer::Intermediate)?,
        SEARCH_REFERENCE => check_texts(content, "reference").map(|()| Answer::Reference)?,
        _ => return Err(FrameRefused::Unexpected("operation")),
    };
    match message.take()? {
        None => {}
        Some((CONTROLS, controls)) => check_controls(controls)?,
        // Active Directory puts the name of its notice of disconnection behind the answer instead of inside.
        Some((EXTENDED_NAME, _)) if operation == EXTENDED_RESPONSE => {}
        Some(_) => return Err(FrameRefused::Unexpected("list of controls")),
    }
    if message.ended() { Ok((message_id, answer)) } else { Err(FrameRefused::Unexpected("end")) }
}

fn check_result(content: &[u8]) -> Result<Outcome, FrameRefused> {
    let mut result = Elements::new(content);
    let code = ber::number(result.expect(ENUMERATED, "result code")?, "result code")?;
    result.expect_text("matched name")?;
    let text = result.expect_text("diagnostic message")?;
    while let Some((tag, content)) = result.take()? {
        match tag {
            REFERRAL => check_texts(content, "referral")?,
            EXTENDED_NAME => ber::text(content, "name of the answer").map(|_| ())?,
            SASL_CREDENTIALS | EXTENDED_VALUE => {}
            _ => return Err(FrameRefused::Unexpected("result")),
        }
    }
    Ok(Outcome { code, text: text.trim_end_matches(['\0', '\n']).to_owned() })
}

fn check_entry(content: &[u8]) -> Result<(), FrameRefused> {
    let mut entry = Elements::new(content);
    entry.expect(OCTET_STRING, "entry name")?;
    let mut attributes = Elements::new(entry.expect(SEQUENCE, "list of attributes")?);
    let mut count = 0_usize;
    while !attributes.ended() {
        count += 1;
        if count > ENTRY_ATTRIBUTES_MAX {
            return Err(FrameRefused::Attributes);
        }
        check_attribute(attributes.expect(SEQUENCE, "attribute")?)?;
    }
    if entry.ended() { Ok(()) } else { Err(FrameRefused::Unexpected("end of the entry")) }
}

fn check_intermediate(content: &[u8]) -> Result<(), FrameRefused> {
    let mut parts = Elements::new(content);
    let mut next = parts.take()?;
    if let Some((INTERMEDIATE_NAME, name)) = next {
        ber::text(name, "name of an intermediate answer")?;
        next = parts.take()?;
    }
    match next {
        None | Some((INTERMEDIATE_VALUE, _)) if parts.ended() => Ok(()),
        _ => Err(FrameRefused::Unexpected("intermediate answer")),
    }
}

fn check_attribute(content: &[u8]) -> Result<(), FrameRefused> {
    let mut attribute = Elements::new(content);
    let limit = value_bytes_max(attribute.expect_text("attribute name")?);
    let mut values = Elements::new(attribute.expect(SET, "set of values")?);
    let mut count = 0_usize;
    while !values.ended() {
        count += 1;
        if count > ATTRIBUTE_VALUES_MAX {
            return Err(FrameRefused::Values);
        }
        let size = values.expect(OCTET_STRING, "value")?.len();
        if size > limit {
            return Err(FrameRefused::Value { size, limit });
        }
    }
    if attribute.ended() { Ok(()) } else { Err(FrameRefused::Unexpected("end of the attribute")) }
}

/// How large a value of this attribute may be.
#[must_use]
pub fn value_bytes_max(attribute: &str) -> usize {
    let name = attribute.split(';').next().unwrap_or_default();
    if PHOTO_ATTRIBUTES.iter().any(|photo| name.eq_ignore_ascii_case(photo)) {
        PHOTO_BYTES_MAX
    } else {
        VALUE_BYTES_MAX
    }
}

fn check_texts(content: &[u8], what: &'static str) -> Result<(), FrameRefused> {
    let mut texts = Elements::new(content);
    while !texts.ended() {
        texts.expect_text(what)?;
    }
    Ok(())
}

fn check_controls(content: &[u8]) -> Result<(), FrameRefused> {
    let mut controls = Elements::new(content);
    while !controls.ended() {
        let mut control = Elements::new(controls.expect(SEQUENCE, "control")?);
        control.expect_text("name of a control")?;
        let value = match control.take()? {
            Some((BOOLEAN, [_])) => control.take()?,
            other => other,
        };
        if !matches!(value, None | Some((OCTET_STRING, _))) || !control.ended() {
            return Err(FrameRefused::Unexpected("control"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
