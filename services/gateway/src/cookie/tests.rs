use http::{HeaderMap, HeaderValue};

use super::{Jar, find, keep, remove};
use crate::site::Site;

fn sent(cookies: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::from_static(cookies))])
}

#[test]
fn over_tls_the_session_belongs_to_this_host_only() {
    let cookie = keep(&Site::new("https://f.example"), Jar::Session, "acme", "abc", 60).unwrap();
    assert_eq!(cookie, "__Host-fh-acme=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
}

#[test]
fn without_tls_it_has_another_name() {
    let cookie = keep(&Site::new("http://127.0.0.1:8080"), Jar::Session, "acme", "abc", 60).unwrap();
    assert_eq!(cookie, "fh-acme=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
}

#[test]
fn a_sign_in_and_a_session_never_share_a_name() {
    let site = Site::new("https://f.example");
    assert_eq!(
        remove(&site, Jar::SignIn, "acme").unwrap(),
        "__Host-fh-acme.sign-in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    );
}

#[test]
fn the_right_cookie_is_found_among_others() {
    let site = Site::new("http://localhost");
    let headers = sent("a=b; fh-acme-2=no; fh-acme=yes; fh-acme.sign-in=begun");
    assert_eq!(find(&site, Jar::Session, "acme", &headers).as_deref(), Some("yes"));
    assert_eq!(find(&site, Jar::SignIn, "acme", &headers).as_deref(), Some("begun"));
    assert_eq!(find(&site, Jar::Session, "other", &headers), None);
    assert_eq!(find(&site, Jar::Session, "acme", &sent("fh-acme=")), None);
}

#[test]
fn a_value_cannot_add_attributes() {
    let site = Site::new("https://f.example");
    for value in ["a; Domain=example", "a\r\nX: y", "a b", "é"] {
        assert_eq!(keep(&site, Jar::Session, "acme", value, 60), None, "{value:?}");
    }
}
