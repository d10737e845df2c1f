//! Writes a change set, in batches that are each whole. Stopping between two batches leaves a state that the next run
//! completes.

use std::collections::BTreeMap;

use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryId, Fault, PersonId, Service, SyncRunId};
use prost::Message as _;

use crate::diff::{ChangeKind, ChangeSet, PersonChange};
use crate::events::{PEOPLE_CHANGED, PEOPLE_LEFT, PeopleLeft};
use crate::person::Person;
use crate::progress::Progress;
use crate::reading::Reading;
use crate::store::person::Write;
use crate::{Deps, fault, store};

/// People per transaction.
const BATCH_PEOPLE_MAX: usize = 500;
/// Directory groups per transaction.
const BATCH_GROUPS_MAX: usize = 500;
/// Memberships per transaction.
const BATCH_MEMBERSHIPS_MAX: usize = 5_000;

/// Writes for one run, and only for as long as nobody took that run for dead.
pub(crate) struct Writer<'a> {
    pub deps: &'a Deps,
    pub caller: &'a Caller,
    pub directory: DirectoryId,
    pub run: SyncRunId,
}

impl Writer<'_> {
    /// Writes everything. Events are written with what they tell of, and delivered after each batch.
    pub(crate) async fn change_set(
        &self,
        reading: &Reading,
        set: &ChangeSet,
        progress: &Progress,
    ) -> Result<(), Fault> {
        let total = u64::try_from(set.people.len()).unwrap_or_default();
        let mut done = 0_u64;
        for batch in set.people.chunks(BATCH_PEOPLE_MAX) {
            self.batch(async |tx| write_people(tx, self.directory, reading, batch).await).await?;
            if batch.iter().any(|change| change.kind == ChangeKind::Deactivate) {
                crate::relay::deliver(self.deps, self.caller).await?;
            }
            done = done.saturating_add(u64::try_from(batch.len()).unwrap_or_default());
            progress.tell("applying people", done, total);
        }
        self.groups(reading, set, progress).await?;
        if !(set.people.is_empty() && set.added.is_empty() && set.removed.is_empty() && set.gone_groups.is_empty()) {
            self.batch(async |tx| tx.put_event(Service::Directory, PEOPLE_CHANGED, &[]).await).await?;
            crate::relay::deliver(self.deps, self.caller).await?;
        }
        Ok(())
    }

    async fn groups(&self, reading: &Reading, set: &ChangeSet, progress: &Progress) -> Result<(), Fault> {
        let records: Vec<_> = set
            .groups
            .iter()
            .filter_map(|change| reading.groups.get(change.seen).map(|seen| (change.id, &seen.record)))
            .collect();
        for batch in records.chunks(BATCH_GROUPS_MAX) {
            self.batch(async |tx| store::directory_group::write(tx, self.directory, batch).await).await?;
        }
        let total = set.removed.len().saturating_add(set.added.len());
        let mut done = 0_usize;
        let mut tell = |part: usize| {
            done = done.saturating_add(part);
            let count = |number| u64::try_from(number).unwrap_or_default();
            progress.tell("applying memberships", count(done), count(total));
        };
        for batch in set.removed.chunks(BATCH_MEMBERSHIPS_MAX) {
            self.batch(async |tx| store::directory_group::remove_members(tx, batch).await).await?;
            tell(batch.len());
        }
        for batch in set.added.chunks(BATCH_MEMBERSHIPS_MAX) {
            self.batch(async |tx| store::directory_group::add_members(tx, batch).await).await?;
            tell(batch.len());
        }
        if !set.gone_groups.is_empty() {
            self.batch(async |tx| store::directory_group::remove(tx, &set.gone_groups).await).await?;
        }
        Ok(())
    }

    async fn batch(&self, write: impl AsyncFnOnce(&TenantTx) -> Result<(), Fault>) -> Result<(), Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        store::sync_run::beat(&tx, self.run).await?;
        write(&tx).await?;
        store::people_version::advance(&tx).await?;
        tx.commit().await
    }
}

async fn write_people(
    tx: &TenantTx,
    directory: DirectoryId,
    reading: &Reading,
    batch: &[PersonChange],
) -> Result<(), Fault> {
    let known: Vec<PersonId> =
        batch.iter().filter(|change| change.kind != ChangeKind::Join).map(|change| change.id).collect();
    let stored = store::person::list(tx, &known).await?;
    let stored: BTreeMap<PersonId, Person> = stored.into_iter().map(|person| (person.id, person)).collect();
    let now = tx.mint().now();
    let mut writes = Vec::with_capacity(batch.len());
    for change in batch {
        let old = stored.get(&change.id);
        let seen = change.seen.and_then(|place| reading.people.get(place)).map(|seen| &seen.record);
        let record =
            seen.or_else(|| old.map(|person| &person.record)).ok_or_else(|| fault::record_missing(change.id))?;
        let leaves = change.kind == ChangeKind::Deactivate;
        writes.push(Write {
            id: change.id,
            record,
            active: !leaves,
            manager: change.manager,
            administrator: change.administrator,
            created_at: old.map_or(now, |person| person.created_at),
            deactivated_at: leaves.then_some(now),
        });
    }
    store::person::write(tx, directory, &writes).await?;
    let left: Vec<_> =
        batch.iter().filter(|change| change.kind == ChangeKind::Deactivate).map(|change| change.id).collect();
    if !left.is_empty() {
        let event = PeopleLeft { person_ids: left.iter().map(ToString::to_string).collect() };
        tx.put_event(Service::Directory, PEOPLE_LEFT, &event.encode_to_vec()).await?;
    }
    Ok(())
}
