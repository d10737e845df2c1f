use freehold_types::{DirectoryGroupId, PersonId};
use uuid::Uuid;

use super::{Limit, hold};
use crate::diff::{ChangeKind, ChangeSet, PersonChange};

fn leaving(leavers: u128, active: u64) -> ChangeSet {
    let person = |number| PersonChange {
        kind: ChangeKind::Deactivate,
        id: PersonId::from_uuid(Uuid::from_u128(number)),
        key: [0; 16],
        seen: None,
        manager: None,
        administrator: false,
    };
    ChangeSet { people: (0..leavers).map(person).collect(), active_before_count: active, ..ChangeSet::default() }
}

#[test]
fn a_share_holds_above_it_and_above_its_floor() {
    let five = Limit::Percent(5);
    assert_eq!(hold(&leaving(20, 100), five, 80, 1), None);
    assert!(hold(&leaving(21, 100), five, 79, 1).is_some());
    assert_eq!(hold(&leaving(50, 1_000), five, 950, 1), None);
    assert!(hold(&leaving(51, 1_000), five, 949, 1).is_some());
}

#[test]
fn a_number_means_that_number() {
    assert_eq!(hold(&leaving(3, 5), Limit::People(3), 2, 1), None);
    assert!(hold(&leaving(4, 1_000), Limit::People(3), 996, 1).is_some());
    assert!(hold(&leaving(1, 1_000), Limit::People(0), 999, 1).is_some());
}

#[test]
fn a_small_company_is_not_emptied_below_the_floor() {
    assert_eq!(hold(&leaving(1, 2), Limit::default(), 1, 1), None);
    assert_eq!(hold(&leaving(3, 4), Limit::default(), 1, 1), None);
    assert!(hold(&leaving(6, 10), Limit::default(), 4, 1).is_some());
}

#[test]
fn an_empty_answer_is_never_believed() {
    assert!(hold(&leaving(1, 1), Limit::People(1_000), 0, 1).is_some());
    assert_eq!(hold(&leaving(0, 0), Limit::default(), 0, 1), None);
}

#[test]
fn a_large_group_that_loses_most_of_its_members_is_held() {
    let group = DirectoryGroupId::from_uuid(Uuid::from_u128(1));
    let set = |before, after| ChangeSet { shrinking: vec![(group, before, after)], ..ChangeSet::default() };
    assert!(hold(&set(50, 24), Limit::default(), 1, 1).is_some());
    assert_eq!(hold(&set(50, 25), Limit::default(), 1, 1), None);
    assert_eq!(hold(&set(49, 0), Limit::default(), 1, 1), None);
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
    assert!(hold(&leaving(1, 1_000), Limit::Percent(0), 999, 1).is_some());
    assert_eq!(hold(&leaving(0, 1_000), Limit::Percent(0), 1_000, 1), None);
}

#[test]
fn an_answer_without_any_group_is_never_believed() {
    let group = DirectoryGroupId::from_uuid(Uuid::from_u128(1));
    let set = ChangeSet { gone_groups: vec![group], ..ChangeSet::default() };
    assert!(hold(&set, Limit::default(), 10, 0).is_some());
    assert_eq!(hold(&set, Limit::default(), 10, 1), None);
}

#[test]
fn the_last_administrator_does_not_go_unnoticed() {
    let set = |before, after| ChangeSet {
        administrators_before_count: before,
        administrators_after_count: after,
        ..ChangeSet::default()
    };
    assert!(hold(&set(1, 0), Limit::default(), 10, 1).is_some());
    assert_eq!(hold(&set(2, 1), Limit::default(), 10, 1), None);
    assert_eq!(hold(&set(0, 0), Limit::default(), 10, 1), None);
}
