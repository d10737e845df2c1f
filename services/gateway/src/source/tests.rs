use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;

use super::Source;

const PROXY: &str = "10.0.0.5";

fn source(peer: &str, forwarded: &[&str]) -> String {
    let trusted: Vec<IpNet> = vec!["10.0.0.0/24".parse().unwrap(), "fd00::/64".parse().unwrap()];
    let mut headers = HeaderMap::new();
    for line in forwarded {
        headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
    }
    Source::behind(peer.parse().unwrap(), &headers, &trusted).0.to_string()
}

#[test]
fn f09_who_is_no_proxy_of_ours_vouches_for_nobody() {
    assert_eq!(source("203.0.113.9", &[]), "203.0.113.9");
    assert_eq!(source("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    assert_eq!(source("203.0.113.9", &["10.0.0.5", "10.0.0.6"]), "203.0.113.9");
}

#[test]
fn f09_behind_a_proxy_of_ours_the_last_stranger_counts() {
    assert_eq!(source(PROXY, &["203.0.113.9"]), "203.0.113.9");
    assert_eq!(source(PROXY, &["1.2.3.4, 203.0.113.9"]), "203.0.113.9");
    assert_eq!(source(PROXY, &["1.2.3.4", "203.0.113.9,10.0.0.6"]), "203.0.113.9");
    assert_eq!(source(PROXY, &["203.0.113.9:4711"]), "203.0.113.9");
    assert_eq!(source("::ffff:10.0.0.5", &["::ffff:203.0.113.9"]), "203.0.113.9");
}

#[test]
fn f09_what_is_no_address_ends_the_walk_at_whom_we_know() {
    assert_eq!(source(PROXY, &[]), PROXY);
    for nonsense in ["", "unknown", "1.2.3.4.5", "203.0.113.9, ", "_hidden", "[]", "203.0.113.9;10.0.0.6"] {
        assert_eq!(source(PROXY, &[nonsense]), PROXY, "{nonsense}");
    }
}

#[test]
fn f09_a_subscriber_of_ipv6_is_one_sender_with_all_addresses() {
    assert_eq!(source("2001:db8:0:7::1", &[]), "2001:db8:0:7::");
    assert_eq!(source("2001:db8:0:7:ffff::2", &[]), "2001:db8:0:7::");
    assert_eq!(source("fd00::1", &["[2001:db8:0:8::1]:443"]), "2001:db8:0:8::");
    assert_eq!(source("fd00::1", &["[2001:db8:0:8::1]"]), "2001:db8:0:8::");
    let ip: IpAddr = "2001:db8:0:9::1".parse().unwrap();
    assert_ne!(source(&ip.to_string(), &[]), source("2001:db8:0:7::1", &[]));
}
