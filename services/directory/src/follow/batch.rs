//! What a directory told and nobody applied yet.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::pace::Wait;
use crate::origin::{Cursor, Observed};
use crate::reading::Collector;

/// What came in and was not applied yet. Whoever leaves waits apart, so that nothing else waits with them.
pub(super) struct Batch {
    changes: Collector,
    changes_wait: Option<Wait>,
    /// By entry id, because the last word about an entry counts.
    losses: BTreeMap<String, Observed>,
    losses_wait: Option<Wait>,
    /// Set when what was taken so far is consistent.
    cursor: Option<Cursor>,
}

impl Batch {
    pub(super) const fn new(empty: Collector) -> Self {
        Self { changes: empty, changes_wait: None, losses: BTreeMap::new(), losses_wait: None, cursor: None }
    }

    /// Takes one thing that was observed.
    pub(super) fn take(&mut self, observed: Observed) {
        let now = Instant::now();
        self.cursor = None;
        if let Some(entry_id) = loss(&observed) {
            Wait::on(&mut self.losses_wait, now);
            self.losses.insert(entry_id.to_owned(), observed);
            return;
        }
        if entry_id(&observed).is_some_and(|id| self.losses.remove(id).is_some()) && self.losses.is_empty() {
            self.losses_wait = None;
        }
        Wait::on(&mut self.changes_wait, now);
        self.changes.take(observed);
    }

    /// Everything up to here was told.
    pub(super) fn in_step(&mut self, cursor: Cursor) {
        self.cursor = Some(cursor);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.changes_wait.is_none() && self.losses_wait.is_none()
    }

    /// When something is to be applied. Only what is consistent is applied: before that, nothing is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.cursor.as_ref()?;
        let changes = self.changes_wait.as_ref().map(Wait::changes_due);
        let losses = self.losses_wait.as_ref().map(Wait::losses_due);
        changes.into_iter().chain(losses).min()
    }

    /// What is applied now, and the place after it, which is one to go on from only when nothing waits any more.
    pub(super) fn ready(&mut self, empty: Collector) -> (Collector, Option<Cursor>) {
        let mut ready = std::mem::replace(&mut self.changes, empty);
        self.changes_wait = None;
        if self.losses_wait.is_some_and(|wait| wait.losses_due() <= Instant::now()) {
            self.losses_wait = None;
            for (_, loss) in std::mem::take(&mut self.losses) {
                ready.take(loss);
            }
        }
        (ready, self.cursor.take_if(|_| self.losses.is_empty()))
    }
}

/// The entry id of whoever leaves, when that is what is observed.
pub(super) fn loss(observed: &Observed) -> Option<&str> {
    let leaves = match observed {
        Observed::Gone { .. } => true,
        Observed::Person(person) => !person.enabled,
        Observed::Group(_) | Observed::Unusable { .. } | Observed::Note { .. } | Observed::Roll(_) => false,
    };
    entry_id(observed).filter(|_| leaves)
}

fn entry_id(observed: &Observed) -> Option<&str> {
    match observed {
        Observed::Gone { entry_id, .. } => Some(entry_id),
        Observed::Person(person) => Some(&person.record.entry_id),
        Observed::Group(group) => Some(&group.record.entry_id),
        Observed::Unusable { entry_id, .. } => entry_id.as_deref(),
        Observed::Note { .. } | Observed::Roll(_) => None,
    }
}
