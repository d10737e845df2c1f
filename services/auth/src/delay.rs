//! Makes whoever guesses a password wait, longer with every wrong try, and never for good.
//!
//! One row per name that was tried, whether somebody has it or not: otherwise the waiting would say who exists. In memory,
//! so a process that starts again forgets, and several processes count apart; what bounds a guesser for good are the
//! digits of the authenticator app, whose tries are counted in the storage.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::TenantId;
use sha2::{Digest as _, Sha256};

/// Wrong tries are forgotten so long after the first of them.
const MEMORY_HOURS: i64 = 24;
/// Up to how many wrong tries one waits how many seconds (the steps of Kanidm).
const STEPS: [(u32, i64); 4] = [(3, 1), (9, 3), (25, 5), (100, 10)];
/// The most names that are remembered.
const NAMES_MAX: usize = 50_000;

/// The names tried lately.
#[derive(Debug, Default)]
pub(crate) struct Delays(Mutex<HashMap<Name, Tries>>);

/// A name at a tenant, as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name(TenantId, [u8; 32]);

impl Name {
    pub(crate) fn new(tenant: TenantId, name: &str) -> Self {
        Self(tenant, Sha256::digest(name).into())
    }
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    count: u32,
    forgotten_at: DateTime<Utc>,
    waits_until: DateTime<Utc>,
}

impl Delays {
    /// Begins a try, which counts as wrong until [`Self::succeeded`] says otherwise: so a guesser gains nothing by trying
    /// many at once.
    ///
    /// # Errors
    /// How long to wait, when the last wrong try was a moment ago.
    pub(crate) fn begin(&self, name: Name, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES_MAX {
            names.retain(|_, tries| now < tries.waits_until);
        }
        if names.len() >= NAMES_MAX {
            names.clear();
        }
        let fresh = Tries { count: 0, forgotten_at: now + TimeDelta::hours(MEMORY_HOURS), waits_until: now };
        let tries = names.entry(name).or_insert(fresh);
        if tries.forgotten_at <= now {
            *tries = fresh;
        }
        if now < tries.waits_until {
            return Err((tries.waits_until - now).to_std().unwrap_or_default());
        }
        tries.count = tries.count.saturating_add(1);
        let wait = STEPS.iter().find(|(most, _)| tries.count < *most).map(|(_, seconds)| TimeDelta::seconds(*seconds));
        tries.waits_until = wait.map_or(tries.forgotten_at, |wait| now + wait);
        Ok(())
    }

    /// The try was right.
    pub(crate) fn succeeded(&self, name: Name) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    }
}

#[cfg(test)]
mod tests;
