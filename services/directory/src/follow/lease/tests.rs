use uuid::Uuid;

use super::*;

#[test]
fn a_holder_is_gone_when_its_beats_stop_for_long_enough_and_not_before() {
    let start = Instant::now();
    let mut watched = None;
    let lease = |beats| Lease { process: Some(Uuid::from_u128(1)), beats };
    assert!(!silent(&mut watched, lease(7), start));
    assert!(!silent(&mut watched, lease(7), start + SILENCE_MAX / 2));
    // It beat once more: the waiting begins anew.
    assert!(!silent(&mut watched, lease(8), start + SILENCE_MAX));
    assert!(!silent(&mut watched, lease(8), start + SILENCE_MAX + SILENCE_MAX / 2));
    assert!(silent(&mut watched, lease(8), start + SILENCE_MAX * 2));
}

#[test]
fn a_holder_stops_before_anybody_takes_its_place() {
    assert!(UNHEARD_MAX + BEAT_EVERY <= SILENCE_MAX);
}
