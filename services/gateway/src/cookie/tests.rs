use http::{HeaderMap, HeaderValue};

use super::{Jar, find, keep, make_room, remove};
use crate::site::Site;

fn sent(cookies: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::from_static(cookies))])
}

#[test]
fn f02_over_tls_the_session_belongs_to_this_host_only() {
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
        remove(&site, Jar::SignIn("a-state_of_ours"), "acme").unwrap(),
        "__Host-fh-acme.sign-in.a-state_=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    );
}

#[test]
fn the_right_cookie_is_found_among_others() {
    let site = Site::new("http://localhost");
    let headers = sent("a=b; fh-acme-2=no; fh-acme=yes; fh-acme.sign-in.abcdefgh=begun");
    assert_eq!(find(&site, Jar::Session, "acme", &headers).as_deref(), Some("yes"));
    assert_eq!(find(&site, Jar::SignIn("abcdefghij"), "acme", &headers).as_deref(), Some("begun"));
    for state in ["", "abcdefg", "another", "=; fh-acme"] {
        assert_eq!(find(&site, Jar::SignIn(state), "acme", &headers), None, "{state}");
    }
    assert_eq!(find(&site, Jar::Session, "other", &headers), None);
    assert_eq!(find(&site, Jar::Session, "acme", &sent("fh-acme=")), None);
}

#[test]
fn b15_a_browser_has_five_sign_ins_under_way_and_the_oldest_makes_room() {
    let site = Site::new("http://localhost");
    let four = "fh-acme.sign-in.1=a; fh-acme.sign-in.2=a; fh-beta.sign-in.9=a; fh-acme.sign-in.3=a; fh-acme=s; \
                fh-acme.sign-in.4=a";
    assert!(make_room(&site, "acme", &sent(four)).is_empty());
    let six = "fh-acme.sign-in.1=a; fh-acme.sign-in.2=a; fh-acme.sign-in.3=a; fh-acme.sign-in.4=a; \
               fh-acme.sign-in.5=a; fh-acme.sign-in.6=a";
    let removed: Vec<String> =
        make_room(&site, "acme", &sent(six)).iter().map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
    let removal = |number| format!("fh-acme.sign-in.{number}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    assert_eq!(removed, [removal(1), removal(2)]);
}

#[test]
fn a_value_cannot_add_attributes() {
    let site = Site::new("https://f.example");
    for value in ["a; Domain=example", "a\r\nX: y", "a b", "é"] {
        assert_eq!(keep(&site, Jar::Session, "acme", value, 60), None, "{value:?}");
    }
}
