use super::*;

fn after(milliseconds: u64, done: u64, total: u64) -> (u64, Option<u64>) {
    let step = measured("applying people", done, total, Duration::from_millis(milliseconds));
    (step.rate, step.seconds_left)
}

#[test]
fn a_rate_and_the_time_left_are_told_once_they_mean_something() {
    assert_eq!(after(10, 500, 50_000), (0, None));
    assert_eq!(after(1_000, 5_000, 50_000), (5_000, Some(9)));
    assert_eq!(after(2_000, 5_000, 0), (2_500, None), "nobody knows how many there are");
    assert_eq!(after(2_000, 50_000, 50_000), (25_000, Some(0)));
    assert_eq!(after(2_000, 1, 50_000), (0, None), "slower than one a second says nothing about the end");
}
