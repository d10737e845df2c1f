//! How far a run is, for whoever watches. Nobody has to watch: a message nobody reads in time is dropped.

use tokio::sync::mpsc;

/// One step and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub name: &'static str,
    pub done: u64,
    /// 0 while unknown.
    pub total: u64,
}

/// Where progress is told.
#[derive(Clone)]
pub(crate) struct Progress(Option<mpsc::Sender<Step>>);

impl Progress {
    pub(crate) const fn to(sender: mpsc::Sender<Step>) -> Self {
        Self(Some(sender))
    }

    pub(crate) const fn to_nobody() -> Self {
        Self(None)
    }

    pub(crate) fn tell(&self, name: &'static str, done: u64, total: u64) {
        if let Some(sender) = &self.0 {
            // A full channel means that the watcher is slow; the next message says more than this one.
            sender.try_send(Step { name, done, total }).ok();
        }
    }
}
