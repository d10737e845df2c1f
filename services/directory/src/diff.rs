//! What a run would do: two lists in, a change set out. Pure, so that a preview and a run cannot differ.

mod groups;
mod people;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::{DirectoryGroupId, Fault, PersonId};
use uuid::Uuid;

use crate::known::{Edge, Known, KnownGroup, KnownPerson};
use crate::reading::{Key, Reading, Scope, SeenGroup, SeenPerson, Skips};
use people::Managers;
use view::View;

/// What happens to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    Deactivate,
    Return,
    Join,
    Change,
}

/// One person of a change set.
#[derive(Debug, Clone)]
pub(crate) struct PersonChange {
    pub kind: ChangeKind,
    pub id: PersonId,
    pub key: Key,
    /// Place in the reading; none when the directory does not list the person any more.
    pub seen: Option<usize>,
    pub manager: Option<PersonId>,
    /// A manager that the directory names and that was not found.
    pub missing_manager: Option<Key>,
    pub administrator: bool,
    /// The name as it is now; none when the directory does not list the person any more.
    pub dn: Option<Key>,
    /// Whether an undo had made the person what the directory does not say.
    pub restored: bool,
}

/// Somebody to whom nothing happens, though something has to be written down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quiet {
    pub id: PersonId,
    pub dn: Option<Key>,
}

/// A directory group whose record is new or changed.
#[derive(Debug, Clone)]
pub(crate) struct GroupChange {
    pub id: DirectoryGroupId,
    /// Place in the reading.
    pub seen: usize,
}

/// What a run would do. Deactivations come first: ending access is what must not wait.
#[derive(Debug, Default)]
pub(crate) struct ChangeSet {
    pub people: Vec<PersonChange>,
    /// No part of what is previewed, approved and counted.
    pub quiet: Vec<Quiet>,
    pub groups: Vec<GroupChange>,
    pub gone_groups: Vec<DirectoryGroupId>,
    pub added: Vec<Edge>,
    pub removed: Vec<Edge>,
    /// Whether a name is new or changed, so that another directory may refer to it now.
    pub new_names: bool,
    pub unchanged_count: u64,
    pub active_before_count: u64,
    /// Administrators among the people of this directory, before and after.
    pub administrators_before_count: usize,
    pub administrators_after_count: usize,
    /// Members before and after, of every group that loses any.
    pub shrinking: Vec<(DirectoryGroupId, usize, usize)>,
    /// The same directory against the same store gives the same bytes, whatever ids newcomers are given.
    pub fingerprint: Vec<u8>,
}

impl ChangeSet {
    /// Whether it changes nothing.
    pub(crate) const fn is_empty(&self) -> bool {
        self.people.is_empty()
            && self.groups.is_empty()
            && self.gone_groups.is_empty()
            && self.added.is_empty()
            && self.removed.is_empty()
    }

    /// What may be done while the rest waits for an approval: nobody leaves, no membership is lost, and nothing
    /// happens to `wait` or in `wait_edges`.
    pub(crate) fn without_losses(&self, known: &Known, wait: &BTreeSet<PersonId>, wait_edges: &BTreeSet<Edge>) -> Self {
        let administrators: BTreeSet<_> = known.people.iter().filter(|p| p.administrator).map(|p| p.id).collect();
        let may = |change: &&PersonChange| change.kind != ChangeKind::Deactivate && !wait.contains(&change.id);
        let keep = |change: &PersonChange| PersonChange {
            administrator: change.administrator || administrators.contains(&change.id),
            ..change.clone()
        };
        Self {
            people: self.people.iter().filter(may).map(keep).collect(),
            quiet: self.quiet.clone(),
            groups: self.groups.clone(),
            added: self.added.iter().filter(|edge| !wait_edges.contains(edge)).copied().collect(),
            new_names: self.new_names,
            unchanged_count: self.unchanged_count,
            active_before_count: self.active_before_count,
            ..Self::default()
        }
    }

    /// Those who leave.
    pub(crate) fn leavers(&self) -> impl Iterator<Item = &PersonChange> {
        self.people.iter().filter(|change| change.kind == ChangeKind::Deactivate)
    }

    pub(crate) fn count(&self, kind: ChangeKind) -> u64 {
        let count = self.people.iter().filter(|change| change.kind == kind).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    }
}

/// Where newcomers' ids come from.
pub(crate) trait NewIds {
    fn person(&self) -> PersonId;
    fn group(&self) -> DirectoryGroupId;
}

/// Whether a part can be compared only with the whole list of groups: a name that is new or changed may stand in any of
/// them.
pub(crate) fn needs_all_groups(reading: &Reading, known: &Known) -> bool {
    let people: BTreeMap<Key, &KnownPerson> = known.people.iter().map(|person| (person.key, person)).collect();
    let groups: BTreeMap<Key, &KnownGroup> = known.groups.iter().map(|group| (group.key, group)).collect();
    let new_name = |seen: &SeenPerson| match people.get(&seen.key) {
        None => seen.enabled,
        // Who leaves under another name stays where references go with the name.
        Some(person) => {
            let moved = person.dn != Some(seen.dn) && (seen.enabled || !known.references_follow);
            moved || (seen.enabled && !person.active)
        }
    };
    let new_group = |seen: &SeenGroup| groups.get(&seen.key).is_none_or(|known| known.dn != Some(seen.dn));
    reading.groups_scope == Scope::Part && (reading.people.iter().any(new_name) || reading.groups.iter().any(new_group))
}

/// Compares. `administrators_dn` is the name of the directory group that administers the tenant.
///
/// # Errors
/// When the record of somebody who must be reported cannot be read back.
pub(crate) fn changes(
    reading: &Reading,
    known: &Known,
    administrators_dn: Option<(&str, Key)>,
    ids: &dyn NewIds,
    skips: &mut Skips,
) -> Result<ChangeSet, Fault> {
    let view = View::new(reading, known, ids);
    let managers = Managers::new(reading, &view, known, skips)?;
    let edges = groups::edges(reading, known, &view, skips);
    let administrators = people::administrators(administrators_dn, &view, known, &edges, skips);

    let totals = known.totals();
    let mut set = ChangeSet {
        active_before_count: totals.active,
        administrators_before_count: totals.administrators,
        ..ChangeSet::default()
    };
    people::compare(&mut set, &view, &managers, &administrators);
    groups::compare(&mut set, known, &view, &edges);
    let stay = |person: &&view::Person<'_>| person.stays() && administrators.contains(&person.id);
    set.administrators_after_count = if known.totals.is_some() {
        let leave: BTreeSet<_> = set.people.iter().filter(|c| c.kind == ChangeKind::Deactivate).map(|c| c.id).collect();
        let lost = known.people.iter().filter(|p| p.administrator && leave.contains(&p.id)).count();
        totals.administrators.saturating_sub(lost)
    } else {
        view.people.iter().filter(stay).count()
    };
    // The lists below are long in a large company.
    drop((managers, administrators, edges));
    let keys = keys(known, &view);
    set.fingerprint = fingerprint(&set, reading, &keys);
    Ok(set)
}

/// Ids of newcomers are made anew by every comparison; keys are not.
fn keys(known: &Known, view: &View<'_>) -> BTreeMap<Uuid, Key> {
    let stored_people = known.people.iter().map(|person| (person.id.uuid(), person.key));
    let stored_groups = known.groups.iter().map(|group| (group.id.uuid(), group.key));
    let elsewhere = known.elsewhere.iter().map(|(dn, member)| (member.uuid(), *dn));
    let seen_people = view.people.iter().filter_map(|person| Some((person.id.uuid(), person.seen?.1.key)));
    let seen_groups = view.groups.iter().filter_map(|group| Some((group.id.uuid(), group.seen?.1.key)));
    elsewhere.chain(stored_people).chain(stored_groups).chain(seen_people).chain(seen_groups).collect()
}

/// A kind, a flag and three keys: what one change is told in.
type Line = [u8; 50];

fn fingerprint(set: &ChangeSet, reading: &Reading, keys: &BTreeMap<Uuid, Key>) -> Vec<u8> {
    let key = |id: Uuid| keys.get(&id).copied().unwrap_or_default();
    let edges = set.added.len().saturating_add(set.removed.len());
    let mut lines = Vec::<Line>::with_capacity(set.people.len().saturating_add(edges));
    for change in &set.people {
        let digest = change.seen.and_then(|place| reading.people.get(place)).map_or([0; 16], |seen| seen.digest);
        let kind = match change.kind {
            ChangeKind::Deactivate => b'd',
            ChangeKind::Return => b'r',
            ChangeKind::Join => b'j',
            ChangeKind::Change => b'c',
        };
        let manager = change.manager.map(|id| key(id.uuid())).unwrap_or_default();
        lines.push(line(&[&[kind, u8::from(change.administrator)], &change.key, &digest, &manager]));
    }
    for change in &set.groups {
        let digest = reading.groups.get(change.seen).map_or([0; 16], |seen| seen.digest);
        lines.push(line(&[b"g", &key(change.id.uuid()), &digest]));
    }
    lines.extend(set.gone_groups.iter().map(|group| line(&[b"x", &key(group.uuid())])));
    for (sign, edges) in [(b"+", &set.added), (b"-", &set.removed)] {
        lines.extend(edges.iter().map(|(group, member)| line(&[sign, &key(group.uuid()), &key(member.uuid())])));
    }
    lines.sort_unstable();
    lines.dedup();
    lines.into_flattened()
}

/// The parts one after the other; zeros fill the rest, and the kind says where they begin.
fn line(parts: &[&[u8]]) -> Line {
    let mut line = [0; size_of::<Line>()];
    for (place, byte) in line.iter_mut().zip(parts.iter().copied().flatten()) {
        *place = *byte;
    }
    line
}

#[cfg(test)]
mod tests;
