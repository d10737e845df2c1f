//! What a sealed field looks like, and what it is bound to.
//!
//! ```text
//! sealed := 0x01 | key version u32 | nonce [24] | ciphertext | tag [16]                    45 bytes more than clear
//! bound  := "FHA1" | tenant [16] | table u16 | column u16 | key version u32 | row length u8 | row
//! ```
//!
//! Numbers have their high byte first. The binding is authenticated and not stored: the reader says where it found
//! the bytes, and bytes that were moved to another tenant, table, column or row do not open. It does not tell an
//! older sealed value of the same field from the present one; a table where that matters puts a row version into
//! its row id.

use crate::xaes::{NONCE_BYTES, NotAuthentic, TAG_BYTES, Xaes256Gcm};
use crate::{Field, random};

const FORMAT: u8 = 1;
const VERSION_BYTES: usize = 4;
const HEADER_BYTES: usize = 1 + VERSION_BYTES + NONCE_BYTES;
const TENANT_BYTES: usize = 16;
/// Everything in the binding but the row.
const BOUND_BYTES: usize = 4 + TENANT_BYTES + 2 + 2 + VERSION_BYTES + 1;

/// Where a sealed field belongs.
pub(crate) struct Place<'a> {
    /// The tenant's id; zero for rows of the platform.
    pub(crate) tenant: [u8; TENANT_BYTES],
    pub(crate) field: Field,
    pub(crate) key_version: u32,
    pub(crate) row: &'a [u8],
}

impl Place<'_> {
    /// The binding. Different places give different bytes: all parts but the last have a fixed length. That is why
    /// a row id longer than its length byte can tell may saturate it.
    fn bound(&self) -> Vec<u8> {
        let mut bound = Vec::with_capacity(BOUND_BYTES + self.row.len());
        bound.extend_from_slice(b"FHA1");
        bound.extend_from_slice(&self.tenant);
        bound.extend_from_slice(&self.field.table.to_be_bytes());
        bound.extend_from_slice(&self.field.column.to_be_bytes());
        bound.extend_from_slice(&self.key_version.to_be_bytes());
        bound.push(u8::try_from(self.row.len()).unwrap_or(u8::MAX));
        bound.extend_from_slice(self.row);
        bound
    }
}

/// Seals `plain` for `place`.
pub(crate) fn seal(cipher: &Xaes256Gcm, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
    let nonce = random::bytes();
    let mut sealed = Vec::with_capacity(HEADER_BYTES + plain.len() + TAG_BYTES);
    sealed.push(FORMAT);
    sealed.extend_from_slice(&place.key_version.to_be_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let (_header, text) = sealed.split_at_mut(HEADER_BYTES);
    let tag = cipher.seal(&nonce, &place.bound(), text);
    sealed.extend_from_slice(&tag);
    sealed
}

/// Sealed bytes, taken apart and not yet trusted.
pub(crate) struct Parts<'a> {
    pub(crate) key_version: u32,
    nonce: &'a [u8; NONCE_BYTES],
    text: &'a [u8],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> Parts<'a> {
    /// Takes sealed bytes apart; none when they are too short or of another format.
    pub(crate) fn parse(sealed: &'a [u8]) -> Option<Self> {
        let rest = sealed.strip_prefix(&[FORMAT])?;
        let (key_version, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (text, tag) = rest.split_last_chunk()?;
        Some(Self { key_version: u32::from_be_bytes(*key_version), nonce, text, tag })
    }

    /// Opens them, if they were sealed for `place`.
    pub(crate) fn open(&self, cipher: &Xaes256Gcm, place: &Place<'_>) -> Result<Vec<u8>, NotAuthentic> {
        let mut text = self.text.to_vec();
        cipher.open(self.nonce, &place.bound(), &mut text, self.tag)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
