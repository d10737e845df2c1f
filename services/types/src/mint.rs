//! Where ids and random bytes come from.

use std::fmt;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

use crate::{Id, IdKind, SharedClock};

/// Makes ids and random bytes; carries the clock they need. Cheap to clone.
#[derive(Clone)]
pub struct Mint {
    clock: SharedClock,
    /// What came before, so that ids of one millisecond are in order too.
    order: Arc<Mutex<ContextV7>>,
}

impl Mint {
    /// A mint that reads `clock`.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, order: Arc::default() }
    }

    /// A new id (UUIDv7, RFC 9562 section 5.7), later than all that this one made before: by the clock, to the
    /// millisecond, and by a counter (section 6.2, method 1) when the clock stands still or is set back.
    #[must_use]
    pub fn id<K: IdKind>(&self) -> Id<K> {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Id::from_uuid(Uuid::new_v7(Timestamp::from_unix(&*self.order, seconds, now.timestamp_subsec_nanos())))
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, TimeDelta};

    use super::Mint;
    use crate::{SetClock, SyncRunId};

    #[test]
    fn ids_are_in_the_order_they_were_made_in_though_the_clock_stands_still_or_is_set_back() {
        let clock = Arc::new(SetClock::new(DateTime::UNIX_EPOCH + TimeDelta::days(20_000)));
        let mint = Mint::new(clock.clone());
        let mut ids: Vec<SyncRunId> = (0..100).map(|_| mint.id()).collect();
        clock.set(DateTime::UNIX_EPOCH + TimeDelta::days(19_999));
        ids.extend((0..100).map(|_| mint.clone().id::<_>()));
        assert!(ids.is_sorted_by(|before, after| before < after));
    }
}
