//! When changes that come in are applied, and how long to wait after a failure.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Changes that come this close together are applied together: a script writes its entries a few milliseconds apart.
const QUIET: Duration = Duration::from_millis(150);
/// Nobody waits longer for those that come after.
const COLLECT_MAX: Duration = Duration::from_millis(500);
/// Leavers wait until nobody else has left for so long: a script that empties a unit one entry at a time is judged as
/// one.
const LOSSES_QUIET: Duration = Duration::from_millis(1_200);
/// A burst that does not end is judged all the same.
const LOSSES_MAX: Duration = Duration::from_secs(60);
/// The time in which leavers are counted whose sessions end at once.
const MINUTE: Duration = Duration::from_secs(60);
/// So many leavers a minute lose their sessions before anything is judged, in a small company and in a large one; in
/// between, a twentieth of its people. Few enough to sign in again if it was wrong, and fewer than the guard holds.
const ENDED_AT_ONCE: [usize; 2] = [3, 20];
const ENDED_AT_ONCE_SHARE: usize = 20;

/// The first pause after a failure; it doubles with each.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Leavers of the last minute whose sessions ended at once.
#[derive(Debug, Default)]
pub(super) struct Ended {
    at: VecDeque<Instant>,
    active_people: usize,
}

impl Ended {
    /// Of how many there are they are a share.
    pub(super) const fn among(&mut self, active_people: usize) {
        self.active_people = active_people;
    }

    /// Whether one more may.
    pub(super) fn may(&mut self, now: Instant) -> bool {
        let [least, most] = ENDED_AT_ONCE;
        self.at.retain(|at| now.duration_since(*at) < MINUTE);
        self.at.len() < (self.active_people / ENDED_AT_ONCE_SHARE).clamp(least, most)
    }

    /// Notes one.
    pub(super) fn note(&mut self, now: Instant) {
        self.at.push_back(now);
    }
}

/// Since when something waits to be applied, and when the last of it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    first: Instant,
    last: Instant,
}

impl Wait {
    /// Something came.
    pub(super) fn on(wait: &mut Option<Self>, now: Instant) {
        wait.get_or_insert(Self { first: now, last: now }).last = now;
    }

    /// When changes are applied if nothing more comes.
    pub(super) fn changes_due(&self) -> Instant {
        (self.last + QUIET).min(self.first + COLLECT_MAX)
    }

    /// When losses are judged if nobody else leaves.
    pub(super) fn losses_due(&self) -> Instant {
        (self.last + LOSSES_QUIET).min(self.first + LOSSES_MAX)
    }
}

/// How long to wait after the so-manyth failure in a row; `spread` is from 0 to 255, so that directories that failed
/// together do not come back together.
pub(super) fn pause(failures: u32, spread: u8) -> Duration {
    let doubled = PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(16))).min(PAUSE_MAX);
    // Between three quarters of it and the whole.
    let quarter = doubled / 4;
    doubled - quarter + quarter.mul_f64(f64::from(spread) / 255.0)
}

#[cfg(test)]
mod tests;
