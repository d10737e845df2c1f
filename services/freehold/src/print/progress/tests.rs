use super::*;

fn words(rate_per_second: i64, seconds_left: Option<i64>) -> String {
    pace(&SyncProgress { rate_per_second, seconds_left, ..Default::default() })
}

#[test]
fn the_pace_is_told_as_far_as_it_is_known() {
    assert_eq!(words(0, None), "");
    assert_eq!(words(2_500, None), ", 2500 a second");
    assert_eq!(words(2_500, Some(8)), ", 2500 a second, 8 s left");
    assert_eq!(words(10, Some(61)), ", 10 a second, 2 min left");
}
