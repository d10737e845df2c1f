//! Takes a run back: who was active is active again, and who was in which group. What changed since then stays, and is
//! told. An undo is a run of its own, so it can be undone as well.

use std::collections::BTreeMap;

use freehold_audit::{Event, Label, record};
use freehold_schema::field::directory::DIRECTORY_GROUP_ENTRY;
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryGroupId, DirectoryId, Fault, PersonId, SyncRunId};
use uuid::Uuid;

use crate::apply::{Writer, micros, person_before, relink, tell_left};
use crate::directory::{self, Directory};
use crate::identity::Link;
use crate::journal::{self, Batch, GroupBefore, PersonBefore, PersonState};
use crate::known::Edge;
use crate::person::Person;
use crate::progress::Progress;
use crate::reading::{Key, Skips};
use crate::record::{GroupRecord, Record};
use crate::store::person::Write;
use crate::sync::{Wish, alive, conclude, wait_to_start};
use crate::sync_run::{RunKind, State, SyncRun};
use crate::{Deps, fault, store};

/// Undoes a run. An undo that fails is an answer, not an error; an error means that nothing began.
///
/// # Errors
/// Not found; conflict when the run is under way, was undone already, or its journal is gone.
pub(crate) async fn run(
    deps: &Deps,
    caller: &Caller,
    directory_name: &str,
    undone: SyncRunId,
    progress: &Progress,
) -> Result<(SyncRun, String), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let wanted = store::sync_run::get(&tx, undone).await?.ok_or_else(|| fault::sync_run_not_found(undone))?;
    let directory = match directory_name {
        "" => directory::with_id(&tx, wanted.directory).await?,
        name => directory::find(&tx, name).await?,
    };
    drop(tx);
    if directory.id != wanted.directory {
        return Err(fault::sync_run_not_found(undone));
    }
    let (mut run, work) = wait_to_start(deps, caller, &directory, RunKind::Undo, progress).await?;
    run.undoes = Some(undone);
    let carry_out = carry_out(deps, caller, &directory, undone, &mut run, progress);
    let ended = Box::pin(alive(deps, caller, &work, carry_out)).await;
    conclude(deps, caller, &Wish::default(), &mut run, ended).await?;
    Ok((run, directory.settings.name))
}

async fn carry_out(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    undone: SyncRunId,
    run: &mut SyncRun,
    progress: &Progress,
) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    // Read again now that no other run is under way.
    let wanted = store::sync_run::get(&tx, undone).await?.ok_or_else(|| fault::sync_run_not_found(undone))?;
    let batches = store::sync_change::ids(&tx, undone).await?;
    let now = tx.mint().now();
    drop(tx);
    if let Some(by) = wanted.undone_by {
        return Err(fault::undone_already(undone, by));
    }
    if batches.is_empty() && wanted.started_at + journal::KEPT < now {
        return Err(fault::journal_gone(undone));
    }
    let writer = Writer { deps, caller, directory: directory.id, run: run.id };
    // Forgotten first: whatever happens next, the next run reads everything.
    writer.cursor(None, false).await?;
    let mut undo = Undo { writer, skips: Skips::default(), run };
    let total = u64::try_from(batches.len()).unwrap_or_default();
    for (done, id) in (1_u64..).zip(batches) {
        let tx = deps.tenancy.begin(caller).await?;
        let batch = store::sync_change::get(&tx, id).await?;
        drop(tx);
        if let Some(batch) = batch {
            undo.batch(&batch, progress).await?;
        }
        progress.tell("undoing", done, total);
    }
    let Undo { writer, skips, run } = undo;
    writer.tell_people_changed().await?;
    run.tell(&skips);
    run.counts.skipped = i64::try_from(skips.count).unwrap_or(i64::MAX);
    run.state = State::Done;
    mark(&writer, wanted).await
}

/// Says on the undone run who undid it.
async fn mark(writer: &Writer<'_>, mut undone: SyncRun) -> Result<(), Fault> {
    let tx = writer.deps.tenancy.begin(writer.caller).await?;
    store::sync_run::beat(&tx, writer.run).await?;
    undone.undone_by = Some(writer.run);
    store::sync_run::update(&tx, &undone).await?;
    let directory = directory::with_id(&tx, writer.directory).await?;
    let directory = Label::new(&directory.settings.name);
    record(&tx, writer.caller, Event::SyncUndone { directory, run: writer.run, undone: undone.id }).await?;
    tx.commit().await
}

struct Undo<'a> {
    writer: Writer<'a>,
    skips: Skips,
    run: &'a mut SyncRun,
}

/// What became of the people of one batch.
#[derive(Default)]
struct Restored {
    journal: Vec<PersonBefore>,
    returned: i64,
    deactivated: i64,
    changed: i64,
    /// Distinguished names of people who changed since.
    later: Vec<String>,
}

impl Undo<'_> {
    async fn batch(&mut self, batch: &Batch, progress: &Progress) -> Result<(), Fault> {
        self.groups(&batch.groups).await?;
        let (added, removed) = (journal::decode(&batch.removed), journal::decode(&batch.added));
        let (added, removed) = self.still_possible(added, removed).await?;
        self.writer.memberships(&added, &removed, progress).await?;
        let counts = &mut self.run.counts;
        let length = |edges: &[Edge]| i64::try_from(edges.len()).unwrap_or(i64::MAX);
        counts.memberships_added = counts.memberships_added.saturating_add(length(&added));
        counts.memberships_removed = counts.memberships_removed.saturating_add(length(&removed));
        self.people(batch).await
    }

    /// Only what is not so already, in groups that are there.
    async fn still_possible(&self, added: Vec<Edge>, removed: Vec<Edge>) -> Result<(Vec<Edge>, Vec<Edge>), Fault> {
        if added.is_empty() && removed.is_empty() {
            return Ok((added, removed));
        }
        let tx = self.writer.deps.tenancy.begin(self.writer.caller).await?;
        let there = store::directory_group::all_members(&tx).await?;
        let groups = store::directory_group::known(&tx, self.writer.directory).await?;
        drop(tx);
        let groups: std::collections::BTreeSet<_> = groups.into_iter().map(|group| group.id).collect();
        let added = added.into_iter().filter(|edge| groups.contains(&edge.0) && !there.contains(edge)).collect();
        let removed = removed.into_iter().filter(|edge| there.contains(edge)).collect();
        Ok((added, removed))
    }

    async fn groups(&mut self, groups: &[GroupBefore]) -> Result<(), Fault> {
        let mut created = Vec::new();
        let mut records = Vec::<(DirectoryGroupId, GroupRecord, Option<Key>)>::new();
        let tx = self.writer.deps.tenancy.begin(self.writer.caller).await?;
        for group in groups {
            let Ok(id) = Uuid::from_slice(&group.id).map(DirectoryGroupId::from_uuid) else { continue };
            let there = !store::directory_group::list(&tx, &[id]).await?.is_empty();
            let Some(record) = &group.record else {
                created.extend(there.then_some(id));
                continue;
            };
            let key = tx.keys().index(DIRECTORY_GROUP_ENTRY, record.entry_id.as_bytes());
            if !there && store::directory_group::any_with_key(&tx, self.writer.directory, &[key]).await? {
                self.skips.push(&record.distinguished_name, "the group came back by itself since; it stays as it is");
                continue;
            }
            let dn = group.dn.as_deref().and_then(|dn| dn.try_into().ok());
            records.push((id, record.clone(), dn));
        }
        drop(tx);
        let writes: Vec<_> = records.iter().map(|(id, record, dn)| (*id, record, *dn)).collect();
        self.writer.groups(&writes).await?;
        let tx = self.writer.deps.tenancy.begin(self.writer.caller).await?;
        let members = if created.is_empty() {
            std::collections::BTreeSet::new()
        } else {
            store::directory_group::all_members(&tx).await?
        };
        drop(tx);
        created.retain(|group| !members.iter().any(|(of, _)| of == group));
        self.writer.gone_groups(&created).await
    }

    async fn people(&mut self, batch: &Batch) -> Result<(), Fault> {
        if batch.people.is_empty() {
            return Ok(());
        }
        let mut restored = Restored::default();
        let undo = self.writer.run;
        self.writer
            .batch(async |tx| {
                let ids: Vec<PersonId> = batch.people.iter().filter_map(|person| person_id(&person.id)).collect();
                let stored = store::person::list(tx, &ids).await?;
                let stored: BTreeMap<PersonId, Person> = stored.into_iter().map(|p| (p.id, p)).collect();
                let moved =
                    |person: &PersonBefore| person.before.as_ref().is_some_and(|before| before.directory.is_some());
                let some_moved = batch.people.iter().any(moved);
                let links = if some_moved { store::directory_link::all(tx).await? } else { Vec::new() };
                let now = tx.mint().now();
                let mut writes = Vec::with_capacity(batch.people.len());
                for before in &batch.people {
                    let Some(person) = person_id(&before.id).and_then(|id| stored.get(&id)) else { continue };
                    if micros(person.updated_at) == batch.written_at {
                        writes.push(restored.take(person, before.before.as_ref(), &links, undo, now));
                    } else {
                        restored.later.push(person.record.distinguished_name.clone());
                    }
                }
                store::person::write(tx, &writes, now).await?;
                relink(tx, stored.values(), &writes).await?;
                left(tx, &stored, &writes).await?;
                let people = std::mem::take(&mut restored.journal);
                Ok(Batch { written_at: micros(now), people, ..Batch::default() })
            })
            .await?;
        crate::relay::deliver(self.writer.deps, self.writer.caller).await?;
        let counts = &mut self.run.counts;
        counts.returned = counts.returned.saturating_add(restored.returned);
        counts.deactivated = counts.deactivated.saturating_add(restored.deactivated);
        counts.changed = counts.changed.saturating_add(restored.changed);
        for dn in restored.later {
            self.skips.push(&dn, "the person changed since that run and stays as they are");
        }
        Ok(())
    }
}

/// Sessions of those who lose access end.
async fn left(tx: &TenantTx, before: &BTreeMap<PersonId, Person>, writes: &[Write<'_>]) -> Result<(), Fault> {
    let was_active = |id| before.get(&id).is_some_and(|person| person.active);
    tell_left(tx, writes.iter().filter(|write| !write.active && was_active(write.id)).map(|write| write.id)).await
}

impl Restored {
    /// The person as before the run; who joined with it is deactivated.
    fn take<'a>(
        &mut self,
        person: &'a Person,
        before: Option<&'a PersonState>,
        links: &[Link],
        undo: SyncRunId,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Write<'a> {
        let record: &Record = before.and_then(|before| before.record.as_ref()).unwrap_or(&person.record);
        let directory = before.and_then(|before| before.directory.as_deref());
        let directory =
            directory.and_then(|id| Uuid::from_slice(id).ok()).map_or(person.directory, DirectoryId::from_uuid);
        self.journal.push(person_before(person.id, Some(person), record, directory));
        let link = links.iter().find(|link| link.person == person.id && link.directory == directory);
        let dn = if directory == person.directory { person.dn } else { link.map(|link| link.dn) };
        let active = before.is_some_and(|before| before.active);
        let count = match (person.active, active) {
            (false, true) => &mut self.returned,
            (true, false) => &mut self.deactivated,
            _ => &mut self.changed,
        };
        *count = count.saturating_add(1);
        let deactivated_at = before.and_then(|before| before.deactivated_at);
        let deactivated_at = deactivated_at.and_then(chrono::DateTime::from_timestamp_micros).unwrap_or(now);
        Write {
            id: person.id,
            directory,
            record,
            active,
            manager: before.map_or(person.manager, |before| before.manager.as_deref().and_then(person_id)),
            administrator: before.is_some_and(|before| before.administrator),
            created_at: person.created_at,
            deactivated_at: (!active).then_some(deactivated_at),
            dn,
            missing_manager: before.map_or(person.missing_manager, |before| {
                before.missing_manager.as_deref().and_then(|dn| dn.try_into().ok())
            }),
            restored: Some(undo),
        }
    }
}

fn person_id(bytes: &[u8]) -> Option<PersonId> {
    Uuid::from_slice(bytes).ok().map(PersonId::from_uuid)
}

#[cfg(test)]
mod tests;
