use freehold_types::{Mint, SystemClock};

use super::*;

#[test]
fn half_of_them_were_as_fast_as_the_median_and_nobody_slower_than_the_worst() {
    assert_eq!(measure(Vec::new()), None);
    assert_eq!(measure(vec![40]), Some(LeaverClock { people: 1, median_ms: 40, worst_ms: 40 }));
    assert_eq!(measure(vec![900, 30, 50, 40]), Some(LeaverClock { people: 4, median_ms: 40, worst_ms: 900 }));
}

#[tokio::test]
async fn a_clock_runs_from_the_change_to_the_word() {
    let mint = Mint::new(Arc::new(SystemClock));
    let start: DateTime<Utc> = "2026-06-10T12:00:00Z".parse().unwrap();
    let (one, other, stranger): (PersonId, PersonId, PersonId) = (mint.id(), mint.id(), mint.id());
    let leavers = Leavers::default();
    let watched = leavers.watch([(one, start), (other, start)].into_iter());
    leavers.ended(&[one.to_string(), stranger.to_string()], start + chrono::TimeDelta::milliseconds(120));
    // A second word about the same person changes nothing.
    leavers.ended(&[one.to_string()], start + chrono::TimeDelta::milliseconds(500));
    leavers.ended(&[other.to_string()], start - chrono::TimeDelta::milliseconds(3));
    assert_eq!(watched.read().await, Some(LeaverClock { people: 2, median_ms: 0, worst_ms: 120 }));
    drop(watched);
    assert!(leavers.people().is_empty());
}

#[tokio::test]
async fn a_session_that_ended_before_the_run_stopped_its_clock() {
    let mint = Mint::new(Arc::new(SystemClock));
    let start: DateTime<Utc> = "2026-06-10T12:00:00Z".parse().unwrap();
    let (one, held): (PersonId, PersonId) = (mint.id(), mint.id());
    let leavers = Leavers::default();
    leavers.ended_before(held, start - BEFORE_MAX);
    leavers.ended_before(one, start + TimeDelta::milliseconds(90));
    assert_eq!(leavers.before().len(), 1);
    let watched = leavers.watch([(one, start)].into_iter());
    leavers.ended(&[one.to_string()], start + TimeDelta::seconds(2));
    assert_eq!(watched.read().await, Some(LeaverClock { people: 1, median_ms: 90, worst_ms: 90 }));
    assert!(leavers.before().is_empty());
}
