use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Mint, SystemClock};

use super::Session;

fn used(last_used: TimeDelta, shared_device: bool) -> Session {
    let mint = Mint::new(Arc::new(SystemClock));
    let start = DateTime::<Utc>::UNIX_EPOCH;
    Session {
        id: mint.id(),
        person: mint.id(),
        connection: None,
        created_at: start,
        last_used_at: start + last_used,
        expires_at: start + TimeDelta::days(7),
        shared_device,
    }
}

#[test]
fn a_session_ends_twelve_hours_after_its_last_use() {
    assert_eq!(used(TimeDelta::zero(), false).ends_at(), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(12));
    assert_eq!(used(TimeDelta::hours(11), false).ends_at(), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(23));
}

#[test]
fn a_session_ends_seven_days_after_its_sign_in_however_much_it_is_used() {
    assert_eq!(used(TimeDelta::hours(167), false).ends_at(), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(7));
}

#[test]
fn a_session_of_a_shared_device_ends_ten_minutes_after_its_last_use() {
    assert_eq!(used(TimeDelta::hours(1), true).ends_at(), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(70));
}
