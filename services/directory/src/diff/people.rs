//! People, their managers and the administrators.

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::{DirectoryGroupId, Fault, PersonId};

use super::view::{Person, View};
use super::{ChangeKind, ChangeSet, PersonChange, Quiet};
use crate::graph::{closure, on_circles};
use crate::known::{Edge, Known, KnownPerson, Member};
use crate::reading::{Key, Reading, Skips};

/// Who has whom as manager, and whose manager is named and was not found.
#[derive(Default)]
pub(super) struct Managers {
    found: BTreeMap<PersonId, PersonId>,
    missing: BTreeMap<PersonId, Key>,
}

impl Managers {
    pub(super) fn new(reading: &Reading, view: &View<'_>, known: &Known, skips: &mut Skips) -> Result<Self, Fault> {
        let mut managers = Self::default();
        let now: BTreeMap<PersonId, Option<Key>> = view.people.iter().map(|person| (person.id, person.dn())).collect();
        let before: BTreeMap<PersonId, Option<Key>> = known.people.iter().map(|known| (known.id, known.dn)).collect();
        for person in &view.people {
            match person.seen {
                Some((_, seen)) => {
                    managers.point(view, person.id, seen.manager_dn);
                    if managers.missing.contains_key(&person.id) {
                        reading.skip(seen, "the manager is not among the people that were read", skips)?;
                    }
                }
                None => managers.keep(view, known, person, &now, &before),
            }
        }
        managers.break_circles(reading, view, &now, skips)?;
        Ok(managers)
    }

    fn point(&mut self, view: &View<'_>, person: PersonId, dn: Option<Key>) {
        let Some(dn) = dn else { return };
        match view.person(&dn) {
            Some(manager) => drop(self.found.insert(person, manager)),
            None => drop(self.missing.insert(person, dn)),
        }
    }

    /// The manager of somebody whom the reading does not mention.
    fn keep(
        &mut self,
        view: &View<'_>,
        known: &Known,
        person: &Person<'_>,
        now: &BTreeMap<PersonId, Option<Key>>,
        before: &BTreeMap<PersonId, Option<Key>>,
    ) {
        let Some(stored) = person.known else { return };
        let Some(manager) = stored.manager else { return self.point(view, person.id, stored.missing_manager) };
        let old_name = before.get(&manager).copied().flatten();
        match now.get(&manager) {
            // Somebody else has the old name now, or nobody.
            Some(name) if *name != old_name && !known.references_follow => self.point(view, person.id, old_name),
            None if view.is_gone(Member::Person(manager)) => self.point(view, person.id, old_name),
            Some(_) | None => drop(self.found.insert(person.id, manager)),
        }
    }

    fn break_circles(
        &mut self,
        reading: &Reading,
        view: &View<'_>,
        now: &BTreeMap<PersonId, Option<Key>>,
        skips: &mut Skips,
    ) -> Result<(), Fault> {
        let circles = on_circles(&self.found);
        for person in view.people.iter().filter(|person| circles.contains(&person.id)) {
            if let Some((_, seen)) = person.seen {
                reading.skip(seen, "the chain of managers leads back to the person; no manager is set", skips)?;
            }
        }
        for id in circles {
            let name = self.found.remove(&id).and_then(|manager| now.get(&manager).copied().flatten());
            self.missing.extend(name.map(|name| (id, name)));
        }
        Ok(())
    }

    fn of(&self, person: PersonId) -> (Option<PersonId>, Option<Key>) {
        (self.found.get(&person).copied(), self.missing.get(&person).copied())
    }
}

/// Members of the group that administers the tenant. When only a few people were loaded, whoever was one is one.
pub(super) fn administrators(
    dn: Option<(&str, Key)>,
    view: &View<'_>,
    known: &Known,
    edges: &BTreeSet<Edge>,
    skips: &mut Skips,
) -> BTreeSet<PersonId> {
    if known.totals.is_some() {
        return known.people.iter().filter(|person| person.administrator).map(|person| person.id).collect();
    }
    let Some((dn, key)) = dn else { return BTreeSet::new() };
    let Some(Member::Group(group)) = view.member(&key) else {
        skips.push(dn, "the group of the administrators is not among the groups that were read; it makes nobody one");
        return BTreeSet::new();
    };
    let mut members = BTreeMap::<DirectoryGroupId, Vec<Member>>::new();
    for (group, member) in edges.iter().chain(&known.edges_elsewhere) {
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
    closure(Member::Group(group), next).into_iter().filter_map(people).collect()
}

pub(super) fn compare(set: &mut ChangeSet, view: &View<'_>, managers: &Managers, administrators: &BTreeSet<PersonId>) {
    for person in &view.people {
        let (manager, missing_manager) = managers.of(person.id);
        let mut change = PersonChange {
            kind: ChangeKind::Change,
            id: person.id,
            key: person.seen.map_or_else(|| person.known.map(|known| known.key).unwrap_or_default(), |(_, s)| s.key),
            seen: person.seen.map(|(place, _)| place),
            manager,
            missing_manager,
            administrator: administrators.contains(&person.id),
            dn: person.dn(),
            restored: person.known.is_some_and(|known| known.restored),
        };
        match kind(person, &change) {
            Some(kind) => {
                change.kind = kind;
                set.new_names |= kind != ChangeKind::Deactivate && person.known.and_then(|known| known.dn) != change.dn;
                change.administrator &= kind != ChangeKind::Deactivate;
                set.people.push(change);
            }
            None => {
                set.unchanged_count = set.unchanged_count.saturating_add(u64::from(person.seen.is_some()));
                set.quiet.extend(quiet(person));
            }
        }
    }
    for known in &view.gone_people {
        if known.active {
            set.people.push(gone(known));
        } else if known.dn.is_some() {
            set.quiet.push(Quiet { id: known.id, dn: None });
        }
    }
    set.people.sort_unstable_by_key(|change| (change.kind, change.key));
}

fn kind(person: &Person<'_>, after: &PersonChange) -> Option<ChangeKind> {
    let Some(known) = person.known else { return person.stays().then_some(ChangeKind::Join) };
    match (known.active, person.stays()) {
        (true, false) => Some(ChangeKind::Deactivate),
        (false, true) => Some(ChangeKind::Return),
        (false, false) => None,
        (true, true) => {
            let same = known.manager == after.manager
                && known.missing_manager == after.missing_manager
                && known.administrator == after.administrator
                && person.seen.is_none_or(|(_, seen)| {
                    // Who came back after an undo has no name here yet; that is no change of the person.
                    known.digest == seen.digest && known.dn.is_none_or(|dn| dn == seen.dn)
                });
            (!same).then_some(ChangeKind::Change)
        }
    }
}

/// What has to be written of somebody to whom nothing happens.
fn quiet(person: &Person<'_>) -> Option<Quiet> {
    let (known, (_, seen)) = (person.known?, person.seen?);
    (known.restored || known.dn != Some(seen.dn)).then_some(Quiet { id: known.id, dn: Some(seen.dn) })
}

const fn gone(known: &KnownPerson) -> PersonChange {
    PersonChange {
        kind: ChangeKind::Deactivate,
        id: known.id,
        key: known.key,
        seen: None,
        manager: known.manager,
        missing_manager: known.missing_manager,
        administrator: false,
        dn: None,
        restored: known.restored,
    }
}
