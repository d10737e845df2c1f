//! Which runs this process is working on right now.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use freehold_types::{Mint, SyncRunId};
use uuid::Uuid;

/// Runs of this process. A run leaves the list when its work is dropped, however that came about.
#[derive(Clone)]
pub(crate) struct Running {
    process: Uuid,
    runs: Arc<Mutex<BTreeSet<SyncRunId>>>,
}

/// Keeps a run on the list for as long as it lives.
pub(crate) struct Work {
    list: Running,
    id: SyncRunId,
}

impl Running {
    pub(crate) fn new(mint: &Mint) -> Self {
        let process: SyncRunId = mint.id();
        Self { process: process.uuid(), runs: Arc::default() }
    }

    /// What tells this process from others, and from itself before a restart.
    pub(crate) const fn process(&self) -> Uuid {
        self.process
    }

    pub(crate) fn has(&self, id: SyncRunId) -> bool {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    pub(crate) fn work_on(&self, id: SyncRunId) -> Work {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        Work { list: self.clone(), id }
    }
}

impl Work {
    pub(crate) const fn id(&self) -> SyncRunId {
        self.id
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.list.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
