//! Blind indexes: keyed hashes by which rows with equal values are found without opening them.

use aes::cipher::consts::U16;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hierarchy::Key;

/// Half of HMAC-SHA256: with 128 bits, two values of one column never share an index by chance.
pub(crate) const INDEX_BYTES: usize = 16;

/// The key of one column's index, its first block already hashed.
pub(crate) struct BlindIndexer(Hmac<Sha256>);

impl BlindIndexer {
    pub(crate) fn new(key: &Key) -> Self {
        Self(Hmac::new_from_slice(key.expose()).expect("HMAC takes keys of every length"))
    }

    pub(crate) fn index(&self, value: &[u8]) -> [u8; INDEX_BYTES] {
        let (index, _cut_off) = self.0.clone().chain_update(value).finalize().into_bytes().split::<U16>();
        index.into()
    }
}
