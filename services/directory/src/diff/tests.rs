mod parts;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use freehold_types::{DirectoryGroupId, PersonId, Secret};
use freehold_vault::{TenantKeys, Vault};
use proptest::prelude::*;
use uuid::Uuid;

use super::{ChangeKind, ChangeSet, NewIds, changes};
use crate::known::{Known, KnownGroup, KnownPerson, Member};
use crate::reading::{Key, Reading, RecordAt, Records, Scope, SeenGroup, SeenPerson, Skips};
use crate::record::GroupRecord;

struct Counter(Cell<u128>);

impl Counter {
    fn next(&self) -> Uuid {
        self.0.set(self.0.get() + 1);
        Uuid::from_u128(self.0.get())
    }
}

impl NewIds for Counter {
    fn person(&self) -> PersonId {
        PersonId::from_uuid(self.next())
    }
    fn group(&self) -> DirectoryGroupId {
        DirectoryGroupId::from_uuid(self.next())
    }
}

/// Ids that no other comparison was given.
fn ids() -> Counter {
    static COMPARISONS: AtomicU64 = AtomicU64::new(1);
    Counter(Cell::new(u128::from(COMPARISONS.fetch_add(1, Ordering::Relaxed)) << 64))
}

fn key(number: u8) -> Key {
    [number; 16]
}

/// Stands for the blind index of a name.
fn dn(name: &str) -> Key {
    let mut key = Key::default();
    key[..name.len()].copy_from_slice(name.as_bytes());
    key
}

fn vault_keys() -> TenantKeys {
    Vault::from_master_key(Secret::new([7; 32])).platform_keys()
}

/// Records of which everybody has the same empty one; comparing never looks into them.
fn nobody() -> (Records, RecordAt) {
    let mut records = Records::new(vault_keys());
    let at = records.put(&[]);
    (records, at)
}

/// A reading that says nothing.
fn silence() -> Reading {
    let (records, _) = nobody();
    Reading { records, ..Reading::new(vault_keys(), Scope::Whole) }
}

fn person(number: u8, digest: u8, manager: Option<u8>) -> SeenPerson {
    SeenPerson {
        key: key(number),
        digest: key(digest),
        record: nobody().1,
        dn: dn(&format!("p{number}")),
        manager_dn: manager.map(|manager| dn(&format!("p{manager}"))),
        primary_group: None,
        enabled: true,
        changed_at: None,
    }
}

fn group(number: u8, members: &[&str]) -> SeenGroup {
    SeenGroup {
        key: key(number),
        digest: key(0),
        record: GroupRecord::default(),
        dn: dn(&format!("g{number}")),
        member_dns: members.iter().map(|name| dn(name)).collect(),
        sid: Some(key(number)),
    }
}

fn compare(reading: &Reading, known: &Known) -> (ChangeSet, Skips) {
    let mut skips = Skips::default();
    let set = changes(reading, known, Some(("g9", dn("g9"))), &ids(), &mut skips).unwrap();
    (set, skips)
}

/// What the store holds after a change set was applied.
fn applied(set: &ChangeSet, reading: &Reading, before: &Known) -> Known {
    let mut people: BTreeMap<Key, KnownPerson> = before.people.iter().map(|p| (p.key, p.clone())).collect();
    for change in &set.people {
        let seen = change.seen.map(|place| &reading.people[place]);
        let old = people.get(&change.key);
        let digest = seen.map(|seen| seen.digest).unwrap_or_else(|| old.unwrap().digest);
        let primary_group = seen.map_or_else(|| old.unwrap().primary_group, |seen| seen.primary_group);
        let after = KnownPerson {
            id: change.id,
            key: change.key,
            digest,
            active: change.kind != ChangeKind::Deactivate,
            manager: change.manager,
            missing_manager: change.missing_manager,
            administrator: change.administrator,
            dn: change.dn,
            restored: false,
            primary_group,
        };
        people.insert(change.key, after);
    }
    for quiet in &set.quiet {
        let person = people.values_mut().find(|person| person.id == quiet.id).unwrap();
        (person.dn, person.restored) = (quiet.dn, false);
    }
    let mut groups: BTreeMap<Key, KnownGroup> = before.groups.iter().map(|g| (g.key, g.clone())).collect();
    for change in &set.groups {
        let seen = &reading.groups[change.seen];
        groups.insert(
            seen.key,
            KnownGroup { id: change.id, key: seen.key, digest: seen.digest, dn: Some(seen.dn), sid: seen.sid },
        );
    }
    groups.retain(|_, group| !set.gone_groups.contains(&group.id));
    let removed: BTreeSet<_> = set.removed.iter().copied().collect();
    let mut edges: BTreeSet<_> = before.edges.difference(&removed).copied().collect();
    edges.extend(set.added.iter().copied());
    let (people, groups) = (people.into_values().collect(), groups.into_values().collect());
    Known { people, groups, edges, ..Known::default() }
}

fn reading(people: Vec<SeenPerson>, groups: Vec<SeenGroup>) -> Reading {
    Reading { people, groups, ..silence() }
}

#[test]
fn joiners_movers_leavers_and_returners_are_told_apart() {
    let first = reading(vec![person(1, 1, None), person(2, 1, None), person(3, 1, None)], vec![]);
    let store = applied(&compare(&first, &Known::default()).0, &first, &Known::default());
    let second = reading(vec![person(1, 1, None), person(2, 7, None), person(4, 1, None)], vec![]);
    let (set, _) = compare(&second, &store);
    let counts =
        [ChangeKind::Join, ChangeKind::Change, ChangeKind::Deactivate, ChangeKind::Return].map(|k| set.count(k));
    assert_eq!((counts, set.unchanged_count), ([1, 1, 1, 0], 1));
    let store = applied(&set, &second, &store);
    let (set, _) = compare(&first, &store);
    assert_eq!(set.count(ChangeKind::Return), 1, "person 3 comes back under the same id");
    assert_eq!(set.people.iter().find(|c| c.kind == ChangeKind::Return).unwrap().key, key(3));
}

#[test]
fn a_circle_of_managers_gives_nobody_on_it_a_manager() {
    let seen = reading(vec![person(1, 1, Some(2)), person(2, 1, Some(1)), person(3, 1, Some(1))], vec![]);
    let (set, skips) = compare(&seen, &Known::default());
    let managed: Vec<_> =
        set.people.iter().filter(|change| change.manager.is_some()).map(|change| change.key).collect();
    assert_eq!(managed, [key(3)]);
    assert_eq!(skips.count, 3, "two on the circle, and the group of administrators that was not read");
}

#[test]
fn administrators_are_found_through_nesting_and_through_circles() {
    let groups = vec![group(9, &["g8", "p1"]), group(8, &["g9", "p2"])];
    let seen = reading(vec![person(1, 1, None), person(2, 1, None), person(3, 1, None)], groups);
    let (set, skips) = compare(&seen, &Known::default());
    let administrators: Vec<_> = set.people.iter().filter(|change| change.administrator).map(|c| c.key).collect();
    assert_eq!(administrators, [key(1), key(2)]);
    assert_eq!(skips.count, 2, "both groups are reported as containing themselves");
}

#[test]
fn an_entry_that_could_not_be_used_is_never_an_absence() {
    let first = reading(vec![person(1, 1, None), person(2, 1, None)], vec![group(5, &["p1", "p2"])]);
    let store = applied(&compare(&first, &Known::default()).0, &first, &Known::default());
    let mut second =
        reading(vec![person(1, 1, None), person(2, 1, None), person(2, 3, None)], vec![group(5, &["p1", "p2"])]);
    second.settle_duplicates().unwrap();
    let (set, _) = compare(&second, &store);
    assert_eq!((set.people.len(), set.removed.len()), (0, 0));
}

#[test]
fn the_fingerprint_does_not_depend_on_the_ids_newcomers_are_given() {
    let seen = reading(vec![person(1, 1, None), person(2, 1, Some(1))], vec![group(5, &["p1", "p2"])]);
    let skips = &mut Skips::default();
    let one = changes(&seen, &Known::default(), None, &Counter(Cell::new(1)), skips).unwrap();
    let other = changes(&seen, &Known::default(), None, &Counter(Cell::new(99)), skips).unwrap();
    assert_eq!(one.fingerprint, other.fingerprint);
    let moved = reading(vec![person(1, 1, None), person(2, 1, None)], vec![group(5, &["p1", "p2"])]);
    let different = changes(&moved, &Known::default(), None, &ids(), skips).unwrap();
    assert_ne!(one.fingerprint, different.fingerprint);
}

#[test]
fn a_primary_group_has_those_whose_it_is_and_those_it_lists() {
    let of_the_domain = |number| SeenPerson { primary_group: Some(key(20)), ..person(number, 1, None) };
    let people = vec![of_the_domain(1), of_the_domain(2), person(3, 1, None), person(4, 1, None)];
    let first = reading(people, vec![group(20, &["p2", "p3"])]);
    let store = applied(&compare(&first, &Known::default()).0, &first, &Known::default());
    assert_eq!(store.edges.len(), 3);
    let part =
        |people, groups| Reading { people_scope: Scope::Part, groups_scope: Scope::Part, ..reading(people, groups) };
    // A newcomer is told of, the group is not: nothing in it changed.
    let joins = part(vec![of_the_domain(5)], vec![]);
    let store = applied(&compare(&joins, &store).0, &joins, &store);
    assert_eq!(store.edges.len(), 4);
    // The group is told of, its people are not.
    let leaves = part(vec![], vec![group(20, &["p4"])]);
    let (set, _) = compare(&leaves, &store);
    assert_eq!((set.added.len(), set.removed.len()), (1, 1));
}

fn any_reading() -> impl Strategy<Value = Reading> {
    let people = prop::collection::btree_map(0_u8..12, (0_u8..3, prop::option::of(0_u8..12), any::<bool>()), 0..12);
    let groups = prop::collection::btree_map(20_u8..26, prop::collection::vec((any::<bool>(), 0_u8..26), 0..8), 0..6);
    (people, groups).prop_map(|(people, groups)| {
        let people = people.into_iter().map(|(number, (digest, manager, enabled))| {
            let primary_group = (number % 2 == 1).then_some(key(20 + number % 6));
            SeenPerson { enabled, primary_group, ..person(number, digest, manager) }
        });
        let groups = groups.into_iter().map(|(number, members)| {
            let dns: Vec<_> =
                members.iter().map(|(person, n)| format!("{}{n}", if *person { 'p' } else { 'g' })).collect();
            group(number, &dns.iter().map(String::as_str).collect::<Vec<_>>())
        });
        reading(people.collect(), groups.collect())
    })
}

proptest! {
    #[test]
    fn applying_a_change_set_leaves_nothing_to_change(first in any_reading(), second in any_reading()) {
        let store = applied(&compare(&first, &Known::default()).0, &first, &Known::default());
        let (set, _) = compare(&second, &store);
        let store = applied(&set, &second, &store);
        let (again, _) = compare(&second, &store);
        prop_assert_eq!((again.people.len(), again.groups.len(), again.gone_groups.len()), (0, 0, 0));
        prop_assert_eq!((again.added.len(), again.removed.len()), (0, 0));
        let active: BTreeSet<_> = store.people.iter().filter(|p| p.active).map(|p| p.key).collect();
        let listed: BTreeSet<_> = second.people.iter().filter(|p| p.enabled).map(|p| p.key).collect();
        prop_assert_eq!(active, listed);
        let members = store.edges.iter().filter(|(_, member)| matches!(member, Member::Person(_))).count();
        let listed = second.groups.iter().map(|g| g.member_dns.len()).sum::<usize>();
        prop_assert!(members <= listed + store.people.len());
    }
}
