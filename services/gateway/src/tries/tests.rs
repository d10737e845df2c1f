use axum::extract::Request;
use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Clock as _, SystemClock};

use super::{FORGOTTEN_AFTER, SOURCES_MAX, TRIES_AT_ONCE, Tries};
use crate::source::Source;

fn from(address: &str) -> Source {
    let mut request = Request::new(axum::body::Body::empty());
    let peer: std::net::SocketAddr = address.parse().unwrap();
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    Source::of(&request, &[])
}

fn spent(now: DateTime<Utc>) -> Tries {
    let tries = Tries::default();
    for _ in 0..TRIES_AT_ONCE {
        tries.begin(from("203.0.113.9:1"), now).unwrap();
    }
    tries
}

#[test]
fn a_place_that_tried_too_often_waits_and_no_other_does() {
    let now = SystemClock.now();
    let tries = spent(now);
    let wait = tries.begin(from("203.0.113.9:2"), now).unwrap_err();
    assert_eq!(wait, FORGOTTEN_AFTER.to_std().unwrap());
    tries.begin(from("203.0.113.10:1"), now).unwrap();
    let later = now + FORGOTTEN_AFTER;
    tries.begin(from("203.0.113.9:2"), later).unwrap();
    tries.begin(from("203.0.113.9:2"), later).unwrap_err();
    let tomorrow = now + TimeDelta::days(1);
    for _ in 0..TRIES_AT_ONCE {
        tries.begin(from("203.0.113.9:1"), tomorrow).unwrap();
    }
    tries.begin(from("203.0.113.9:1"), tomorrow).unwrap_err();
}

#[test]
fn a_right_try_costs_nothing() {
    let now = SystemClock.now();
    let tries = Tries::default();
    for _ in 0..TRIES_AT_ONCE * 3 {
        tries.begin(from("203.0.113.9:1"), now).unwrap();
        tries.take_back(from("203.0.113.9:1"));
    }
}

#[test]
fn what_is_remembered_has_an_end() {
    let now = SystemClock.now();
    let tries = Tries::default();
    for number in 0..SOURCES_MAX + 10 {
        let ip = std::net::Ipv4Addr::from_bits(u32::try_from(number).unwrap());
        tries.begin(from(&format!("{ip}:1")), now).unwrap();
    }
    assert!(tries.0.lock().unwrap().len() <= SOURCES_MAX);
}
