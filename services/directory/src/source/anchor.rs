//! The attribute that stays with an entry for life.

use uuid::Uuid;

/// How a server writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorForm {
    /// `entryUUID`: text (RFC 4530).
    Text,
    /// `objectGUID`: 16 bytes, the first three groups little-endian (MS-DTYP 2.3.4.2).
    Guid,
}

impl AnchorForm {
    /// The one spelling in which an id is stored and compared; nothing when the value is none.
    #[must_use]
    pub fn entry_id(self, value: &[u8]) -> Option<String> {
        match self {
            Self::Guid => Some(Uuid::from_bytes_le(value.try_into().ok()?).hyphenated().to_string()),
            Self::Text => {
                let text = std::str::from_utf8(value).ok()?.trim();
                // The same id in two spellings is one id.
                let id = Uuid::try_parse(text).map_or_else(|_other_form| text.to_owned(), |uuid| uuid.to_string());
                (!id.is_empty()).then_some(id)
            }
        }
    }
}
