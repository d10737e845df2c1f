use chrono::DateTime;

use super::{DirectoryId, Link, Person, PersonId, Record, Restored, SyncRunId, Uuid, micros, person_before};

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn undo() -> SyncRunId {
    SyncRunId::from_uuid(uuid(99))
}

fn directory(number: u128) -> DirectoryId {
    DirectoryId::from_uuid(uuid(number))
}

fn at(seconds: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn anna(active: bool) -> Person {
    Person {
        id: PersonId::from_uuid(uuid(1)),
        directory: directory(7),
        record: Record { title: "Welder".to_owned(), ..Record::default() },
        active,
        manager: Some(PersonId::from_uuid(uuid(2))),
        administrator: active,
        created_at: at(1_000),
        updated_at: at(2_000),
        deactivated_at: (!active).then(|| at(2_000)),
        dn: Some([5; 16]),
        missing_manager: None,
        photo: None,
    }
}

#[test]
fn who_left_with_the_run_is_back_as_they_were() {
    let (was, is) = (anna(true), anna(false));
    let before = person_before(was.id, Some(&was), &is.record, is.directory).before;
    let mut restored = Restored::default();
    let write = restored.take(&is, before.as_ref(), &[], undo(), at(3_000));
    assert!(write.active && write.administrator);
    assert_eq!((write.manager, write.deactivated_at, write.dn), (was.manager, None, was.dn));
    assert_eq!((write.created_at, write.restored), (was.created_at, Some(undo())));
    assert_eq!((restored.returned, restored.deactivated, restored.changed), (1, 0, 0));
}

#[test]
fn who_joined_with_the_run_leaves_now() {
    let is = anna(true);
    let mut restored = Restored::default();
    let write = restored.take(&is, None, &[], undo(), at(3_000));
    assert!(!write.active && !write.administrator);
    assert_eq!((write.deactivated_at, write.record), (Some(at(3_000)), &is.record));
    assert_eq!((restored.returned, restored.deactivated, restored.changed), (0, 1, 0));
}

#[test]
fn who_had_left_before_keeps_the_time_at_which_they_left() {
    let was = Person { deactivated_at: Some(at(500)), ..anna(false) };
    let is = anna(true);
    let before = person_before(was.id, Some(&was), &is.record, is.directory).before;
    let mut restored = Restored::default();
    assert_eq!(restored.take(&is, before.as_ref(), &[], undo(), at(3_000)).deactivated_at, Some(at(500)));
}

#[test]
fn a_record_that_changed_is_the_old_one_again_and_the_undo_can_be_undone() {
    let was = Person { manager: None, record: Record::default(), ..anna(true) };
    let is = anna(true);
    let before = person_before(was.id, Some(&was), &is.record, is.directory).before;
    let mut restored = Restored::default();
    let write = restored.take(&is, before.as_ref(), &[], undo(), at(3_000));
    assert_eq!((write.record, write.manager), (&was.record, None));
    assert_eq!((restored.returned, restored.deactivated, restored.changed), (0, 0, 1));
    let back = restored.journal.pop().unwrap().before.unwrap();
    assert_eq!(back.record.as_ref(), Some(&is.record));
    assert_eq!(back.manager.as_deref(), Some(uuid(2).as_bytes().as_slice()));
    assert_eq!(back.deactivated_at, is.deactivated_at.map(micros));
}

#[test]
fn who_was_handed_over_goes_back_under_the_name_in_the_first_directory() {
    let was = Person { directory: directory(8), ..anna(true) };
    let is = anna(true);
    let before = person_before(was.id, Some(&was), &is.record, is.directory).before;
    let link = |number, name: u8| Link {
        directory: directory(number),
        key: [1; 16],
        person: is.id,
        dn: [name; 16],
        enabled: true,
    };
    let mut restored = Restored::default();
    let links = [link(7, 70), link(8, 80)];
    let write = restored.take(&is, before.as_ref(), &links, undo(), at(3_000));
    assert_eq!((write.directory, write.dn), (directory(8), Some([80; 16])));
}
