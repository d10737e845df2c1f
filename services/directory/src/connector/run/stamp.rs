//! What a place in a directory's changes was found with: other settings find other entries, so with them it says nothing.

use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::origin::Cursor;
use crate::settings::Settings;

const BYTES: usize = 32;

/// Stands for settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp([u8; BYTES]);

impl Stamp {
    /// Whoever changes the password reads what was read before.
    pub(super) fn of(settings: &Settings) -> Self {
        let told = Settings { bind_password: String::new(), ..settings.clone() };
        Self(Sha256::digest(told.encode_to_vec()).into())
    }

    /// A place, as the installation keeps it.
    pub(super) fn put_on(self, Cursor(place): Cursor) -> Cursor {
        Cursor([self.0.as_slice(), &place].concat())
    }

    /// The place, if it was found with these settings.
    pub(super) fn take_off(self, Cursor(stamped): &Cursor) -> Option<Cursor> {
        let place = stamped.strip_prefix(self.0.as_slice())?;
        Some(Cursor(place.to_vec()))
    }
}

#[cfg(test)]
mod tests;
