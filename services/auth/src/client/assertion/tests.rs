use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::ClientId;
use serde_json::{Value, json};

use super::{Assertion, AssertionRefusal as Refusal, Expected, claimed, verify};
use crate::client::key::Key;
use crate::testing::token::{self, published};

const ISSUER: &str = "https://people.example.com/acme";
const CLIENT: &str = "cli_0192f0c8000070008000000000000001";
const NOW: i64 = 1_790_000_000;
const SEED: u8 = 4;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

fn client() -> ClientId {
    CLIENT.parse().unwrap()
}

fn keys() -> Vec<Key> {
    vec![Key::parse(&published(SEED, "july").to_string()).unwrap()]
}

fn claims(changes: &Value) -> Value {
    let mut claims = json!({"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "iat": NOW, "exp": NOW + 60, "jti": "once"});
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims.as_object_mut().unwrap().retain(|_name, value| !value.is_null());
    claims
}

fn looked_at(raw: &str, keys: &[Key]) -> Result<Assertion, Refusal> {
    verify(raw, keys, &Expected { client: client(), issuer: ISSUER, now: now() })
}

/// What becomes of an assertion with these changes.
fn with(changes: Value) -> Result<Assertion, Refusal> {
    looked_at(&token::signed(&claims(&changes), SEED, "july"), &keys())
}

/// What becomes of a good one under another head.
fn under(head: &Value) -> Result<Assertion, Refusal> {
    looked_at(&token::sign(head, &claims(&json!({})).to_string(), &token::key(SEED, "july")), &keys())
}

#[test]
fn a_good_assertion_is_believed() {
    let good = Assertion { id: "once".to_owned(), expires_at: now() + TimeDelta::seconds(60) };
    assert_eq!(with(json!({})), Ok(good));
    assert!(with(json!({"iat": null, "extra": {"a": [1]}})).is_ok());
    assert!(with(json!({"exp": NOW + 120, "nbf": NOW})).is_ok());
    for head in [json!({"alg": "EdDSA"}), json!({"alg": "EdDSA", "typ": "client-authentication+jwt", "kid": "july"})] {
        assert!(under(&head).is_ok(), "{head}");
    }
    assert_eq!(claimed(&token::signed(&claims(&json!({})), SEED, "july")), Ok(client()));
}

#[test]
fn an_assertion_of_openssl_with_es256_is_believed() {
    let raw = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJjbGlfMDE5MmYwYzgwMDAwNzAwMDgwMDAwMDAwMDAwMDAwMDEiLCJz\
               dWIiOiJjbGlfMDE5MmYwYzgwMDAwNzAwMDgwMDAwMDAwMDAwMDAwMDEiLCJhdWQiOiJodHRwczovL3Blb3BsZS5leGFtcGxlLmNvb\
               S9hY21lIiwiaWF0IjoxNzkwMDAwMDAwLCJleHAiOjE3OTAwMDAwNjAsImp0aSI6IjEifQ.qENBraTEPLlZC_enW5MktChrizl34U5\
               8WnZwtI6HEOh7CuTdHt0DvjEdPq6LVr3KE9T47CHu1wIlZcKBSwpwhQ";
    let key = Key::parse(crate::client::key::tests::P256).unwrap();
    assert_eq!(looked_at(raw, std::slice::from_ref(&key)).unwrap().id, "1");
    assert_eq!(looked_at(raw, &keys()), Err(Refusal::Algorithm));
    let changed = raw.replace("8WnZ", "8WnA");
    assert_eq!(looked_at(&changed, &[key]), Err(Refusal::Signature));
}

#[test]
fn an_assertion_of_another_key_or_with_another_head_is_refused() {
    let good = claims(&json!({}));
    assert_eq!(looked_at(&token::signed(&good, SEED + 1, "july"), &keys()), Err(Refusal::Signature));
    assert_eq!(looked_at(&token::signed(&good, SEED, "august"), &keys()), Err(Refusal::UnknownKey));
    let heads = [
        (json!({"alg": "none"}), Refusal::Algorithm),
        (json!({"alg": "HS256"}), Refusal::Algorithm),
        (json!({"alg": "ES256"}), Refusal::Algorithm),
        (json!({}), Refusal::Algorithm),
        (json!({"alg": "EdDSA", "typ": "at+jwt"}), Refusal::Header),
        (json!({"alg": "EdDSA", "typ": "logout+jwt"}), Refusal::Header),
        (json!({"alg": "EdDSA", "typ": 1}), Refusal::Header),
        (json!({"alg": "EdDSA", "crit": ["exp"]}), Refusal::Header),
        (json!({"alg": "EdDSA", "kid": 1}), Refusal::Header),
    ];
    for (head, refusal) in heads {
        assert_eq!(under(&head), Err(refusal), "{head}");
    }
    // What a head brings with it is no key of the client's.
    let head = json!({"alg": "EdDSA", "jwk": published(SEED + 1, "july"), "jku": "https://evil.test/keys"});
    let raw = token::sign(&head, &good.to_string(), &token::key(SEED + 1, "july"));
    assert_eq!(looked_at(&raw, &keys()), Err(Refusal::Signature));
}

#[test]
fn j02_an_assertion_of_two_parties_or_of_none_is_refused() {
    let other = "cli_0192f0c8000070008000000000000002";
    for name in ["iss", "sub"] {
        for value in [Value::Null, json!(other), json!([CLIENT]), json!(""), json!(1), json!(CLIENT.to_uppercase())] {
            assert_eq!(with(json!({ name: value.clone() })), Err(Refusal::Party), "{name} {value}");
        }
    }
    let nobody = token::signed(&claims(&json!({"iss": "per_0192f0c8000070008000000000000001"})), SEED, "july");
    assert_eq!(claimed(&nobody), Err(Refusal::Party));
}

#[test]
fn c18_an_assertion_for_anything_but_our_issuer_is_refused() {
    let audiences = [
        Value::Null,
        json!([ISSUER]),
        json!([ISSUER, "https://elsewhere.test"]),
        json!("https://people.example.com/acme/"),
        json!("https://people.example.com"),
        json!("https://people.example.com/beta"),
        json!("https://people.example.com/acme/token"),
        json!("https://PEOPLE.example.com/acme"),
        json!("freehold"),
        json!({}),
    ];
    for audience in audiences {
        assert_eq!(with(json!({ "aud": audience.clone() })), Err(Refusal::Audience), "{audience}");
    }
}

#[test]
fn j03_an_assertion_that_lasts_too_long_or_is_early_is_refused() {
    for end in [json!(NOW + 121), json!(NOW), json!(NOW - 1), json!(i64::MAX), json!("soon"), json!(1.5), Value::Null] {
        assert_eq!(with(json!({ "exp": end.clone() })), Err(Refusal::Expiry), "{end}");
    }
    for name in ["iat", "nbf"] {
        for moment in [json!(NOW + 61), json!("now"), json!(i64::MAX)] {
            assert_eq!(with(json!({ name: moment.clone() })), Err(Refusal::Early), "{name} {moment}");
        }
    }
    for id in [Value::Null, json!(""), json!([]), json!("x".repeat(256))] {
        assert_eq!(with(json!({ "jti": id.clone() })), Err(Refusal::NoId), "{id}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let good = token::signed(&claims(&json!({})), SEED, "july");
    let (signed, _) = good.rsplit_once('.').unwrap();
    let twice = r#"{"iss":"a","iss":"b"}"#;
    let texts = [
        String::new(),
        "..".to_owned(),
        good.replacen('.', "", 1),
        format!("{good}.x"),
        format!("{good}{}", "A".repeat(9_000)),
        format!("{signed}.%"),
        token::sign(&json!({"alg": "EdDSA"}), twice, &token::key(SEED, "july")),
    ];
    for text in texts {
        assert_eq!(looked_at(&text, &keys()), Err(Refusal::Malformed), "{text}");
        assert!(claimed(&text).is_err() || text.ends_with('%'), "{text}");
    }
}
