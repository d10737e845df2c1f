use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const PARIS: Tz = Tz::Europe__Paris;

#[test]
fn it_is_done_once_a_night_by_the_companys_clock() {
    let read = Some(at("2026-06-10T12:00:00Z"));
    // 02:00 in Paris is midnight in UTC.
    assert!(!due(read, at("2026-06-10T23:59:00Z"), PARIS, 0));
    assert!(due(read, at("2026-06-11T00:00:00Z"), PARIS, 0));
    assert!(!due(Some(at("2026-06-11T00:01:00Z")), at("2026-06-11T02:00:00Z"), PARIS, 0));
    assert!(!due(read, at("2026-06-11T00:30:00Z"), PARIS, 255), "another directory has its turn later");
    assert!(due(read, at("2026-06-11T02:00:00Z"), PARIS, 255));
}

#[test]
fn what_was_never_read_or_is_a_day_old_is_read_now() {
    assert!(due(None, at("2026-06-10T12:00:00Z"), PARIS, 0));
    assert!(due(Some(at("2026-06-09T12:00:00Z")), at("2026-06-10T12:00:00Z"), PARIS, 0));
}

#[test]
fn a_clock_that_went_back_far_is_no_reason_to_wait_for_it() {
    assert!(due(Some(at("2027-06-09T12:00:00Z")), at("2026-06-10T12:00:00Z"), PARIS, 0));
    assert!(!due(Some(at("2026-06-10T12:30:00Z")), at("2026-06-10T12:00:00Z"), PARIS, 0));
}

#[test]
fn the_night_in_which_the_hour_is_left_out_has_a_moment_too() {
    assert!(due(Some(at("2026-03-28T12:00:00Z")), at("2026-03-29T02:00:00Z"), PARIS, 0));
}
