use freehold_types::{Caller, Period};

use super::{Noted, Seen, V1, note, record};
use crate::store;
use crate::testing::{Place, moment, on_both, person};

on_both!(
    a_person_counts_from_their_second_day_on_with_or_without_the_memory,
    two_days_of_two_months_are_one_day_of_each,
    pseudonyms_of_two_months_and_two_tenants_differ,
    only_people_are_counted,
);

fn seen(day_count: i16, last_day: i16) -> Option<Seen> {
    Some(Seen { day_count, last_day })
}

#[test]
fn the_count_grows_with_days_and_stops_when_the_person_counts() {
    assert_eq!(note(&V1, None, 5), seen(1, 5));
    assert_eq!(note(&V1, seen(1, 5), 5), None);
    assert_eq!(note(&V1, seen(1, 5), 4), None, "a clock that is late makes no second day");
    assert_eq!(note(&V1, seen(1, 5), 6), seen(2, 6));
    assert_eq!(note(&V1, seen(2, 6), 30), None);
}

async fn counted(place: &Place, tenant: freehold_types::TenantId, period: &str) -> i64 {
    let tx = place.deps.tenancy.platform().await.unwrap();
    let period: Period = period.parse().unwrap();
    store::active_person::count(&tx, tenant, period, V1.days).await.unwrap()
}

async fn act(place: &Place, noted: &Noted, caller: &Caller, at: &str) {
    place.clock.set(moment(at));
    record(&place.deps, noted, caller).await.unwrap();
}

async fn a_person_counts_from_their_second_day_on_with_or_without_the_memory(place: Place) {
    place.clock.set(moment("2026-10-01T08:00:00Z"));
    let tenant = place.tenant("acme").await;
    let caller = person(tenant, 1);
    for noted in [Noted::default(), Noted::default()] {
        act(&place, &noted, &caller, "2026-10-05T00:00:00Z").await;
        act(&place, &noted, &caller, "2026-10-05T23:59:59.999Z").await;
    }
    assert_eq!(counted(&place, tenant, "2026-10").await, 0);
    let noted = Noted::default();
    act(&place, &noted, &caller, "2026-10-06T00:00:00Z").await;
    act(&place, &noted, &caller, "2026-10-07T12:00:00Z").await;
    assert_eq!(counted(&place, tenant, "2026-10").await, 1);
}

async fn two_days_of_two_months_are_one_day_of_each(place: Place) {
    place.clock.set(moment("2026-10-01T08:00:00Z"));
    let tenant = place.tenant("acme").await;
    let noted = Noted::default();
    act(&place, &noted, &person(tenant, 1), "2026-10-31T23:59:59Z").await;
    act(&place, &noted, &person(tenant, 1), "2026-11-01T00:00:00Z").await;
    assert_eq!(counted(&place, tenant, "2026-10").await, 0);
    assert_eq!(counted(&place, tenant, "2026-11").await, 0);
}

async fn pseudonyms_of_two_months_and_two_tenants_differ(place: Place) {
    let (acme, meadow) = (place.tenant("acme").await, place.tenant("meadow").await);
    let mut pseudonyms = std::collections::BTreeSet::new();
    for tenant in [acme, meadow] {
        for period in ["2026-10", "2026-11"] {
            let caller = person(tenant, 1);
            let keys = place.deps.tenancy.keys(&caller).await.unwrap();
            pseudonyms.insert(super::pseudonym(&keys, period.parse().unwrap(), caller.person().unwrap()));
        }
    }
    assert_eq!(pseudonyms.len(), 4);
}

async fn only_people_are_counted(place: Place) {
    let tenant = place.tenant("acme").await;
    assert!(record(&place.deps, &Noted::default(), &Caller::operator(Some(tenant))).await.is_err());
}
