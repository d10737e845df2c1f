use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use freehold_types::{Mint, SystemClock, TenantId};

use super::{Delays, Name};

#[test]
fn each_wrong_try_waits_longer_and_a_day_later_all_is_forgotten() {
    let tenant: TenantId = Mint::new(Arc::new(SystemClock)).id();
    let (delays, anna) = (Delays::default(), Name::new(tenant, "anna"));
    let mut now = DateTime::UNIX_EPOCH;
    let mut waits = Vec::new();
    for _ in 0..100 {
        delays.begin(anna, now).unwrap();
        let wait = delays.begin(anna, now).unwrap_err();
        waits.push(wait.as_secs());
        now += TimeDelta::from_std(wait).unwrap();
    }
    assert_eq!((waits[0], waits[1], waits[2], waits[8], waits[24]), (1, 1, 3, 5, 10));
    assert!(waits[99] > 23 * 3_600, "{waits:?}");
    assert_eq!(now, DateTime::UNIX_EPOCH + TimeDelta::hours(24));
    delays.begin(anna, now).unwrap();
    assert_eq!(delays.begin(anna, now), Err(Duration::from_secs(1)));
}

#[test]
fn a_name_waits_for_itself_alone_and_not_after_a_right_try() {
    let mint = Mint::new(Arc::new(SystemClock));
    let (one, other): (TenantId, TenantId) = (mint.id(), mint.id());
    let (delays, now) = (Delays::default(), DateTime::UNIX_EPOCH);
    delays.begin(Name::new(one, "anna"), now).unwrap();
    delays.begin(Name::new(one, "ben"), now).unwrap();
    delays.begin(Name::new(other, "anna"), now).unwrap();
    delays.begin(Name::new(one, "anna"), now).unwrap_err();
    delays.succeeded(Name::new(one, "anna"));
    delays.begin(Name::new(one, "anna"), now).unwrap();
}
