//! The store of what an IdP pushed, read as a whole.

use std::collections::VecDeque;

use freehold_types::{Caller, Fault};

use super::{Observed, Proof, Step};
use crate::Deps;
use crate::directory::Directory;
use crate::provisioning::observed;

/// A directory that an IdP fills.
pub(crate) struct Provisioned {
    deps: Deps,
    caller: Caller,
    directory: Directory,
}

impl Provisioned {
    pub(crate) fn open(deps: &Deps, caller: &Caller, directory: &Directory) -> Self {
        Self { deps: deps.clone(), caller: *caller, directory: directory.clone() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.directory.settings.name
    }

    pub(crate) async fn read(&self, people: bool) -> Result<Observations, Fault> {
        let tx = self.deps.tenancy.begin(&self.caller).await?;
        Ok(Observations(observed::all(&tx, &self.directory, people).await?))
    }
}

/// What is left to tell.
pub(crate) struct Observations(VecDeque<Observed>);

impl Observations {
    pub(crate) fn next(&mut self) -> Step {
        self.0.pop_front().map_or_else(|| Step::Complete(Proof::default()), Step::Observed)
    }
}
