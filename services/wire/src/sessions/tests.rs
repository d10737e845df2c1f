use std::time::Duration;

use freehold_proto::auth::v1::FollowSessionsResponse;
use freehold_types::SessionId;
use pbjson_types::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Known, View};

fn session(number: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(number))
}

fn told(began_at: i64, ended: &[SessionId]) -> FollowSessionsResponse {
    FollowSessionsResponse {
        ended_session_ids: ended.iter().map(ToString::to_string).collect(),
        began_at: Some(Timestamp { seconds: began_at, nanos: 0 }),
    }
}

#[test]
fn nothing_is_known_before_auth_tells() {
    let view = View::default();
    assert_eq!(view.known(session(1), 1_000, Instant::now()), Known::Ask(0));
}

#[test]
fn only_tokens_newer_than_the_telling_need_no_question() {
    let (mut view, now) = (View::default(), Instant::now());
    view.hear(told(1_000, &[]), true, now).unwrap();
    assert_eq!(view.known(session(1), 1_001, now), Known::Open);
    // Signed in the second in which auth began to tell: before or after, nobody knows.
    assert_eq!(view.known(session(1), 1_000, now), Known::Ask(1));
    assert!(view.confirm(session(1), 1));
    assert_eq!(view.known(session(1), 1_000, now), Known::Open);
    assert_eq!(view.known(session(2), 1_000, now), Known::Ask(1));
}

#[test]
fn an_end_outlives_every_token_of_its_session() {
    let (mut view, now) = (View::default(), Instant::now());
    view.hear(told(1_000, &[]), true, now).unwrap();
    assert!(view.confirm(session(1), 1));
    view.hear(told(1_000, &[session(1)]), false, now).unwrap();
    assert_eq!(view.known(session(1), 1_001, now), Known::Ended);
    // An answer that was on its way when the end was heard counts for nothing.
    assert!(!view.confirm(session(1), 1));
    view.tidy(now + Duration::from_secs(150));
    assert_eq!(view.known(session(1), 1_001, now), Known::Ended);
    view.tidy(now + Duration::from_secs(151));
    assert!(view.ended.is_empty());
}

#[test]
fn what_was_heard_last_counts_for_five_seconds() {
    let (mut view, now) = (View::default(), Instant::now());
    view.hear(told(1_000, &[]), true, now).unwrap();
    assert_eq!(view.known(session(1), 1_001, now + Duration::from_millis(4_999)), Known::Open);
    assert_eq!(view.known(session(1), 1_001, now + Duration::from_secs(5)), Known::Ask(1));
}

#[test]
fn what_was_known_before_auth_began_again_is_asked_again() {
    let (mut view, now) = (View::default(), Instant::now());
    view.hear(told(1_000, &[]), true, now).unwrap();
    assert!(view.confirm(session(1), 1));
    view.hear(told(2_000, &[]), true, now).unwrap();
    assert_eq!(view.known(session(1), 1_001, now), Known::Ask(2));
    // An answer from before the new beginning lets one call pass and is not kept.
    assert!(view.confirm(session(1), 1));
    assert_eq!(view.known(session(1), 1_001, now), Known::Ask(2));
}
