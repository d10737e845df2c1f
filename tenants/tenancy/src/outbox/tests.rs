use std::sync::Mutex;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use freehold_types::{Caller, Fault, Kind, Reason, Service, TenantId};

use super::{Positions, TRIES_MAX};
use crate::testing::{Place, active, on_both};
use crate::{Event, Tenancy};

const OWNER: Service = Service::Directory;

on_both!(
    delivered_once_in_order,
    only_what_was_committed,
    a_refused_event_is_parked_after_enough_tries,
    waiting_for_the_other_side_is_no_refusal,
    a_service_sees_only_its_own_events,
    a_commit_wakes_whoever_waits,
);

async fn put(tenancy: &Tenancy, tenant: TenantId, payloads: &[&str]) {
    let tx = tenancy.begin(&Caller::service(OWNER, tenant)).await.unwrap();
    for payload in payloads {
        tx.put_event(OWNER, "test", payload.as_bytes()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Relays with a handler that answers as `answer` says; gives what the handler saw.
async fn relay(tenancy: &Tenancy, tenant: TenantId, answer: impl Fn(&str) -> Result<(), Fault>) -> Vec<String> {
    let seen = Mutex::new(Vec::new());
    let handler = async |event: Event| {
        assert_eq!((event.tenant, event.topic.as_str()), (tenant, "test"));
        let text = String::from_utf8(event.payload).unwrap();
        let outcome = answer(&text);
        seen.lock().unwrap().push(text);
        outcome
    };
    tenancy.relay(tenant, OWNER, handler).await.unwrap();
    seen.into_inner().unwrap()
}

fn refuse(kind: Kind) -> Result<(), Fault> {
    Err(Fault::new(kind, Reason::Internal, "not today"))
}

async fn delivered_once_in_order(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let many: Vec<String> = (0..250).map(|number| format!("event {number}")).collect();
    let all: Vec<&str> = many.iter().map(String::as_str).collect();
    put(&tenancy, tenant, &all[..120]).await;
    put(&tenancy, tenant, &all[120..]).await;
    assert_eq!(relay(&tenancy, tenant, |_text| Ok(())).await, many);
    assert!(relay(&tenancy, tenant, |_text| Ok(())).await.is_empty());
    assert!(tenancy.tenants_with_events(OWNER).await.unwrap().is_empty());
}

async fn only_what_was_committed(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let tx = tenancy.begin(&Caller::service(OWNER, tenant)).await.unwrap();
    tx.put_event(OWNER, "test", b"never").await.unwrap();
    drop(tx);
    assert!(relay(&tenancy, tenant, |_text| Ok(())).await.is_empty());
}

async fn a_refused_event_is_parked_after_enough_tries(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    put(&tenancy, tenant, &["good", "bad", "behind"]).await;
    let answer = |text: &str| if text == "bad" { refuse(Kind::Internal) } else { Ok(()) };
    assert_eq!(relay(&tenancy, tenant, answer).await, ["good", "bad"]);
    for _ in 2..TRIES_MAX {
        assert_eq!(relay(&tenancy, tenant, answer).await, ["bad"]);
    }
    assert_eq!(relay(&tenancy, tenant, answer).await, ["bad", "behind"]);
    assert!(relay(&tenancy, tenant, answer).await.is_empty());
}

async fn waiting_for_the_other_side_is_no_refusal(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    put(&tenancy, tenant, &["patient", "behind"]).await;
    for _ in 0..TRIES_MAX * 2 {
        assert_eq!(relay(&tenancy, tenant, |_text| refuse(Kind::Unavailable)).await, ["patient"]);
    }
    assert_eq!(relay(&tenancy, tenant, |_text| Ok(())).await, ["patient", "behind"]);
}

async fn a_service_sees_only_its_own_events(place: Place) {
    let tenancy = place.open().await;
    let (tenant, other) = (active(&tenancy, "meadow").await, active(&tenancy, "brook").await);
    put(&tenancy, tenant, &["mine"]).await;
    let no_handler = async |event: Event| panic!("{event:?}");
    assert_eq!(tenancy.relay(tenant, Service::Content, no_handler).await.unwrap(), 0);
    assert_eq!(tenancy.relay(other, OWNER, no_handler).await.unwrap(), 0);
    assert_eq!(tenancy.tenants_with_events(OWNER).await.unwrap(), [tenant]);
    assert!(tenancy.tenants_with_events(Service::Content).await.unwrap().is_empty());
}

async fn a_commit_wakes_whoever_waits(place: Place) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    let wait = tenancy.wait_for_events(OWNER, Duration::from_secs(60));
    let both = Box::pin(async { tokio::join!(wait, put(&tenancy, tenant, &["news"])) });
    let (woken, ()) = tokio::time::timeout(Duration::from_secs(30), both).await.unwrap();
    assert_eq!(woken.unwrap(), [tenant]);
    // Nobody commits now: the poll still finds what was not delivered.
    assert_eq!(tenancy.wait_for_events(OWNER, Duration::ZERO).await.unwrap(), [tenant]);
}

#[test]
fn positions_only_rise_even_when_the_clock_goes_back() {
    let positions = Positions::default();
    let noon = Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap();
    let first = positions.next(noon);
    assert_eq!(first, noon.timestamp_micros());
    assert_eq!(positions.next(noon), first + 1);
    assert_eq!(positions.next(noon - chrono::TimeDelta::hours(1)), first + 2);
    assert!(positions.next(noon + chrono::TimeDelta::hours(1)) > first + 1_000);
}
