//! Reading everything again and taking changes one after the other lead to the same state.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{any_reading, applied, compare, dn, group, ids, key, person, reading, silence};
use crate::diff::{changes, needs_all_groups};
use crate::known::{Known, Member};
use crate::reading::{Key, Reading, Scope, SeenGroup, SeenPerson, Skips};

/// What an origin that is followed would tell between two states.
fn between(before: &Reading, after: &Reading) -> Reading {
    let same_person = |one: &SeenPerson, other: &SeenPerson| {
        (one.digest, one.dn, one.manager_dn, one.enabled) == (other.digest, other.dn, other.manager_dn, other.enabled)
    };
    let same_group = |one: &SeenGroup, other: &SeenGroup| {
        (one.digest, one.dn, &one.member_dns) == (other.digest, other.dn, &other.member_dns)
    };
    let told = |seen: &&SeenPerson| !before.people.iter().any(|old| old.key == seen.key && same_person(old, seen));
    let people = after.people.iter().filter(told).cloned().collect();
    let told = |seen: &&SeenGroup| !before.groups.iter().any(|old| old.key == seen.key && same_group(old, seen));
    let groups = after.groups.iter().filter(told).cloned().collect();
    let stays: BTreeSet<Key> = keys(after).collect();
    let gone = keys(before).filter(|key| !stays.contains(key)).map(|key| (key, None)).collect();
    Reading { people_scope: Scope::Part, groups_scope: Scope::Part, people, groups, gone, ..silence() }
}

fn keys(reading: &Reading) -> impl Iterator<Item = Key> {
    reading.people.iter().map(|seen| seen.key).chain(reading.groups.iter().map(|seen| seen.key))
}

/// The store after a part, as the journey applies it.
fn after_part(mut part: Reading, now: &Reading, store: &Known) -> Known {
    if needs_all_groups(&part, store) {
        part.with_groups_of(Reading { groups: now.groups.clone(), ..silence() });
    }
    let set = changes(&part, store, Some(("g9", dn("g9"))), &ids(), &mut Skips::default()).unwrap();
    applied(&set, &part, store)
}

/// A person as the store shows one: active, record, manager, administrator.
type State = (bool, Key, Option<Key>, bool);

/// The store without ids, which differ from one run to the next. Of people who are not active only that counts.
fn state(store: &Known) -> (BTreeMap<Key, State>, BTreeSet<(Key, Key)>) {
    let person_keys: BTreeMap<_, _> = store.people.iter().map(|person| (person.id, person.key)).collect();
    let group_keys: BTreeMap<_, _> = store.groups.iter().map(|group| (group.id, group.key)).collect();
    let active: BTreeSet<_> = store.people.iter().filter(|p| p.active).map(|p| p.id).collect();
    let people = store.people.iter().filter(|person| person.active).map(|person| {
        let manager = person.manager.filter(|id| active.contains(id)).map(|id| person_keys[&id]);
        (person.key, (person.active, person.digest, manager, person.administrator))
    });
    let edges = store.edges.iter().filter_map(|(group, member)| match member {
        Member::Person(id) => active.contains(id).then(|| (group_keys[group], person_keys[id])),
        Member::Group(id) => Some((group_keys[group], group_keys[id])),
    });
    (people.collect(), edges.collect())
}

proptest! {
    #[test]
    fn parts_lead_where_whole_readings_lead(readings in prop::collection::vec(any_reading(), 1..5)) {
        let (mut by_wholes, mut by_parts) = (Known::default(), Known::default());
        let mut before = silence();
        for now in readings {
            by_wholes = applied(&compare(&now, &by_wholes).0, &now, &by_wholes);
            by_parts = after_part(between(&before, &now), &now, &by_parts);
            prop_assert_eq!(state(&by_wholes), state(&by_parts));
            before = now;
        }
    }
}

#[test]
fn what_a_part_does_not_mention_stays() {
    let all = reading(vec![person(1, 1, None), person(2, 1, Some(1))], vec![group(5, &["p1", "p2"])]);
    let store = applied(&compare(&all, &Known::default()).0, &all, &Known::default());
    let part = Reading {
        people_scope: Scope::Part,
        groups_scope: Scope::Part,
        people: vec![person(2, 9, Some(1))],
        ..silence()
    };
    assert!(!needs_all_groups(&part, &store));
    let set = changes(&part, &store, None, &ids(), &mut Skips::default()).unwrap();
    assert_eq!((set.people.len(), set.added.len(), set.removed.len()), (1, 0, 0));
    assert_eq!(set.people[0].manager, store.people.iter().find(|p| p.key == key(1)).map(|p| p.id));
}

#[test]
fn a_manager_who_comes_later_is_found_then() {
    let first = reading(vec![person(2, 1, Some(1))], vec![]);
    let store = applied(&compare(&first, &Known::default()).0, &first, &Known::default());
    let both = reading(vec![person(2, 1, Some(1)), person(1, 1, None)], vec![]);
    let store = after_part(between(&first, &both), &both, &store);
    let manager = |number| store.people.iter().find(|p| p.key == key(number)).unwrap();
    assert_eq!(manager(2).manager, Some(manager(1).id));
}

#[test]
fn references_go_with_the_name_where_the_directory_says_nothing_of_them() {
    let all = reading(vec![person(1, 1, None), person(2, 1, Some(1))], vec![group(5, &["p1"])]);
    let mut store = applied(&compare(&all, &Known::default()).0, &all, &Known::default());
    store.references_follow = true;
    let renamed = SeenPerson { dn: dn("other"), ..person(1, 2, None) };
    let part = Reading { people_scope: Scope::Part, groups_scope: Scope::Part, people: vec![renamed], ..silence() };
    let set = changes(&part, &store, None, &ids(), &mut Skips::default()).unwrap();
    assert_eq!(set.people.iter().map(|change| change.key).collect::<Vec<_>>(), [key(1)]);
    assert_eq!(set.removed.len(), 0);
}

#[test]
fn people_and_groups_of_other_directories_are_found_by_name() {
    let mut known = Known::default();
    let other = ids();
    let manager = super::super::NewIds::person(&other);
    known.elsewhere.insert(dn("p7"), Member::Person(manager));
    let seen = reading(vec![person(1, 1, Some(7))], vec![group(5, &["p1", "p7"])]);
    let (set, _) = compare(&seen, &known);
    assert_eq!(set.people[0].manager, Some(manager));
    assert_eq!(set.added.len(), 2);
}
