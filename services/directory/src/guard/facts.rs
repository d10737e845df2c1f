//! Gathers what the guard looks at. Records are opened only where the counts alone give a reason to look.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryGroupId, DirectoryId, Fault, PersonId};

use super::{Facts, SHARE_FLOOR_PEOPLE, Seen};
use crate::diff::{ChangeKind, ChangeSet};
use crate::known::{Edge, Known, Member};
use crate::reading::{Reading, Scope, SeenPerson, normalise};
use crate::{journal, store};

/// More missing people than this are looked at for what they have in common.
pub(crate) const HANDFUL: usize = 5;
/// The window in which deactivations of the service itself add up.
const WINDOW: TimeDelta = TimeDelta::hours(24);
/// People whose records are opened at once.
const OPEN_MAX: usize = 500;

/// What the guard looks at, and what waits when it holds.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub facts: Facts,
    /// People to whom nothing may happen while the change set waits.
    pub wait: BTreeSet<PersonId>,
    /// Memberships that an undo took back.
    pub wait_edges: BTreeSet<Edge>,
}

/// People who are not in the directory any more.
pub(crate) fn missing(set: &ChangeSet) -> Vec<PersonId> {
    set.leavers().filter(|change| change.seen.is_none()).map(|change| change.id).collect()
}

pub(crate) async fn gather(
    tx: &TenantTx,
    directory: DirectoryId,
    reading: &Reading,
    known: &Known,
    set: &ChangeSet,
) -> Result<Gathered, Fault> {
    let mut gathered = Gathered::default();
    let facts = &mut gathered.facts;
    if reading.people_scope == Scope::Whole {
        facts.seen = Some(Seen { people: reading.people.len(), groups: reading.groups.len() });
    }
    let missing = missing(set);
    facts.missing = missing.len();
    if set.count(ChangeKind::Deactivate) > 0 {
        facts.left_before = store::sync_run::deactivated_since(tx, directory, tx.mint().now() - WINDOW).await?;
    }
    if missing.len() > HANDFUL && reading.people_scope == Scope::Whole {
        facts.shape = shape(tx, reading, known, &missing).await?;
    }
    facts.group_names = names(tx, set.shrinking.iter().map(|(group, ..)| *group)).await?;
    gathered.blanks(tx, reading, set).await?;
    gathered.undone(tx, directory, set).await?;
    Ok(gathered)
}

impl Gathered {
    /// The field that most people would lose.
    async fn blanks(&mut self, tx: &TenantTx, reading: &Reading, set: &ChangeSet) -> Result<(), Fault> {
        if set.count(ChangeKind::Change) <= SHARE_FLOOR_PEOPLE {
            return Ok(());
        }
        let changed = set.people.iter().filter(|change| change.kind == ChangeKind::Change);
        let changed: BTreeMap<PersonId, &SeenPerson> =
            changed.filter_map(|change| Some((change.id, reading.people.get(change.seen?)?))).collect();
        let ids: Vec<PersonId> = changed.keys().copied().collect();
        let mut losing = BTreeMap::<&'static str, BTreeSet<PersonId>>::new();
        for part in ids.chunks(OPEN_MAX) {
            for old in store::person::list(tx, part).await? {
                let Some(seen) = changed.get(&old.id) else { continue };
                let new = reading.record(seen)?;
                let after = new.fields();
                let before = old.record.fields().into_iter().filter(|(_, value)| !value.is_empty());
                for (field, _) in before.filter(|(field, _)| after.get(field).is_some_and(|value| value.is_empty())) {
                    losing.entry(field).or_default().insert(old.id);
                }
                if (old.manager.is_some() || old.missing_manager.is_some()) && seen.manager_dn.is_none() {
                    losing.entry("manager").or_default().insert(old.id);
                }
            }
        }
        if let Some((field, people)) = losing.into_iter().max_by_key(|(_, people)| people.len()) {
            let count = u64::try_from(people.len()).unwrap_or(u64::MAX);
            self.facts.blanked = Some((field, count));
            self.wait.extend(people.into_iter().filter(|_| count > SHARE_FLOOR_PEOPLE));
        }
        Ok(())
    }

    /// What an undo made otherwise and this would do again.
    async fn undone(&mut self, tx: &TenantTx, directory: DirectoryId, set: &ChangeSet) -> Result<(), Fault> {
        let people: BTreeSet<_> = set.people.iter().filter(|change| change.restored).map(|change| change.id).collect();
        if !(set.added.is_empty() && set.removed.is_empty())
            && let Some(undo) = store::sync_run::last_undo(tx, directory).await?
        {
            let (mut added, mut removed) = (BTreeSet::new(), BTreeSet::new());
            for id in store::sync_change::ids(tx, undo).await? {
                let Some(batch) = store::sync_change::get(tx, id).await? else { continue };
                added.extend(journal::decode(&batch.added));
                removed.extend(journal::decode(&batch.removed));
            }
            self.wait_edges.extend(set.removed.iter().filter(|edge| added.contains(edge)));
            self.wait_edges.extend(set.added.iter().filter(|edge| removed.contains(edge)));
        }
        self.facts.undone = people.len().saturating_add(self.wait_edges.len());
        self.wait.extend(people);
        Ok(())
    }
}

/// Names of directory groups.
pub(crate) async fn names(
    tx: &TenantTx,
    groups: impl Iterator<Item = DirectoryGroupId>,
) -> Result<BTreeMap<DirectoryGroupId, String>, Fault> {
    let ids: Vec<_> = groups.collect();
    let mut names = BTreeMap::new();
    for part in ids.chunks(OPEN_MAX) {
        let found = store::directory_group::list(tx, part).await?;
        names.extend(found.into_iter().map(|(id, record, _dn)| (id, record.name)));
    }
    Ok(names)
}

/// What all missing people have in common and nobody who stays has.
async fn shape(tx: &TenantTx, reading: &Reading, known: &Known, missing: &[PersonId]) -> Result<Option<String>, Fault> {
    let mut gone = Vec::with_capacity(missing.len());
    for part in missing.chunks(OPEN_MAX) {
        let people = store::person::list(tx, part).await?;
        gone.extend(people.into_iter().filter_map(|person| normalise(&person.record.distinguished_name)));
    }
    let staying = |seen| Ok(normalise(&reading.record(seen)?.distinguished_name).unwrap_or_default());
    if let Some(container) = emptied_container(&gone, reading.people.iter().map(staying))? {
        return Ok(Some(format!("all were in {container}, where nobody is left")));
    }
    let missing: BTreeSet<_> = missing.iter().copied().collect();
    let Some(group) = emptied_group(&missing, known) else { return Ok(None) };
    let name = names(tx, std::iter::once(group)).await?.remove(&group).unwrap_or_else(|| group.to_string());
    Ok(Some(format!("they are everybody in the directory group {name}")))
}

/// The smallest container that held all of `gone`, when none of `staying` is in it. Names are normalised.
fn emptied_container(
    gone: &[String],
    staying: impl Iterator<Item = Result<String, Fault>>,
) -> Result<Option<String>, Fault> {
    let Some(container) = common_container(gone) else { return Ok(None) };
    for dn in staying {
        if within(&dn?, container) {
            return Ok(None);
        }
    }
    Ok(Some(container.to_owned()))
}

fn common_container(names: &[String]) -> Option<&str> {
    let mut parents = names.iter().map(|dn| parent(dn));
    let mut container = parents.next()??;
    for other in parents {
        let other = other?;
        while !within(other, container) {
            container = parent(container)?;
        }
    }
    Some(container)
}

/// A comma inside of a value is escaped, so the first one ends the first component.
fn parent(dn: &str) -> Option<&str> {
    dn.split_once(',').map(|(_, parent)| parent)
}

fn within(dn: &str, container: &str) -> bool {
    dn.strip_suffix(container).is_some_and(|above| above.is_empty() || above.ends_with(','))
}

/// A directory group whose people were all of `missing` and nobody else.
fn emptied_group(missing: &BTreeSet<PersonId>, known: &Known) -> Option<DirectoryGroupId> {
    let mut members = BTreeMap::<DirectoryGroupId, (usize, usize)>::new();
    let active: BTreeSet<_> = known.people.iter().filter(|person| person.active).map(|person| person.id).collect();
    for (group, member) in &known.edges {
        let Member::Person(person) = member else { continue };
        let (of_missing, of_staying) = members.entry(*group).or_default();
        if missing.contains(person) {
            *of_missing = of_missing.saturating_add(1);
        } else if active.contains(person) {
            *of_staying = of_staying.saturating_add(1);
        }
    }
    let all = |(_, (of_missing, of_staying)): &(&DirectoryGroupId, &(usize, usize))| {
        *of_missing == missing.len() && *of_staying == 0
    };
    members.iter().find(all).map(|(group, _)| *group)
}

#[cfg(test)]
mod tests;
