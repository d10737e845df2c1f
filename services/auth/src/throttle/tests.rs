use chrono::{DateTime, TimeDelta};
use freehold_types::{Mint, SystemClock, TenantId};
use std::sync::Arc;

use super::{Throttle, WRONG_TRIES_MAX};

#[test]
fn twenty_wrong_tries_a_minute_and_each_tenant_for_itself() {
    let mint = Mint::new(Arc::new(SystemClock));
    let (one, other): (TenantId, TenantId) = (mint.id(), mint.id());
    let throttle = Throttle::default();
    let now = DateTime::UNIX_EPOCH;
    for _ in 0..WRONG_TRIES_MAX {
        assert_eq!(throttle.count(one, now), Ok(()));
    }
    let later = now + TimeDelta::seconds(20);
    assert_eq!(throttle.count(one, later), Err(std::time::Duration::from_secs(40)));
    assert_eq!(throttle.count(other, later), Ok(()));
    assert_eq!(throttle.count(one, now + TimeDelta::seconds(60)), Ok(()));
}
