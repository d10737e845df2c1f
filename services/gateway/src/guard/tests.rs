use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{asked_by_hand, comes_from_here, prefetched};
use crate::site::Site;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

fn passes(method: &Method, pairs: &[(&'static str, &'static str)]) -> bool {
    comes_from_here(&Site::new("https://Freehold.example/"), method, &headers(pairs))
}

const HOME: (&str, &str) = ("origin", "https://freehold.example");

#[test]
fn f06_a_form_must_come_from_our_own_pages() {
    assert!(passes(&Method::POST, &[HOME]));
    assert!(passes(&Method::POST, &[HOME, ("sec-fetch-site", "same-origin")]));
    assert!(!passes(&Method::POST, &[]));
    assert!(!passes(&Method::POST, &[("sec-fetch-site", "same-origin")]));
    assert!(!passes(&Method::POST, &[HOME, ("sec-fetch-site", "cross-site")]));
    assert!(!passes(&Method::POST, &[HOME, ("sec-fetch-site", "same-site")]));
    assert!(!passes(&Method::POST, &[("origin", "null")]));
    assert!(!passes(&Method::POST, &[("origin", "http://freehold.example")]));
    assert!(!passes(&Method::POST, &[("origin", "https://freehold.example.evil.example")]));
    assert!(!passes(&Method::DELETE, &[]));
}

#[test]
fn a_page_may_be_opened_from_anywhere_but_not_fetched_or_embedded() {
    let cross = ("sec-fetch-site", "cross-site");
    assert!(passes(&Method::GET, &[]));
    assert!(passes(&Method::GET, &[("sec-fetch-site", "none")]));
    assert!(passes(&Method::GET, &[cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]));
    assert!(!passes(&Method::GET, &[cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]));
    assert!(!passes(&Method::GET, &[cross, ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]));
}

#[test]
fn a_prepared_page_was_not_opened() {
    assert!(prefetched(&headers(&[("sec-purpose", "prefetch;prerender")])));
    assert!(!asked_by_hand(&headers(&[("sec-fetch-site", "none"), ("sec-purpose", "prefetch")])));
    assert!(asked_by_hand(&headers(&[("sec-fetch-site", "none")])));
    assert!(!asked_by_hand(&headers(&[("sec-fetch-site", "cross-site")])));
}
