use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use freehold_types::{Mint, SetClock};

use super::TRIES_MAX;
use crate::testing::{Place, on_both, vault};
use crate::{Job, Tenancy};

const LEASE: Duration = Duration::from_secs(60);

on_both!(
    a_job_is_lent_once_and_ends,
    a_job_is_queued_once_per_key,
    a_lost_lease_is_lent_again,
    failures_pause_and_end,
    many_workers_share_the_queue,
);

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

async fn open(place: &Place) -> (Tenancy, Arc<SetClock>) {
    let clock = Arc::new(SetClock::new(noon()));
    (Tenancy::connect(&place.storage, vault(), Mint::new(clock.clone())).await.unwrap(), clock)
}

async fn put(tenancy: &Tenancy, key: &str, payload: &str) {
    let tx = tenancy.platform().await.unwrap();
    tx.put_job("close", key, tx.mint().now(), payload.as_bytes()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(tenancy: &Tenancy) -> Option<Job> {
    tenancy.claim_job(&["close"], LEASE).await.unwrap()
}

async fn a_job_is_lent_once_and_ends(place: Place) {
    let (tenancy, clock) = open(&place).await;
    let tx = tenancy.platform().await.unwrap();
    tx.put_job("close", "later", noon() + TimeDelta::hours(1), b"payload").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(&tenancy).await, None, "not due yet");
    clock.advance(TimeDelta::hours(1));
    assert_eq!(tenancy.claim_job(&["sync"], LEASE).await.unwrap(), None, "another kind");
    let job = claim(&tenancy).await.unwrap();
    assert_eq!((job.kind.as_str(), job.payload.as_slice(), job.tries), ("close", b"payload".as_slice(), 1));
    assert_eq!(claim(&tenancy).await, None, "on loan");
    tenancy.finish_job(&job).await.unwrap();
    clock.advance(TimeDelta::days(1));
    assert_eq!(claim(&tenancy).await, None, "done");
}

async fn a_job_is_queued_once_per_key(place: Place) {
    let (tenancy, _clock) = open(&place).await;
    put(&tenancy, "one", "first").await;
    put(&tenancy, "one", "second").await;
    put(&tenancy, "two", "third").await;
    let jobs = [claim(&tenancy).await.unwrap(), claim(&tenancy).await.unwrap()];
    assert_eq!(claim(&tenancy).await, None);
    assert!(jobs.iter().any(|job| job.payload == b"first"));
    assert!(jobs.iter().any(|job| job.payload == b"third"));
}

async fn a_lost_lease_is_lent_again(place: Place) {
    let (tenancy, clock) = open(&place).await;
    put(&tenancy, "one", "work").await;
    let lost = claim(&tenancy).await.unwrap();
    clock.advance(TimeDelta::seconds(61));
    let taken = claim(&tenancy).await.unwrap();
    assert_eq!((taken.id, taken.tries), (lost.id, 2));
    tenancy.finish_job(&lost).await.unwrap();
    tenancy.fail_job(&lost).await.unwrap();
    clock.advance(TimeDelta::seconds(61));
    assert_eq!(claim(&tenancy).await.unwrap().tries, 3, "a void claim changes nothing");
}

async fn failures_pause_and_end(place: Place) {
    let (tenancy, clock) = open(&place).await;
    put(&tenancy, "one", "work").await;
    for tries in 1..=TRIES_MAX {
        let job = claim(&tenancy).await.unwrap();
        assert_eq!(job.tries, tries);
        tenancy.fail_job(&job).await.unwrap();
        assert_eq!(claim(&tenancy).await, None, "pausing");
        clock.advance(super::pause(tries));
    }
    clock.advance(TimeDelta::days(30));
    assert_eq!(claim(&tenancy).await, None, "given up");
    put(&tenancy, "one", "anew").await;
    assert_eq!(claim(&tenancy).await.unwrap().payload, b"anew");
}

async fn many_workers_share_the_queue(place: Place) {
    const JOBS: usize = 40;
    let (tenancy, _clock) = open(&place).await;
    for number in 0..JOBS {
        put(&tenancy, &number.to_string(), "work").await;
    }
    let worker = async || {
        let mut done = 0;
        while let Some(job) = claim(&tenancy).await {
            tenancy.finish_job(&job).await.unwrap();
            done += 1;
        }
        done
    };
    let (a, b, c, d) = tokio::join!(worker(), worker(), worker(), worker());
    // A job that is being claimed is passed over, so a worker may stop early; none is done twice.
    assert!(a + b + c + d <= JOBS);
    assert_eq!(a + b + c + d + worker().await, JOBS);
}

#[test]
fn pauses_double_up_to_an_hour() {
    assert_eq!(super::pause(1), TimeDelta::seconds(5));
    assert_eq!(super::pause(2), TimeDelta::seconds(10));
    assert_eq!(super::pause(30), TimeDelta::hours(1));
}
