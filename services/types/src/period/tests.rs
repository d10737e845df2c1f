use super::Period;

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

#[test]
fn a_month_ends_where_the_next_starts() {
    assert_eq!(period("2026-12").next(), period("2027-01"));
    assert_eq!(period("2026-01").previous(), period("2025-12"));
    assert_eq!(period("2028-02").ends_at(), period("2028-03").starts_at());
}

#[test]
fn the_last_moment_belongs_and_the_first_of_the_next_does_not() {
    let october = period("2026-10");
    assert_eq!(Period::of(october.starts_at()), october);
    assert_eq!(Period::of(october.ends_at() - chrono::TimeDelta::nanoseconds(1)), october);
    assert_eq!(Period::of(october.ends_at()), period("2026-11"));
}

#[test]
fn only_a_month_is_a_period() {
    for text in ["", "2026", "2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "+026-10", "2026/10"] {
        assert!(text.parse::<Period>().is_err(), "{text:?}");
    }
    assert_eq!(period("2026-10").to_string(), "2026-10");
}
