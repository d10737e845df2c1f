//! A clock that runs, but can be set to another day.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Clock, SystemClock};

/// The machine's clock and how far it is set off.
#[derive(Debug, Default)]
pub(super) struct OffsetClock(Mutex<TimeDelta>);

impl OffsetClock {
    /// Makes it be `then` when the machine's clock says `now`.
    pub(super) fn move_to(&self, then: DateTime<Utc>, now: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = then - now;
    }
}

impl Clock for OffsetClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
