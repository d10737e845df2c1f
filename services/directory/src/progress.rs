//! How far a run is, for whoever watches. Nobody has to watch: a message nobody reads in time is dropped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

/// A rate means nothing before a step has worked for so long.
const RATE_AFTER: Duration = Duration::from_millis(200);

/// One step and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub name: &'static str,
    pub done: u64,
    /// 0 while unknown.
    pub total: u64,
    /// Units per second since the step began; 0 while unknown.
    pub rate: u64,
    /// Until the end of the step at that rate, if both are known.
    pub seconds_left: Option<u64>,
}

/// Where progress is told.
#[derive(Clone)]
pub(crate) struct Progress(Option<Teller>);

#[derive(Clone)]
struct Teller {
    sender: mpsc::Sender<Step>,
    /// The present step and when it began.
    began: Arc<Mutex<(&'static str, Instant)>>,
}

impl Progress {
    pub(crate) fn to(sender: mpsc::Sender<Step>) -> Self {
        Self(Some(Teller { sender, began: Arc::new(Mutex::new(("", Instant::now()))) }))
    }

    pub(crate) const fn to_nobody() -> Self {
        Self(None)
    }

    pub(crate) fn tell(&self, name: &'static str, done: u64, total: u64) {
        if let Some(teller) = &self.0 {
            let step = measured(name, done, total, teller.elapsed(name));
            // A full channel means that the watcher is slow; the next message says more than this one.
            teller.sender.try_send(step).ok();
        }
    }
}

impl Teller {
    /// How long the step has been at work.
    fn elapsed(&self, name: &'static str) -> Duration {
        let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        if began.0 != name {
            *began = (name, Instant::now());
        }
        began.1.elapsed()
    }
}

fn measured(name: &'static str, done: u64, total: u64, elapsed: Duration) -> Step {
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = if elapsed < RATE_AFTER { 0 } else { done.saturating_mul(1_000) / milliseconds };
    let left = (total > 0 && rate > 0).then(|| total.saturating_sub(done).div_ceil(rate));
    Step { name, done, total, rate, seconds_left: left }
}

#[cfg(test)]
mod tests;
