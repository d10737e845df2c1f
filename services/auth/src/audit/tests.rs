use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::Method;
use freehold_types::TenantId;
use uuid::Uuid;

use super::{NAMES_MAX, Refusals};
use crate::delay::Name;

const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000, 0).unwrap()
}

fn written(refusals: &Refusals, times: u64, name: Option<Name>) -> Vec<u64> {
    (0..times).filter_map(|_| refusals.count(TENANT, (Method::Password, "wrong", name), now())).collect()
}

#[test]
fn repeated_refusals_are_few_rows() {
    let refusals = Refusals::default();
    assert_eq!(written(&refusals, 12_345, None), [1, 10, 100, 1000, 10_000]);
    let later = now() + TimeDelta::seconds(60);
    assert_eq!(refusals.count(TENANT, (Method::Password, "wrong", None), later), Some(1), "the next minute");
}

#[test]
fn refusals_of_many_names_are_bounded() {
    let refusals = Refusals::default();
    let rows: usize =
        (0..10_000).map(|name| written(&refusals, 1, Some(Name::new(TENANT, &format!("name {name}")))).len()).sum();
    assert!((NAMES_MAX..NAMES_MAX + 10).contains(&rows), "{rows}");
}

#[test]
fn another_company_has_its_own() {
    let refusals = Refusals::default();
    let other = TenantId::from_uuid(Uuid::from_u128(2));
    assert_eq!(written(&refusals, 5, None), [1]);
    assert_eq!(refusals.count(other, (Method::Password, "wrong", None), now()), Some(1));
}
