//! Counts wrong tries in memory, per tenant and minute.
//!
//! A code is looked up before a try is counted, so that a stranger's guesses never keep out somebody with a right one.
//! What stands against guessing is therefore the code's 80 bits, not this limit: it tells a guesser to wait, and does not
//! spare the storage the look-up. In memory is enough for that; a process that starts again forgets one minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::TenantId;

/// Wrong tries one tenant's people have together in one window.
const WRONG_TRIES_MAX: u32 = 20;
/// Length of a window.
const WINDOW_SECONDS: i64 = 60;

/// The wrong tries of all tenants. Holds one entry per tenant that exists and somebody tried.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<TenantId, Window>>);

#[derive(Debug)]
struct Window {
    ends_at: DateTime<Utc>,
    tries: u32,
}

impl Throttle {
    /// Counts a wrong try.
    ///
    /// # Errors
    /// How long to wait, when this window is used up.
    pub(crate) fn count(&self, tenant: TenantId, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Window { ends_at: now + TimeDelta::seconds(WINDOW_SECONDS), tries: 0 };
        let window = windows.entry(tenant).or_insert_with(fresh);
        if window.ends_at <= now {
            *window = fresh();
        }
        if window.tries >= WRONG_TRIES_MAX {
            return Err((window.ends_at - now).to_std().unwrap_or_default());
        }
        window.tries += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
