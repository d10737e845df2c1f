use super::csn_time;

#[test]
fn the_newest_time_of_a_cookie_counts() {
    let time = |text: &str| csn_time(text).map(|time| time.to_rfc3339());
    let one = "20261122120000.123456Z#000000#000#000000";
    assert_eq!(time(one).as_deref(), Some("2026-11-22T12:00:00.123456+00:00"));
    let cookie = "rid=000,csn=20261122120000.123456Z#000000#001#000000;20261122120001.000000Z#000000#002#000000";
    assert_eq!(time(cookie).as_deref(), Some("2026-11-22T12:00:01+00:00"));
    for nothing in ["", "rid=000", "rid=000,csn=", "csn=yesterday#0#0#0"] {
        assert_eq!(time(nothing), None, "{nothing}");
    }
}
