use chrono::{DateTime, Utc};
use freehold_wire::time::to_proto;

use super::{ago, duration, exact};
use crate::text::Language;
use crate::view::tests::sample;

fn at(text: &str) -> pbjson_types::Timestamp {
    to_proto(text.parse::<DateTime<Utc>>().unwrap())
}

/// The words at noon in Paris on 14 October 2026.
fn words(language: Language, text: &str) -> String {
    let html = ago(&sample::reader(language), Some(&at(text))).0;
    html.split('>').nth(1).unwrap().strip_suffix("</time").unwrap().to_owned()
}

#[test]
fn times_are_said_as_people_say_them() {
    let english = |text| words(Language::English, text);
    assert_eq!(english("2026-10-14T09:59:40Z"), "just now");
    assert_eq!(english("2026-10-14T10:05:00Z"), "just now", "a clock that runs ahead");
    assert_eq!(english("2026-10-14T09:59:00Z"), "1 minute ago");
    assert_eq!(english("2026-10-14T07:00:00Z"), "3 hours ago");
    assert_eq!(english("2026-10-13T12:30:00Z"), "yesterday at 14:30");
    assert_eq!(english("2026-10-11T12:30:00Z"), "3 days ago");
    assert_eq!(english("2026-09-30T22:30:00Z"), "1 October 2026", "the company's day, not Greenwich's");
    assert_eq!(words(Language::French, "2026-09-30T22:30:00Z"), "1er octobre 2026");
    assert_eq!(words(Language::French, "2026-10-14T07:00:00Z"), "il y a 3 heures");
}

#[test]
fn the_full_date_is_there_for_whoever_wants_it() {
    let reader = sample::reader(Language::English);
    let html = ago(&reader, Some(&at("2026-10-14T07:00:00Z"))).0;
    assert_eq!(html, "<time datetime=\"2026-10-14T07:00:00Z\" title=\"14 October 2026, 09:00\">3 hours ago</time>");
    assert_eq!(ago(&reader, None).0, "");
    assert_eq!(exact(&reader, Some(&pbjson_types::Timestamp { seconds: i64::MAX, nanos: 0 })).0, "");
}

#[test]
fn durations_have_two_units_at_most() {
    let took = |to| duration(Language::English, Some(&at("2026-10-14T07:00:00Z")), Some(&at(to)));
    assert_eq!(took("2026-10-14T07:00:00Z").as_deref(), Some("under a second"));
    assert_eq!(took("2026-10-14T07:00:42Z").as_deref(), Some("42 s"));
    assert_eq!(took("2026-10-14T07:01:05Z").as_deref(), Some("1 min 5 s"));
    assert_eq!(duration(Language::English, Some(&at("2026-10-14T07:00:00Z")), None), None);
}
