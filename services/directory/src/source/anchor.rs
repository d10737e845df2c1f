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

    /// An id in a filter (RFC 4515); nothing when it is none of this form.
    #[must_use]
    pub fn filter_value(self, entry_id: &str) -> Option<String> {
        let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        match self {
            Self::Guid => Uuid::try_parse(entry_id).ok().map(|uuid| escaped(&uuid.to_bytes_le())),
            Self::Text => Some(match Uuid::try_parse(entry_id) {
                Ok(uuid) => uuid.to_string(),
                Err(_other_form) => escaped(entry_id.as_bytes()),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
