use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openidconnect::PrivateSigningKey as _;
use openidconnect::core::{CoreHmacKey, CoreJsonWebKey, CoreJwsSigningAlgorithm as Alg};
use serde_json::{Value, json};

use super::{EVENT, Expected, LogoutRefusal, LogoutToken, verify};
use crate::testing::token::{joined, key, sign};

const ISSUER: &str = "https://idp.acme.test/op";
const CLIENT: &str = "freehold";
const SECRET: &str = "a-client-secret-of-the-usual-length";
const NOW: i64 = 1_900_000_000;

fn keys() -> Vec<CoreJsonWebKey> {
    vec![key(1, "k1").as_verification_key()]
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "s-1", "sid": "session-1", "jti": "t-1", "iat": NOW - 1, "exp": NOW + 119,
        "events": { EVENT: {} }
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(names: &[&str]) -> Value {
    let mut claims = claims();
    for name in names {
        claims.as_object_mut().unwrap().remove(*name);
    }
    claims
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "kid": "k1", "typ": "logout+jwt" })
}

fn token(claims: &Value) -> String {
    sign(&header(), &claims.to_string(), &key(1, "k1"))
}

fn check_with(raw: &str, keys: &[CoreJsonWebKey]) -> Result<LogoutToken, LogoutRefusal> {
    let now = DateTime::<Utc>::from_timestamp(NOW, 0).unwrap();
    verify(raw, keys, &Expected { issuer: ISSUER, client_id: CLIENT, now })
}

fn check(raw: &str) -> Result<LogoutToken, LogoutRefusal> {
    check_with(raw, &keys())
}

fn refused(claims: &Value) -> LogoutRefusal {
    check(&token(claims)).map(|_believed| claims.to_string()).expect_err("this token must be refused")
}

/// Signed by the right key under this header.
fn headed(header: &Value) -> Result<LogoutToken, LogoutRefusal> {
    check(&sign(header, &claims().to_string(), &key(1, "k1")))
}

#[test]
fn back_channel_logout_ok() {
    let good = check(&token(&claims())).unwrap();
    assert_eq!((good.id.as_str(), good.sid.as_deref()), ("t-1", Some("session-1")));
    assert_eq!(good.subject.map(|subject| subject.subject).as_deref(), Some("s-1"));
    assert_eq!(good.stale_at.timestamp(), NOW - 1 + 240);
    let by_sid = check(&token(&without(&["sub"]))).unwrap();
    assert!(by_sid.subject.is_none() && by_sid.sid.is_some());
    let by_subject = check(&token(&without(&["sid"]))).unwrap();
    assert!(by_subject.subject.is_some() && by_subject.sid.is_none());
    for typ in ["logout+jwt", "LOGOUT+JWT", "application/logout+jwt", "JWT"] {
        assert!(headed(&json!({ "alg": "EdDSA", "kid": "k1", "typ": typ })).is_ok(), "{typ}");
    }
    assert!(headed(&json!({ "alg": "EdDSA" })).is_ok());
    assert!(check(&token(&with("aud", json!([CLIENT])))).is_ok());
}

#[test]
fn d03_an_id_token_is_no_logout_token() {
    let id_token = json!({ "iss": ISSUER, "aud": CLIENT, "sub": "s-1", "sid": "session-1", "jti": "t-1", "nonce": "n",
        "iat": NOW - 1, "exp": NOW + 119 });
    assert_eq!(refused(&id_token), LogoutRefusal::Nonce);
    let mut without_nonce = id_token;
    without_nonce.as_object_mut().unwrap().remove("nonce");
    assert_eq!(refused(&without_nonce), LogoutRefusal::Event);
    for typ in [json!("at+jwt"), json!("id+jwt"), json!(""), json!(1), json!(null)] {
        assert_eq!(headed(&json!({ "alg": "EdDSA", "kid": "k1", "typ": typ })).unwrap_err(), LogoutRefusal::Header);
    }
    for name in ["crit", "cty", "enc", "zip", "b64"] {
        let mut header = header();
        header[name] = json!(["exp"]);
        assert_eq!(headed(&header).unwrap_err(), LogoutRefusal::Header, "{name}");
    }
}

#[test]
fn d04_back_channel_logout_with_nonce() {
    for nonce in [json!("the-nonce"), json!(""), json!(null)] {
        assert_eq!(refused(&with("nonce", nonce)), LogoutRefusal::Nonce);
    }
}

#[test]
fn d05_back_channel_logout_no_event_and_wrong_event() {
    assert_eq!(refused(&without(&["events"])), LogoutRefusal::Event);
    for events in [
        json!({}),
        json!({ "http://schemas.openid.net/event/another": {} }),
        json!({ EVENT: true }),
        json!({ EVENT: [] }),
        json!([EVENT]),
        json!(EVENT),
        json!(null),
    ] {
        assert_eq!(refused(&with("events", events.clone())), LogoutRefusal::Event, "{events}");
    }
}

#[test]
fn d06_somebody_must_be_named() {
    assert_eq!(refused(&without(&["sub", "sid"])), LogoutRefusal::Nobody);
    // What cannot be read is not taken for what is not there.
    for value in [json!(""), json!(null), json!(["session-1"]), json!("a\u{0}"), json!("x".repeat(256))] {
        assert_eq!(refused(&with("sid", value.clone())), LogoutRefusal::Nobody, "sid {value}");
        assert_eq!(refused(&with("sub", value.clone())), LogoutRefusal::Nobody, "sub {value}");
    }
}

#[test]
fn d07_it_has_an_id_and_is_good_for_a_moment_only() {
    assert_eq!(refused(&without(&["jti"])), LogoutRefusal::NoId);
    assert_eq!(refused(&with("jti", json!(""))), LogoutRefusal::NoId);
    assert_eq!(refused(&without(&["exp"])), LogoutRefusal::Expiry);
    assert_eq!(refused(&with("exp", json!(NOW + 86_400))), LogoutRefusal::Expiry);
    assert_eq!(refused(&with("exp", json!(NOW - 60))), LogoutRefusal::Expiry);
    assert!(check(&token(&with("exp", json!(NOW - 59)))).is_ok());
    assert_eq!(refused(&with("exp", json!("soon"))), LogoutRefusal::Expiry);
    assert_eq!(refused(&without(&["iat"])), LogoutRefusal::IssuedAt);
    assert_eq!(refused(&with("iat", json!(NOW - 181))), LogoutRefusal::IssuedAt);
    assert_eq!(refused(&with("iat", json!(NOW + 61))), LogoutRefusal::IssuedAt);
    assert!(check(&token(&with("iat", json!(NOW - 180)))).is_ok());
    assert_eq!(refused(&with("iat", json!(i64::MAX))), LogoutRefusal::IssuedAt);
    assert_eq!(refused(&with("nbf", json!(NOW + 61))), LogoutRefusal::NotBefore);
    assert_eq!(refused(&with("nbf", json!("later"))), LogoutRefusal::NotBefore);
}

#[test]
fn d08_back_channel_logout_alg_none_and_wrong_alg() {
    let none = format!("{}.", joined(&json!({ "alg": "none" }), &claims().to_string()));
    assert_eq!(check(&none).unwrap_err(), LogoutRefusal::Algorithm);
    let input = joined(&json!({ "alg": "HS256", "kid": "k1" }), &claims().to_string());
    let signature = CoreHmacKey::new(SECRET.as_bytes()).sign(&Alg::HmacSha256, input.as_bytes()).unwrap();
    let symmetric = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
    assert_eq!(check(&symmetric).unwrap_err(), LogoutRefusal::Algorithm);
    for alg in [json!("RS512"), json!("HS512"), json!("NONE"), json!(""), json!(null), json!(["EdDSA"])] {
        assert_eq!(headed(&json!({ "alg": alg, "kid": "k1" })).unwrap_err(), LogoutRefusal::Algorithm, "{alg}");
    }
    // Pinned, but not what this key signs.
    for alg in ["RS256", "ES256", "PS256"] {
        assert_eq!(headed(&json!({ "alg": alg, "kid": "k1" })).unwrap_err(), LogoutRefusal::UnknownKey, "{alg}");
    }
}

#[test]
fn only_the_idps_own_key_counts() {
    let payload = claims().to_string();
    assert_eq!(check(&sign(&header(), &payload, &key(9, "k1"))).unwrap_err(), LogoutRefusal::Signature);
    let good = token(&claims());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let other = URL_SAFE_NO_PAD.encode(with("sid", json!("session-2")).to_string());
    let swapped = format!("{}.{other}.{signature}", input.split_once('.').unwrap().0);
    assert_eq!(check(&swapped).unwrap_err(), LogoutRefusal::Signature);
    assert_eq!(check(input).unwrap_err(), LogoutRefusal::Malformed);
    for kid in ["k2", "", "../../etc/passwd"] {
        let raw = sign(&json!({ "alg": "EdDSA", "kid": kid }), &payload, &key(1, "k1"));
        assert_eq!(check(&raw).unwrap_err(), LogoutRefusal::UnknownKey, "{kid}");
    }
    let two = [key(1, "k1").as_verification_key(), key(2, "k2").as_verification_key()];
    let nameless = sign(&json!({ "alg": "EdDSA" }), &payload, &key(1, "k1"));
    assert_eq!(check_with(&nameless, &two).unwrap_err(), LogoutRefusal::AmbiguousKey);
    assert_eq!(check_with(&good, &[]).unwrap_err(), LogoutRefusal::UnknownKey);
    // A key that is published for something else signs nothing.
    let mut encrypting = serde_json::to_value(key(1, "k1").as_verification_key()).unwrap();
    encrypting["use"] = json!("enc");
    let encrypting: CoreJsonWebKey = serde_json::from_value(encrypting).unwrap();
    assert_eq!(check_with(&good, &[encrypting]).unwrap_err(), LogoutRefusal::UnknownKey);
}

#[test]
fn back_channel_logout_wrong_iss_and_wrong_aud() {
    assert_eq!(refused(&without(&["iss"])), LogoutRefusal::Issuer);
    for issuer in [json!(format!("{ISSUER}/")), json!("https://idp.other.test"), json!([ISSUER]), json!(null)] {
        assert_eq!(refused(&with("iss", issuer)), LogoutRefusal::Issuer);
    }
    assert_eq!(refused(&without(&["aud"])), LogoutRefusal::Audience);
    for audience in [json!("another"), json!([CLIENT, "another"]), json!([]), json!(null), json!({ CLIENT: 1 })] {
        assert_eq!(refused(&with("aud", audience)), LogoutRefusal::Audience);
    }
}

#[test]
fn nothing_is_said_twice_nor_at_length() {
    let text = claims().to_string();
    for doubled in [r#""sid":"session-2""#, r#""sub":"s-2""#, r#""jti":"t-2""#] {
        let payload = format!("{},{doubled}}}", text.strip_suffix('}').unwrap());
        assert_eq!(
            check(&sign(&header(), &payload, &key(1, "k1"))).unwrap_err(),
            LogoutRefusal::Malformed,
            "{doubled}"
        );
    }
    let twice = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","alg":"EdDSA","kid":"k1"}"#), "e30");
    assert_eq!(check(&format!("{twice}.AA")).unwrap_err(), LogoutRefusal::Malformed);
    for raw in ["", ".", "..", "a.b.c", "e30.e30", "....."] {
        assert!(check(raw).is_err(), "{raw:?}");
    }
    assert_eq!(refused(&with("padding", json!("x".repeat(20_000)))), LogoutRefusal::Malformed);
}
