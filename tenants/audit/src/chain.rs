//! The keyed hashes that bind each row to the one before it.

use std::fmt;

use chrono::{DateTime, Utc};
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, Service};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

/// Bytes of a hash.
pub(crate) const HASH_BYTES: usize = 32;
/// What the key is for.
const PURPOSE: &str = "audit";

/// Where the log stands: the number of its last row, and the hash that binds all rows up to it. Whoever keeps one
/// elsewhere can tell later whether the end of the log was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many rows there are.
    pub sequence: i64,
    /// The last row's hash; zeros before the first.
    pub hash: [u8; HASH_BYTES],
}

impl Checkpoint {
    /// Before the first row.
    pub(crate) const START: Self = Self { sequence: 0, hash: [0; HASH_BYTES] };

    pub(crate) fn is(&self, sequence: i64, hash: &[u8]) -> bool {
        self.sequence == sequence && bool::from(self.hash.as_slice().ct_eq(hash))
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.sequence)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What of a row is bound.
pub(crate) struct Link<'a> {
    pub(crate) id: Uuid,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) details: &'a [u8],
}

impl Link<'_> {
    /// The log's checkpoint once this row stands behind `last`. Nothing when that version of the tenant's key is gone.
    pub(crate) fn after(&self, tx: &TenantTx, last: Checkpoint, key_version: u32) -> Result<Option<Checkpoint>, Fault> {
        let Some(key) = tx.keys().purpose_at(key_version, Service::Operator, PURPOSE) else { return Ok(None) };
        let sequence = last.sequence.saturating_add(1);
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose())
            .map_err(|error| Fault::internal("binding an audit event", error))?;
        // All but the last part have a fixed length, so no two rows give the same bytes.
        mac.update(b"fh1|audit event|");
        mac.update(tx.tenant().uuid().as_bytes());
        mac.update(&last.hash);
        mac.update(&sequence.to_be_bytes());
        mac.update(self.id.as_bytes());
        mac.update(&self.recorded_at.timestamp_micros().to_be_bytes());
        mac.update(self.details);
        Ok(Some(Checkpoint { sequence, hash: mac.finalize().into_bytes().into() }))
    }
}
