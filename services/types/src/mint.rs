//! Where ids and random bytes come from.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Builder;

use crate::{Id, IdKind, SharedClock};

/// Makes ids and random bytes; carries the clock they need. Cheap to clone.
#[derive(Clone)]
pub struct Mint {
    clock: SharedClock,
}

impl Mint {
    /// A mint that reads `clock`.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self { clock }
    }

    /// A new id, ordered by time to the millisecond (UUIDv7, RFC 9562 section 5.7).
    #[must_use]
    pub fn id<K: IdKind>(&self) -> Id<K> {
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
        Id::from_uuid(Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid())
    }

    /// Random bytes from the thread's generator, which the operating system seeds.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        rand::fill(&mut bytes[..]);
        bytes
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The clock itself, for parts that only tell the time.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mint").finish_non_exhaustive()
    }
}
