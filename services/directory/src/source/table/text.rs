//! The bytes of a text file as characters, a piece at a time.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, UTF_8, WINDOWS_1252};

/// Bytes that are read and decoded at once.
const PIECE_BYTES: usize = 64 * 1024;

/// What a text file is written in, unless it begins with a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoded {
    /// UTF-8.
    #[default]
    Utf8,
    /// Windows-1252, as older programs write it. Every byte is a letter in it, so it is believed only when a manifest
    /// says so.
    Windows1252,
}

impl Encoded {
    /// By the word of a manifest; empty is UTF-8.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "" | "utf-8" => Some(Self::Utf8),
            "windows-1252" => Some(Self::Windows1252),
            _ => None,
        }
    }

    const fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Windows1252 => WINDOWS_1252,
        }
    }
}

/// What keeps a file from being read as text.
pub(super) enum Undecodable {
    /// What the system says.
    System(io::Error),
    /// A byte that has no meaning in this encoding.
    Byte,
}

/// Reads text; UTF-16 is known by its byte order mark.
pub(super) struct Text<R> {
    reader: R,
    decoder: encoding_rs::Decoder,
    bytes: Vec<u8>,
    /// A byte without meaning comes after what was given out.
    broken: bool,
    ended: bool,
}

impl<R: Read> Text<R> {
    pub(super) fn new(reader: R, encoded: Encoded) -> Self {
        let decoder = encoded.encoding().new_decoder();
        Self { reader, decoder, bytes: Vec::new(), broken: false, ended: false }
    }

    /// Appends the next piece; false at the end.
    pub(super) fn piece(&mut self, text: &mut String) -> Result<bool, Undecodable> {
        if self.broken {
            return Err(Undecodable::Byte);
        }
        if self.ended {
            return Ok(false);
        }
        self.bytes.clear();
        let limit = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        let read = self.reader.by_ref().take(limit).read_to_end(&mut self.bytes).map_err(Undecodable::System)?;
        self.ended = read < PIECE_BYTES;
        let needed = self.decoder.max_utf8_buffer_length_without_replacement(read).unwrap_or(PIECE_BYTES);
        text.reserve(needed);
        let (result, _read) = self.decoder.decode_to_string_without_replacement(&self.bytes, text, self.ended);
        self.broken = matches!(result, DecoderResult::Malformed(..));
        Ok(true)
    }
}
