use freehold_types::{DirectoryGroupId, PersonId, Secret};
use freehold_vault::Vault;
use uuid::Uuid;

use super::{BTreeMap, Key, Known, Reading, Scope, SeenPerson};
use crate::known::{KnownGroup, KnownPerson};

fn key(number: u8) -> Key {
    [number; 16]
}

/// The blind index of a name.
fn name(number: u8) -> Key {
    [number + 100; 16]
}

fn stored(number: u8, dn: Option<Key>) -> KnownPerson {
    KnownPerson {
        id: PersonId::from_uuid(Uuid::from_u128(number.into())),
        key: key(number),
        digest: key(0),
        active: true,
        manager: None,
        missing_manager: None,
        administrator: false,
        dn,
        restored: false,
        primary_group: None,
    }
}

fn stored_group(number: u8) -> KnownGroup {
    let id = DirectoryGroupId::from_uuid(Uuid::from_u128(number.into()));
    KnownGroup { id, key: key(number), digest: key(0), dn: Some(name(number)), sid: None }
}

fn seen(number: u8, dn: Key) -> SeenPerson {
    SeenPerson {
        key: key(number),
        digest: key(1),
        record: silence().records.put(&[]),
        dn,
        manager_dn: None,
        primary_group: None,
        enabled: true,
        changed_at: None,
    }
}

/// Changes that say nothing.
fn silence() -> Reading {
    Reading::new(Vault::from_master_key(Secret::new([7; 32])).platform_keys(), Scope::Part)
}

fn part(roll: &[(u8, Option<Key>)]) -> Reading {
    let roll: BTreeMap<Key, Option<Key>> = roll.iter().map(|(number, dn)| (key(*number), *dn)).collect();
    Reading { roll: Some(roll), ..silence() }
}

fn two_people_and_a_group() -> Known {
    let people = [1, 2].map(|number| stored(number, Some(name(number)))).into();
    Known { people, groups: vec![stored_group(3)], ..Known::default() }
}

fn gone(reading: &Reading) -> Vec<u8> {
    reading.gone.keys().map(|key| key[0]).collect()
}

#[test]
fn without_a_roll_nobody_is_missed() {
    let mut reading = silence();
    assert!(reading.call_roll(&two_people_and_a_group()));
    assert!(reading.gone.is_empty());
}

#[test]
fn whoever_is_stored_and_not_on_the_roll_is_gone() {
    let mut reading = part(&[(1, Some(name(1)))]);
    assert!(reading.call_roll(&two_people_and_a_group()));
    assert_eq!(gone(&reading), [2, 3]);
    assert!(reading.roll.is_none(), "it is called once");
}

#[test]
fn everybody_on_the_roll_stays_and_so_do_strangers() {
    let mut reading = part(&[(1, Some(name(1))), (2, Some(name(2))), (3, Some(name(3))), (9, Some(name(9)))]);
    assert!(reading.call_roll(&two_people_and_a_group()));
    assert!(reading.gone.is_empty());
}

#[test]
fn whoever_was_told_of_needs_no_roll() {
    let mut reading = part(&[(3, Some(name(3)))]);
    reading.people.push(seen(1, name(1)));
    reading.kept.insert(key(2));
    assert!(reading.call_roll(&two_people_and_a_group()));
    assert!(reading.gone.is_empty(), "an entry that was read or could not be used is there");
}

#[test]
fn another_name_of_somebody_who_was_not_told_of_needs_a_whole_reading() {
    let roll = [(1, Some(name(7))), (2, Some(name(2))), (3, Some(name(3)))];
    let mut reading = part(&roll);
    assert!(!reading.call_roll(&two_people_and_a_group()));
    assert!(reading.roll.is_some(), "it still says something");
    let mut reading = part(&roll);
    reading.people.push(seen(1, name(7)));
    assert!(reading.call_roll(&two_people_and_a_group()), "the new name was told");
}

#[test]
fn an_id_that_stands_twice_needs_a_whole_reading() {
    let mut reading = part(&[(1, None), (2, Some(name(2))), (3, Some(name(3)))]);
    assert!(!reading.call_roll(&two_people_and_a_group()));
    assert!(reading.gone.is_empty());
}

#[test]
fn whoever_is_on_the_roll_again_needs_a_whole_reading() {
    let known = Known { people: vec![stored(1, None)], ..Known::default() };
    assert!(!part(&[(1, Some(name(1)))]).call_roll(&known), "nothing else tells that they came back");
}

#[test]
fn whoever_the_directory_stopped_listing_before_is_not_gone_again() {
    let known = Known { people: vec![stored(1, None)], ..Known::default() };
    let mut reading = part(&[]);
    assert!(reading.call_roll(&known));
    assert!(reading.gone.is_empty());
}
