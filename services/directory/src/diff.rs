//! What a run would do: two lists in, a change set out. Pure, so that a preview and a run cannot differ.

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::{DirectoryGroupId, PersonId};
use uuid::Uuid;

use crate::graph::{closure, on_circles};
use crate::known::{Edge, Known, KnownPerson, Member};
use crate::reading::{Key, Reading, SeenPerson, Skips};

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
    pub administrator: bool,
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
    pub groups: Vec<GroupChange>,
    pub gone_groups: Vec<DirectoryGroupId>,
    pub added: Vec<Edge>,
    pub removed: Vec<Edge>,
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

/// Compares. `administrators_dn` is the normalised name of the directory group that administers the tenant.
pub(crate) fn changes(
    reading: &Reading,
    known: &Known,
    administrators_dn: Option<&str>,
    ids: &dyn NewIds,
    skips: &mut Skips,
) -> ChangeSet {
    let people = identify_people(reading, known, ids);
    let groups = identify_groups(reading, known, ids);
    let names = Names::new(reading, known, &people, &groups);
    let managers = resolve_managers(reading, &people, &names, skips);
    let edges = resolve_members(reading, known, &groups, &names, skips);
    let administrators = administrators(administrators_dn, &names, &edges, skips);

    let stay = |(seen, id): &(&SeenPerson, &PersonId)| seen.enabled && administrators.contains(id);
    let mut set = ChangeSet {
        administrators_before_count: known.people.iter().filter(|p| p.active && p.administrator).count(),
        administrators_after_count: reading.people.iter().zip(&people).filter(stay).count(),
        ..ChangeSet::default()
    };
    compare_people(&mut set, reading, known, &people, &managers, &administrators);
    compare_groups(&mut set, reading, known, &groups);
    compare_edges(&mut set, known, &edges);
    let keys = keys(reading, known, &people, &groups);
    set.fingerprint = fingerprint(&set, reading, &keys);
    set
}

/// Ids of newcomers are made anew by every comparison; keys are not.
fn keys(reading: &Reading, known: &Known, people: &[PersonId], groups: &[DirectoryGroupId]) -> BTreeMap<Uuid, Key> {
    let stored_people = known.people.iter().map(|person| (person.id.uuid(), person.key));
    let stored_groups = known.groups.iter().map(|group| (group.id.uuid(), group.key));
    let seen_people = reading.people.iter().zip(people).map(|(seen, id)| (id.uuid(), seen.key));
    let seen_groups = reading.groups.iter().zip(groups).map(|(seen, id)| (id.uuid(), seen.key));
    stored_people.chain(stored_groups).chain(seen_people).chain(seen_groups).collect()
}

fn identify_people(reading: &Reading, known: &Known, ids: &dyn NewIds) -> Vec<PersonId> {
    let by_key: BTreeMap<Key, PersonId> = known.people.iter().map(|person| (person.key, person.id)).collect();
    reading.people.iter().map(|seen| by_key.get(&seen.key).copied().unwrap_or_else(|| ids.person())).collect()
}

fn identify_groups(reading: &Reading, known: &Known, ids: &dyn NewIds) -> Vec<DirectoryGroupId> {
    let by_key: BTreeMap<Key, DirectoryGroupId> = known.groups.iter().map(|group| (group.key, group.id)).collect();
    reading.groups.iter().map(|seen| by_key.get(&seen.key).copied().unwrap_or_else(|| ids.group())).collect()
}

/// Distinguished names of this reading and what they name.
struct Names<'a> {
    people: BTreeMap<&'a str, PersonId>,
    groups: BTreeMap<&'a str, DirectoryGroupId>,
}

impl<'a> Names<'a> {
    fn new(reading: &'a Reading, known: &Known, people: &[PersonId], groups: &[DirectoryGroupId]) -> Self {
        let stored: BTreeSet<PersonId> = known.people.iter().map(|person| person.id).collect();
        // Somebody whose access ended before they ever came is nobody here, so nothing can refer to them.
        let here = reading.people.iter().zip(people).filter(|(seen, id)| seen.enabled || stored.contains(id));
        Self {
            people: here.map(|(seen, id)| (seen.dn.as_str(), *id)).collect(),
            groups: reading.groups.iter().zip(groups).map(|(seen, id)| (seen.dn.as_str(), *id)).collect(),
        }
    }

    fn member(&self, dn: &str) -> Option<Member> {
        let person = self.people.get(dn).copied().map(Member::Person);
        person.or_else(|| self.groups.get(dn).copied().map(Member::Group))
    }
}

fn resolve_managers(
    reading: &Reading,
    people: &[PersonId],
    names: &Names<'_>,
    skips: &mut Skips,
) -> BTreeMap<PersonId, PersonId> {
    let mut managers = BTreeMap::new();
    for (seen, id) in reading.people.iter().zip(people) {
        let Some(manager_dn) = &seen.manager_dn else { continue };
        match names.people.get(manager_dn.as_str()) {
            Some(manager) => {
                managers.insert(*id, *manager);
            }
            None => skips.push(&seen.record.distinguished_name, "the manager is not among the people that were read"),
        }
    }
    let circles = on_circles(&managers);
    for (seen, id) in reading.people.iter().zip(people) {
        if circles.contains(id) {
            skips.push(
                &seen.record.distinguished_name,
                "the chain of managers leads back to the person; no manager is set",
            );
        }
    }
    managers.retain(|id, _| !circles.contains(id));
    managers
}

fn resolve_members(
    reading: &Reading,
    known: &Known,
    groups: &[DirectoryGroupId],
    names: &Names<'_>,
    skips: &mut Skips,
) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for (seen, id) in reading.groups.iter().zip(groups) {
        let mut unknown = 0_usize;
        for dn in &seen.member_dns {
            match names.member(dn) {
                Some(member) => {
                    edges.insert((*id, member));
                }
                None => unknown = unknown.saturating_add(1),
            }
        }
        if unknown > 0 {
            skips.push(
                &seen.record.distinguished_name,
                format!("{unknown} of its members are neither people nor groups that were read"),
            );
        }
    }
    report_group_circles(reading, groups, &edges, skips);
    keep_edges_of_unusable_entries(reading, known, groups, &mut edges);
    edges
}

/// An entry that was there but could not be used keeps its memberships: an error is never an absence.
fn keep_edges_of_unusable_entries(
    reading: &Reading,
    known: &Known,
    groups: &[DirectoryGroupId],
    edges: &mut BTreeSet<Edge>,
) {
    if reading.kept.is_empty() {
        return;
    }
    let kept_people =
        known.people.iter().filter(|person| reading.kept.contains(&person.key)).map(|p| Member::Person(p.id));
    let kept: BTreeSet<Member> = kept_people
        .chain(known.groups.iter().filter(|group| reading.kept.contains(&group.key)).map(|g| Member::Group(g.id)))
        .collect();
    let seen: BTreeSet<_> = groups.iter().collect();
    edges.extend(known.edges.iter().filter(|(group, member)| {
        kept.contains(&Member::Group(*group)) || (kept.contains(member) && seen.contains(group))
    }));
}

fn report_group_circles(reading: &Reading, groups: &[DirectoryGroupId], edges: &BTreeSet<Edge>, skips: &mut Skips) {
    let mut nested = BTreeMap::<DirectoryGroupId, Vec<DirectoryGroupId>>::new();
    for (group, member) in edges {
        if let Member::Group(inner) = member {
            nested.entry(*group).or_default().push(*inner);
        }
    }
    for (seen, id) in reading.groups.iter().zip(groups) {
        let next = |group| nested.get(&group).map_or(&[][..], Vec::as_slice);
        if nested.contains_key(id) && closure(*id, next).contains(id) {
            skips.push(
                &seen.record.distinguished_name,
                "the group contains itself through nesting; its people are counted once",
            );
        }
    }
}

fn administrators(
    dn: Option<&str>,
    names: &Names<'_>,
    edges: &BTreeSet<Edge>,
    skips: &mut Skips,
) -> BTreeSet<PersonId> {
    let Some(dn) = dn else { return BTreeSet::new() };
    let Some(group) = names.groups.get(dn) else {
        skips.push(dn, "the group of the administrators is not among the groups that were read; it makes nobody one");
        return BTreeSet::new();
    };
    let mut members = BTreeMap::<DirectoryGroupId, Vec<Member>>::new();
    for (group, member) in edges {
        members.entry(*group).or_default().push(*member);
    }
    let next = |member| match member {
        Member::Group(group) => members.get(&group).map_or(&[][..], Vec::as_slice),
        Member::Person(_) => &[],
    };
    let people = |member| match member {
        Member::Person(id) => Some(id),
        Member::Group(_) => None,
    };
    closure(Member::Group(*group), next).into_iter().filter_map(people).collect()
}

fn compare_people(
    set: &mut ChangeSet,
    reading: &Reading,
    known: &Known,
    ids: &[PersonId],
    managers: &BTreeMap<PersonId, PersonId>,
    administrators: &BTreeSet<PersonId>,
) {
    let stored: BTreeMap<Key, &KnownPerson> = known.people.iter().map(|person| (person.key, person)).collect();
    for (place, (seen, id)) in reading.people.iter().zip(ids).enumerate() {
        let manager = managers.get(id).copied();
        let administrator = administrators.contains(id);
        let kind = match stored.get(&seen.key) {
            None if seen.enabled => Some(ChangeKind::Join),
            None => None,
            Some(known) if known.active && !seen.enabled => Some(ChangeKind::Deactivate),
            Some(known) if !known.active && seen.enabled => Some(ChangeKind::Return),
            Some(known) if !known.active => None,
            Some(known) => {
                let same =
                    known.digest == seen.digest && known.manager == manager && known.administrator == administrator;
                (!same).then_some(ChangeKind::Change)
            }
        };
        match kind {
            Some(kind) => {
                let administrator = administrator && kind != ChangeKind::Deactivate;
                set.people.push(PersonChange {
                    kind,
                    id: *id,
                    key: seen.key,
                    seen: Some(place),
                    manager,
                    administrator,
                });
            }
            None => set.unchanged_count = set.unchanged_count.saturating_add(1),
        }
    }
    let seen: BTreeSet<Key> = reading.people.iter().map(|person| person.key).collect();
    for person in known.people.iter().filter(|person| person.active) {
        set.active_before_count = set.active_before_count.saturating_add(1);
        if !seen.contains(&person.key) && !reading.kept.contains(&person.key) {
            set.people.push(PersonChange {
                kind: ChangeKind::Deactivate,
                id: person.id,
                key: person.key,
                seen: None,
                manager: person.manager,
                administrator: false,
            });
        }
    }
    set.people.sort_by_key(|change| (change.kind, change.key));
}

fn compare_groups(set: &mut ChangeSet, reading: &Reading, known: &Known, ids: &[DirectoryGroupId]) {
    let stored: BTreeMap<Key, Key> = known.groups.iter().map(|group| (group.key, group.digest)).collect();
    for (place, (seen, id)) in reading.groups.iter().zip(ids).enumerate() {
        if stored.get(&seen.key) != Some(&seen.digest) {
            set.groups.push(GroupChange { id: *id, seen: place });
        }
    }
    let seen: BTreeSet<Key> = reading.groups.iter().map(|group| group.key).collect();
    let gone = known.groups.iter().filter(|group| !seen.contains(&group.key) && !reading.kept.contains(&group.key));
    set.gone_groups = gone.map(|group| group.id).collect();
}

fn compare_edges(set: &mut ChangeSet, known: &Known, edges: &BTreeSet<Edge>) {
    set.added = edges.difference(&known.edges).copied().collect();
    set.removed = known.edges.difference(edges).copied().collect();
    let before = sizes(&known.edges);
    let after = sizes(edges);
    let losing: BTreeSet<_> = set.removed.iter().map(|(group, _)| *group).collect();
    let size = |sizes: &BTreeMap<DirectoryGroupId, usize>, group| sizes.get(&group).copied().unwrap_or_default();
    set.shrinking = losing.into_iter().map(|group| (group, size(&before, group), size(&after, group))).collect();
}

fn sizes(edges: &BTreeSet<Edge>) -> BTreeMap<DirectoryGroupId, usize> {
    let mut sizes = BTreeMap::<_, usize>::new();
    for (group, _) in edges {
        let size = sizes.entry(*group).or_default();
        *size = size.saturating_add(1);
    }
    sizes
}

fn fingerprint(set: &ChangeSet, reading: &Reading, keys: &BTreeMap<Uuid, Key>) -> Vec<u8> {
    let key = |id: Uuid| keys.get(&id).copied().unwrap_or_default();
    let mut lines = BTreeSet::<Vec<u8>>::new();
    for change in &set.people {
        let digest = change.seen.and_then(|place| reading.people.get(place)).map_or([0; 16], |seen| seen.digest);
        let kind = match change.kind {
            ChangeKind::Deactivate => b'd',
            ChangeKind::Return => b'r',
            ChangeKind::Join => b'j',
            ChangeKind::Change => b'c',
        };
        let manager = change.manager.map(|id| key(id.uuid())).unwrap_or_default();
        lines.insert([&[kind, u8::from(change.administrator)], change.key.as_slice(), &digest, &manager].concat());
    }
    for change in &set.groups {
        let digest = reading.groups.get(change.seen).map_or([0; 16], |seen| seen.digest);
        lines.insert([b"g".as_slice(), &key(change.id.uuid()), &digest].concat());
    }
    lines.extend(set.gone_groups.iter().map(|group| [b"x".as_slice(), &key(group.uuid())].concat()));
    for (sign, edges) in [(b"+", &set.added), (b"-", &set.removed)] {
        lines.extend(
            edges.iter().map(|(group, member)| [sign.as_slice(), &key(group.uuid()), &key(member.uuid())].concat()),
        );
    }
    lines.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
