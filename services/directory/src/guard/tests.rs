use freehold_types::{DirectoryGroupId, PersonId};
use uuid::Uuid;

use super::{Facts, Limit, Seen, hold};
use crate::diff::{ChangeKind, ChangeSet, PersonChange};

fn leaving(leavers: u128, active: u64) -> ChangeSet {
    let person = |number| PersonChange {
        kind: ChangeKind::Deactivate,
        id: PersonId::from_uuid(Uuid::from_u128(number)),
        key: [0; 16],
        seen: None,
        manager: None,
        missing_manager: None,
        administrator: false,
        dn: None,
        restored: false,
    };
    ChangeSet { people: (0..leavers).map(person).collect(), active_before_count: active, ..ChangeSet::default() }
}

/// A whole reading that saw so much.
fn seen(people: usize, groups: usize) -> Facts {
    Facts { seen: Some(Seen { people, groups }), ..Facts::default() }
}

#[test]
fn a_share_holds_above_it_and_above_its_floor() {
    let five = Limit::Percent(5);
    assert_eq!(hold(&leaving(20, 100), five, &seen(80, 1)), None);
    assert!(hold(&leaving(21, 100), five, &seen(79, 1)).is_some());
    assert_eq!(hold(&leaving(50, 1_000), five, &seen(950, 1)), None);
    assert!(hold(&leaving(51, 1_000), five, &seen(949, 1)).is_some());
}

#[test]
fn a_number_means_that_number() {
    assert_eq!(hold(&leaving(3, 5), Limit::People(3), &seen(2, 1)), None);
    assert!(hold(&leaving(4, 1_000), Limit::People(3), &seen(996, 1)).is_some());
    assert!(hold(&leaving(1, 1_000), Limit::People(0), &seen(999, 1)).is_some());
}

#[test]
fn a_small_company_is_not_emptied_below_the_floor() {
    assert_eq!(hold(&leaving(1, 2), Limit::default(), &seen(1, 1)), None);
    assert_eq!(hold(&leaving(3, 4), Limit::default(), &seen(1, 1)), None);
    assert!(hold(&leaving(6, 10), Limit::default(), &seen(4, 1)).is_some());
}

#[test]
fn an_empty_answer_is_never_believed() {
    assert!(hold(&leaving(1, 1), Limit::People(1_000), &seen(0, 1)).is_some());
    assert_eq!(hold(&leaving(0, 0), Limit::default(), &seen(0, 1)), None);
}

#[test]
fn a_large_group_that_loses_most_of_its_members_is_held() {
    let group = DirectoryGroupId::from_uuid(Uuid::from_u128(1));
    let set = |before, after| ChangeSet { shrinking: vec![(group, before, after)], ..ChangeSet::default() };
    assert!(hold(&set(50, 24), Limit::default(), &seen(1, 1)).is_some());
    assert_eq!(hold(&set(50, 25), Limit::default(), &seen(1, 1)), None);
    assert_eq!(hold(&set(49, 0), Limit::default(), &seen(1, 1)), None);
}

#[test]
fn limits_are_read_as_people_write_them() {
    assert_eq!("5%".parse(), Ok(Limit::Percent(5)));
    assert_eq!("40".parse(), Ok(Limit::People(40)));
    assert_eq!("".parse(), Ok(Limit::Percent(5)));
    for text in ["101%", "-1", "five", "5 %", "5.5%"] {
        assert!(text.parse::<Limit>().is_err(), "{text}");
    }
}

#[test]
fn nought_percent_means_nobody() {
    assert!(hold(&leaving(1, 1_000), Limit::Percent(0), &seen(999, 1)).is_some());
    assert_eq!(hold(&leaving(0, 1_000), Limit::Percent(0), &seen(1_000, 1)), None);
}

#[test]
fn an_answer_without_any_group_is_never_believed() {
    let group = DirectoryGroupId::from_uuid(Uuid::from_u128(1));
    let set = ChangeSet { gone_groups: vec![group], ..ChangeSet::default() };
    assert!(hold(&set, Limit::default(), &seen(10, 0)).is_some());
    assert_eq!(hold(&set, Limit::default(), &seen(10, 1)), None);
}

#[test]
fn the_last_administrator_does_not_go_unnoticed() {
    let set = |before, after| ChangeSet {
        administrators_before_count: before,
        administrators_after_count: after,
        ..ChangeSet::default()
    };
    assert!(hold(&set(1, 0), Limit::default(), &seen(10, 1)).is_some());
    assert_eq!(hold(&set(2, 1), Limit::default(), &seen(10, 1)), None);
    assert_eq!(hold(&set(0, 0), Limit::default(), &seen(10, 1)), None);
}

#[test]
fn those_who_left_within_the_day_count_in() {
    let before = |left_before| Facts { left_before, ..seen(900, 1) };
    assert_eq!(hold(&leaving(20, 400), Limit::default(), &before(0)), None);
    let because = hold(&leaving(20, 400), Limit::default(), &before(15)).unwrap();
    assert!(because.contains("after 15 who left within the last day"), "{because}");
    assert_eq!(hold(&leaving(0, 400), Limit::default(), &before(100)), None);
    assert!(hold(&leaving(1, 400), Limit::People(3), &before(3)).is_some());
}

#[test]
fn a_shape_is_named_and_held_whatever_the_numbers_allow() {
    let facts =
        Facts { missing: 6, shape: Some("all were in ou=sales, where nobody is left".to_owned()), ..seen(900, 1) };
    let because = hold(&leaving(6, 1_000), Limit::People(100), &facts).unwrap();
    assert!(because.starts_with("6 people are missing and all were in ou=sales"), "{because}");
}

#[test]
fn a_field_that_many_would_lose_is_held() {
    let facts = |people| Facts { blanked: Some(("department", people)), ..seen(1_000, 1) };
    assert_eq!(hold(&leaving(0, 1_000), Limit::default(), &facts(50)), None);
    assert!(hold(&leaving(0, 1_000), Limit::default(), &facts(51)).unwrap().contains("department"));
    assert_eq!(hold(&leaving(0, 100), Limit::default(), &facts(20)), None);
}

#[test]
fn what_an_undo_took_back_does_not_happen_again_by_itself() {
    let facts = Facts { undone: 1, ..seen(1_000, 1) };
    let because = hold(&leaving(1, 1_000), Limit::default(), &facts).unwrap();
    assert_eq!(because, "it would do again one change that an undo took back");
}

#[test]
fn whoever_approves_reads_every_reason() {
    let set = ChangeSet { administrators_before_count: 1, ..leaving(30, 60) };
    let facts = Facts { missing: 30, shape: Some("all stood in one unit".to_owned()), ..seen(30, 1) };
    let held = hold(&set, Limit::default(), &facts).expect("it is held");
    for reason in ["nobody would administer", "30 people are missing and all stood in one unit", "30 of 60 people"] {
        assert!(held.contains(reason), "{held}");
    }
}
