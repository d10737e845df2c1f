//! Everybody and every group as they are after a reading: those it mentions, and of a part all others as they were.

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::{DirectoryGroupId, PersonId};

use super::NewIds;
use crate::known::{Known, KnownGroup, KnownPerson, Member};
use crate::reading::{Key, Reading, SeenGroup, SeenPerson};

/// A person of the directory.
pub(super) struct Person<'a> {
    pub id: PersonId,
    /// With the place in the reading; none when the reading does not mention the person.
    pub seen: Option<(usize, &'a SeenPerson)>,
    /// None when the person is new here.
    pub known: Option<&'a KnownPerson>,
}

impl Person<'_> {
    pub(super) fn dn(&self) -> Option<Key> {
        self.seen.map_or_else(|| self.known.and_then(|known| known.dn), |(_, seen)| Some(seen.dn))
    }

    pub(super) fn primary_group(&self) -> Option<Key> {
        self.seen.map_or_else(|| self.known.and_then(|known| known.primary_group), |(_, seen)| seen.primary_group)
    }

    /// Whether the person may come in.
    pub(super) fn stays(&self) -> bool {
        self.seen.map_or_else(|| self.known.is_some_and(|known| known.active), |(_, seen)| seen.enabled)
    }

    /// Somebody whose access ended before they ever came is nobody here, so nothing can refer to them.
    pub(super) fn can_be_meant(&self) -> bool {
        self.known.is_some() || self.seen.is_some_and(|(_, seen)| seen.enabled)
    }
}

/// A group of the directory.
pub(super) struct Group<'a> {
    pub id: DirectoryGroupId,
    /// With the place in the reading; none when the reading does not mention the group.
    pub seen: Option<(usize, &'a SeenGroup)>,
    /// None when the group is new here.
    pub known: Option<&'a KnownGroup>,
}

impl Group<'_> {
    pub(super) fn sid(&self) -> Option<Key> {
        self.seen.map_or_else(|| self.known.and_then(|known| known.sid), |(_, seen)| seen.sid)
    }

    fn dn(&self) -> Option<Key> {
        self.seen.map_or_else(|| self.known.and_then(|known| known.dn), |(_, seen)| Some(seen.dn))
    }
}

/// The directory after a reading.
pub(super) struct View<'a> {
    pub people: Vec<Person<'a>>,
    pub groups: Vec<Group<'a>>,
    /// Stored people and groups that the directory does not list any more.
    pub gone_people: Vec<&'a KnownPerson>,
    pub gone_groups: Vec<&'a KnownGroup>,
    people_by_dn: BTreeMap<Key, PersonId>,
    groups_by_dn: BTreeMap<Key, DirectoryGroupId>,
    elsewhere: &'a BTreeMap<Key, Member>,
    gone: BTreeSet<Member>,
}

impl<'a> View<'a> {
    pub(super) fn new(reading: &'a Reading, known: &'a Known, ids: &dyn NewIds) -> Self {
        let (people, gone_people) = people(reading, known, ids);
        let (groups, gone_groups) = groups(reading, known, ids);
        let named = people.iter().filter(|person| person.can_be_meant());
        let people_by_dn = named.filter_map(|person| Some((person.dn()?, person.id))).collect();
        let groups_by_dn = groups.iter().filter_map(|group| Some((group.dn()?, group.id))).collect();
        let gone = gone_people.iter().map(|person| Member::Person(person.id));
        let gone = gone.chain(gone_groups.iter().map(|group| Member::Group(group.id))).collect();
        Self { people, groups, gone_people, gone_groups, people_by_dn, groups_by_dn, elsewhere: &known.elsewhere, gone }
    }

    /// The person of that name, in whichever directory.
    pub(super) fn person(&self, dn: &Key) -> Option<PersonId> {
        let elsewhere = || match self.elsewhere.get(dn) {
            Some(Member::Person(id)) => Some(*id),
            Some(Member::Group(_)) | None => None,
        };
        self.people_by_dn.get(dn).copied().or_else(elsewhere)
    }

    /// The group of that name in this directory.
    pub(super) fn group(&self, dn: &Key) -> Option<DirectoryGroupId> {
        self.groups_by_dn.get(dn).copied()
    }

    /// Whoever or whatever has that name, in whichever directory.
    pub(super) fn member(&self, dn: &Key) -> Option<Member> {
        let person = self.people_by_dn.get(dn).copied().map(Member::Person);
        person.or_else(|| self.group(dn).map(Member::Group)).or_else(|| self.elsewhere.get(dn).copied())
    }

    pub(super) fn is_gone(&self, member: Member) -> bool {
        self.gone.contains(&member)
    }
}

fn people<'a>(reading: &'a Reading, known: &'a Known, ids: &dyn NewIds) -> (Vec<Person<'a>>, Vec<&'a KnownPerson>) {
    let by_key: BTreeMap<Key, &KnownPerson> = known.people.iter().map(|person| (person.key, person)).collect();
    let seen = reading.people.iter().enumerate().map(|(place, seen)| {
        let known = by_key.get(&seen.key).copied();
        Person { id: known.map_or_else(|| ids.person(), |known| known.id), seen: Some((place, seen)), known }
    });
    // The silent ones first: of two with one name, the one that was seen now is meant.
    let mut people = Vec::with_capacity(reading.people.len());
    let mut gone = Vec::new();
    let mentioned: BTreeSet<Key> = reading.people.iter().map(|seen| seen.key).collect();
    for known in known.people.iter().filter(|known| !mentioned.contains(&known.key)) {
        if reading.leaves_alone(reading.people_scope, &known.key) {
            people.push(Person { id: known.id, seen: None, known: Some(known) });
        } else {
            gone.push(known);
        }
    }
    people.extend(seen);
    (people, gone)
}

fn groups<'a>(reading: &'a Reading, known: &'a Known, ids: &dyn NewIds) -> (Vec<Group<'a>>, Vec<&'a KnownGroup>) {
    let by_key: BTreeMap<Key, &KnownGroup> = known.groups.iter().map(|group| (group.key, group)).collect();
    let seen = reading.groups.iter().enumerate().map(|(place, seen)| {
        let known = by_key.get(&seen.key).copied();
        Group { id: known.map_or_else(|| ids.group(), |known| known.id), seen: Some((place, seen)), known }
    });
    let mut groups = Vec::with_capacity(reading.groups.len());
    let mut gone = Vec::new();
    let mentioned: BTreeSet<Key> = reading.groups.iter().map(|seen| seen.key).collect();
    for known in known.groups.iter().filter(|known| !mentioned.contains(&known.key)) {
        if reading.leaves_alone(reading.groups_scope, &known.key) {
            groups.push(Group { id: known.id, seen: None, known: Some(known) });
        } else {
            gone.push(known);
        }
    }
    groups.extend(seen);
    (groups, gone)
}
