//! Writes a change set, in batches that are each whole. Stopping between two batches leaves a state that the next run
//! completes. Every batch writes down how things were before, so that the run can be undone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::PERSON_ENTRY;
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryGroupId, DirectoryId, Fault, PersonId, Service, SyncRunId};
use prost::Message as _;

use crate::diff::{ChangeKind, ChangeSet, PersonChange};
use crate::events::{PEOPLE_CHANGED, PEOPLE_LEFT, PeopleLeft};
use crate::identity::{Link, Links};
use crate::journal::{self, Batch, GroupBefore, PersonBefore, PersonState};
use crate::known::Edge;
use crate::origin::Cursor;
use crate::person::Person;
use crate::progress::Progress;
use crate::reading::{Key, Reading};
use crate::record::{GroupRecord, Record};
use crate::store::person::Write;
use crate::{Deps, fault, store};

/// People per transaction.
pub(crate) const BATCH_PEOPLE_MAX: usize = 500;
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

/// A group as it is to be written.
pub(crate) type GroupWrite<'a> = (DirectoryGroupId, &'a GroupRecord, Option<Key>);

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
        for batch in set.quiet.chunks(BATCH_PEOPLE_MAX) {
            self.batch(async |tx| store::person::write_names(tx, batch).await.map(|()| Batch::default())).await?;
        }
        let groups: Vec<GroupWrite<'_>> = set
            .groups
            .iter()
            .filter_map(|change| reading.groups.get(change.seen).map(|seen| (change.id, &seen.record, Some(seen.dn))))
            .collect();
        self.groups(&groups).await?;
        self.memberships(&set.added, &set.removed, progress).await?;
        self.gone_groups(&set.gone_groups).await?;
        if !set.is_empty() {
            self.tell_people_changed().await?;
        }
        Ok(())
    }

    /// Says that people or groups changed, and delivers it.
    pub(crate) async fn tell_people_changed(&self) -> Result<(), Fault> {
        self.batch(async |tx| tx.put_event(Service::Directory, PEOPLE_CHANGED, &[]).await.map(|()| Batch::default()))
            .await?;
        crate::relay::deliver(self.deps, self.caller).await
    }

    /// Writes groups, new ones and known ones alike.
    pub(crate) async fn groups(&self, groups: &[GroupWrite<'_>]) -> Result<(), Fault> {
        for batch in groups.chunks(BATCH_GROUPS_MAX) {
            let ids: Vec<_> = batch.iter().map(|(id, ..)| *id).collect();
            self.batch(async |tx| {
                let before = groups_before(tx, &ids).await?;
                store::directory_group::write(tx, self.directory, batch).await?;
                Ok(Batch { groups: before, ..Batch::default() })
            })
            .await?;
        }
        Ok(())
    }

    /// Removes groups; their memberships are removed as such.
    pub(crate) async fn gone_groups(&self, groups: &[DirectoryGroupId]) -> Result<(), Fault> {
        for batch in groups.chunks(BATCH_GROUPS_MAX) {
            self.batch(async |tx| {
                let before = groups_before(tx, batch).await?;
                store::directory_group::remove(tx, batch).await?;
                Ok(Batch { groups: before, ..Batch::default() })
            })
            .await?;
        }
        Ok(())
    }

    /// Removes and adds memberships.
    pub(crate) async fn memberships(&self, added: &[Edge], removed: &[Edge], progress: &Progress) -> Result<(), Fault> {
        let total = removed.len().saturating_add(added.len());
        let mut done = 0_usize;
        let mut tell = |part: usize| {
            done = done.saturating_add(part);
            let count = |number| u64::try_from(number).unwrap_or_default();
            progress.tell("applying memberships", count(done), count(total));
        };
        for batch in removed.chunks(BATCH_MEMBERSHIPS_MAX) {
            self.batch(async |tx| {
                store::directory_group::remove_members(tx, batch).await?;
                Ok(Batch { removed: journal::encode(batch), ..Batch::default() })
            })
            .await?;
            tell(batch.len());
        }
        for batch in added.chunks(BATCH_MEMBERSHIPS_MAX) {
            self.batch(async |tx| {
                store::directory_group::add_members(tx, batch).await?;
                Ok(Batch { added: journal::encode(batch), ..Batch::default() })
            })
            .await?;
            tell(batch.len());
        }
        Ok(())
    }

    /// Writes who is a person of another directory, and who is another one's from now on; that one is read again as a
    /// whole.
    pub(crate) async fn links(&self, links: &Links) -> Result<(), Fault> {
        if links.is_empty() {
            return Ok(());
        }
        self.batch(async |tx| {
            store::directory_link::remove(tx, self.directory, &links.gone).await?;
            store::directory_link::put(tx, &links.put).await?;
            Ok(Batch::default())
        })
        .await?;
        for part in links.handed_over.chunks(BATCH_PEOPLE_MAX) {
            self.batch(async |tx| hand_over(tx, part).await).await?;
        }
        Ok(())
    }

    /// Stores how far the directory was read, or forgets it.
    pub(crate) async fn cursor(&self, cursor: Option<&Cursor>, others_too: bool) -> Result<(), Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        store::sync_run::beat(&tx, self.run).await?;
        match cursor {
            Some(cursor) => store::directory_cursor::put(&tx, self.directory, cursor).await?,
            None => store::directory_cursor::remove(&tx, self.directory).await?,
        }
        if others_too {
            store::directory_cursor::remove_others(&tx, self.directory).await?;
        }
        tx.commit().await
    }

    /// Says that no loss waits for an approval any more.
    pub(crate) async fn nothing_waits(&self) -> Result<(), Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        store::sync_run::beat(&tx, self.run).await?;
        store::directory_follow::nothing_waits(&tx, self.directory).await?;
        tx.commit().await
    }

    /// Writes one batch, what it was before, and nothing when the run was taken over.
    pub(crate) async fn batch(&self, write: impl AsyncFnOnce(&TenantTx) -> Result<Batch, Fault>) -> Result<(), Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        store::sync_run::beat(&tx, self.run).await?;
        let before = write(&tx).await?;
        if before != Batch::default() {
            store::sync_change::insert(&tx, self.run, &before).await?;
        }
        store::people_version::advance(&tx).await?;
        tx.commit().await
    }
}

async fn hand_over(tx: &TenantTx, links: &[Link]) -> Result<Batch, Fault> {
    let ids: Vec<PersonId> = links.iter().map(|link| link.person).collect();
    let stored = store::person::list(tx, &ids).await?;
    let now = tx.mint().now();
    store::person::hand_over(tx, links, now).await?;
    let mut people = Vec::with_capacity(stored.len());
    for person in &stored {
        let Some(link) = links.iter().find(|link| link.person == person.id) else { continue };
        store::directory_link::remove(tx, link.directory, &[person.id]).await?;
        store::directory_cursor::remove(tx, link.directory).await?;
        people.push(person_before(person.id, Some(person), &person.record, link.directory));
    }
    Ok(Batch { written_at: micros(now), people, ..Batch::default() })
}

async fn groups_before(tx: &TenantTx, ids: &[DirectoryGroupId]) -> Result<Vec<GroupBefore>, Fault> {
    let stored = store::directory_group::list(tx, ids).await?;
    let mut stored: BTreeMap<_, _> = stored.into_iter().map(|(id, record, dn)| (id, (record, dn))).collect();
    let before = ids.iter().map(|id| {
        let (record, dn) = stored.remove(id).map_or((None, None), |(record, dn)| (Some(record), dn));
        GroupBefore { id: id.uuid().as_bytes().to_vec(), record, dn: dn.map(|dn| dn.to_vec()) }
    });
    Ok(before.collect())
}

async fn write_people(
    tx: &TenantTx,
    directory: DirectoryId,
    reading: &Reading,
    batch: &[PersonChange],
) -> Result<Batch, Fault> {
    let known: Vec<PersonId> =
        batch.iter().filter(|change| change.kind != ChangeKind::Join).map(|change| change.id).collect();
    let stored = store::person::list(tx, &known).await?;
    let stored: BTreeMap<PersonId, Person> = stored.into_iter().map(|person| (person.id, person)).collect();
    let now = tx.mint().now();
    let mut writes = Vec::with_capacity(batch.len());
    let mut before = Vec::with_capacity(batch.len());
    let records = records(reading, batch, &stored)?;
    for (change, record) in batch.iter().zip(&records) {
        let old = stored.get(&change.id);
        let leaves = change.kind == ChangeKind::Deactivate;
        before.push(person_before(change.id, old, record, directory));
        writes.push(Write {
            id: change.id,
            directory,
            record,
            active: !leaves,
            manager: change.manager,
            administrator: change.administrator,
            created_at: old.map_or(now, |person| person.created_at),
            deactivated_at: leaves.then_some(now),
            dn: change.dn,
            missing_manager: change.missing_manager,
            restored: None,
        });
    }
    store::person::write(tx, &writes, now).await?;
    relink(tx, stored.values(), &writes).await?;
    let left = batch.iter().filter(|change| change.kind == ChangeKind::Deactivate).map(|change| change.id);
    tell_left(tx, left).await?;
    Ok(Batch { written_at: micros(now), people: before, ..Batch::default() })
}

/// As they are to be written: as they were seen, or as they are when they were not.
fn records<'a>(
    reading: &Reading,
    batch: &[PersonChange],
    stored: &'a BTreeMap<PersonId, Person>,
) -> Result<Vec<Cow<'a, Record>>, Fault> {
    let record = |change: &PersonChange| match change.seen.and_then(|place| reading.people.get(place)) {
        Some(seen) => reading.record(seen).map(Cow::Owned),
        None => {
            let old = stored.get(&change.id).ok_or_else(|| fault::record_missing(change.id))?;
            Ok(Cow::Borrowed(&old.record))
        }
    };
    batch.iter().map(record).collect()
}

/// Writes down who left, so that their sessions end.
pub(crate) async fn tell_left(tx: &TenantTx, left: impl Iterator<Item = PersonId>) -> Result<(), Fault> {
    let event = PeopleLeft { person_ids: left.map(|id| id.to_string()).collect() };
    if event.person_ids.is_empty() {
        return Ok(());
    }
    tx.put_event(Service::Directory, PEOPLE_LEFT, &event.encode_to_vec()).await
}

/// Keeps what the directory that told of a person until now says of them, and forgets the same of the one that tells
/// of them now.
pub(crate) async fn relink(
    tx: &TenantTx,
    before: impl Iterator<Item = &Person>,
    writes: &[Write<'_>],
) -> Result<(), Fault> {
    let now: BTreeMap<PersonId, DirectoryId> = writes.iter().map(|write| (write.id, write.directory)).collect();
    for person in before {
        let Some(directory) = now.get(&person.id).filter(|directory| **directory != person.directory) else { continue };
        store::directory_link::remove(tx, *directory, &[person.id]).await?;
        if let Some(dn) = person.dn {
            let key = tx.keys().index(PERSON_ENTRY, person.record.entry_id.as_bytes());
            let link = Link { directory: person.directory, key, person: person.id, dn, enabled: person.active };
            store::directory_link::put(tx, &[link]).await?;
        }
    }
    Ok(())
}

/// How a person is before `record` of `directory` is written over it.
pub(crate) fn person_before(
    id: PersonId,
    old: Option<&Person>,
    record: &Record,
    directory: DirectoryId,
) -> PersonBefore {
    let before = old.map(|old| PersonState {
        directory: (old.directory != directory).then(|| old.directory.uuid().as_bytes().to_vec()),
        active: old.active,
        manager: old.manager.map(|id| id.uuid().as_bytes().to_vec()),
        administrator: old.administrator,
        record: (old.record != *record).then(|| old.record.clone()),
        missing_manager: old.missing_manager.map(|dn| dn.to_vec()),
        deactivated_at: old.deactivated_at.map(micros),
    });
    PersonBefore { id: id.uuid().as_bytes().to_vec(), before }
}

/// A moment as a journal writes it.
pub(crate) const fn micros(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_micros()
}
