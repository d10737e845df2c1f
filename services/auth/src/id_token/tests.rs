use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use freehold_types::Secret;
use openidconnect::core::{CoreHmacKey, CoreJsonWebKey, CoreJwsSigningAlgorithm as Alg};
use openidconnect::{AccessToken, AccessTokenHash, IssuerUrl, PrivateSigningKey};
use serde_json::{Value, json};

use super::{Expected, IdToken, TokenRefusal, verify};
use crate::connection::{Demands, Pin};
use crate::testing::token::{joined, key, sign};

const ISSUER: &str = "https://idp.acme.test/op";
const CLIENT: &str = "freehold";
const SECRET: &str = "a-client-secret-of-the-usual-length";
const NOW: i64 = 1_900_000_000;

fn keys() -> Vec<CoreJsonWebKey> {
    vec![key(1, "k1").as_verification_key()]
}

fn access_token() -> AccessToken {
    AccessToken::new("the-access-token".to_owned())
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "s-1", "nonce": "the-nonce", "iat": NOW - 1, "exp": NOW + 300,
        "entry": "0c9f9c1e-0001", "number": 4711, "flag": true
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "kid": "k1" })
}

fn token(claims: &Value) -> String {
    sign(&header(), &claims.to_string(), &key(1, "k1"))
}

fn check_with(raw: &str, keys: &[CoreJsonWebKey]) -> Result<IdToken, TokenRefusal> {
    check_of(raw, keys, None, &Demands::default())
}

fn check_of(raw: &str, keys: &[CoreJsonWebKey], pin: Option<&Pin>, demands: &Demands) -> Result<IdToken, TokenRefusal> {
    let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
    let nonce = Secret::new("the-nonce".to_owned());
    let now = DateTime::<Utc>::from_timestamp(NOW, 0).unwrap();
    let (nonce, demands) = (Some(&nonce), Some(demands));
    let expected = Expected { issuer: &issuer, client_id: CLIENT, nonce, now, pin, demands };
    verify(raw, &access_token(), keys, &expected)
}

fn check(raw: &str) -> Result<IdToken, TokenRefusal> {
    check_with(raw, &keys())
}

fn refused(claims: &Value) -> TokenRefusal {
    check(&token(claims)).map(|_believed| claims.to_string()).expect_err("this token must be refused")
}

#[test]
fn a_good_token_gives_its_subject_and_the_text_of_its_claims() {
    let good = check(&token(&claims())).unwrap();
    assert_eq!((good.subject.issuer.as_str(), good.subject.subject.as_str()), (ISSUER, "s-1"));
    assert_eq!(good.text("entry").as_deref(), Some("0c9f9c1e-0001"));
    assert_eq!(good.text("sub").as_deref(), Some("s-1"));
    assert_eq!(good.text("number").as_deref(), Some("4711"));
    assert_eq!((good.text("flag"), good.text("absent")), (None, None));
    assert!(!format!("{good:?}").contains("s-1"));
}

#[test]
fn a01_a03_a04_only_pinned_asymmetric_algorithms() {
    let none = format!("{}.", joined(&json!({ "alg": "none" }), &claims().to_string()));
    assert!(matches!(check(&none).unwrap_err(), TokenRefusal::Algorithm | TokenRefusal::Malformed));
    // With the client secret, and with the public key as the secret.
    let jwk = serde_json::to_value(key(1, "k1").as_verification_key()).unwrap();
    let public = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    for secret in [SECRET.as_bytes().to_vec(), public] {
        let input = joined(&json!({ "alg": "HS256", "kid": "k1" }), &claims().to_string());
        let signature = CoreHmacKey::new(secret).sign(&Alg::HmacSha256, input.as_bytes()).unwrap();
        let raw = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(check(&raw).unwrap_err(), TokenRefusal::Algorithm);
    }
}

#[test]
fn a02_a05_a06_a07_only_the_idps_own_key_counts() {
    let good = token(&claims());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let header_part = input.split_once('.').unwrap().0;
    let other = URL_SAFE_NO_PAD.encode(with("sub", json!("s-2")).to_string());
    assert_eq!(check(&format!("{header_part}.{other}.{signature}")).unwrap_err(), TokenRefusal::Signature);

    let foreign = key(9, "k1");
    let payload = claims().to_string();
    assert_eq!(check(&sign(&header(), &payload, &foreign)).unwrap_err(), TokenRefusal::Signature);
    let jwk = serde_json::to_value(foreign.as_verification_key()).unwrap();
    for extra in
        [json!({ "jwk": jwk }), json!({ "jku": "https://evil.test/jwks" }), json!({ "x5u": "https://evil.test" })]
    {
        let mut header = header();
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        assert_eq!(check(&sign(&header, &payload, &foreign)).unwrap_err(), TokenRefusal::Signature);
    }
}

#[test]
fn a08_a09_a28_an_unknown_key_is_told_apart_so_that_keys_can_be_read_again() {
    let payload = claims().to_string();
    let long = "x".repeat(40_000);
    for kid in ["k2", "../../etc/passwd", "' OR 1=1 --", long.as_str()] {
        let raw = sign(&json!({ "alg": "EdDSA", "kid": kid }), &payload, &key(1, "k1"));
        assert_eq!(check(&raw).unwrap_err(), TokenRefusal::UnknownKey);
    }
    let two = vec![key(1, "k1").as_verification_key(), key(2, "k2").as_verification_key()];
    let nameless = sign(&json!({ "alg": "EdDSA" }), &payload, &key(1, "k1"));
    assert_eq!(check_with(&nameless, &two).unwrap_err(), TokenRefusal::AmbiguousKey);
    assert!(check(&nameless).is_ok());
}

#[test]
fn a10_a11_other_headers_are_refused() {
    for extra in [
        json!({ "crit": ["exp"] }),
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "cty": "JWT" }),
    ] {
        let mut header = header();
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let answer = check(&sign(&header, &claims().to_string(), &key(1, "k1"))).unwrap_err();
        assert!(matches!(answer, TokenRefusal::Header | TokenRefusal::Malformed), "{extra}");
    }
}

#[test]
fn a12_to_a16_issuer_audience_and_authorized_party_are_ours_alone() {
    for issuer in [
        "https://idp.other.test/op",
        "https://idp.acme.test/op/",
        "https://IDP.acme.test/op",
        "https://idp.acme.test:444/op",
    ] {
        assert_eq!(refused(&with("iss", json!(issuer))), TokenRefusal::Issuer, "{issuer}");
    }
    assert_eq!(refused(&with("aud", json!("another"))), TokenRefusal::Audience);
    assert_eq!(refused(&with("aud", json!([CLIENT, "stranger"]))), TokenRefusal::Audience);
    assert_eq!(refused(&with("azp", json!("another"))), TokenRefusal::AuthorizedParty);
    assert!(check(&token(&with("azp", json!(CLIENT)))).is_ok());
    assert!(check(&token(&with("aud", json!([CLIENT])))).is_ok());
}

#[test]
fn a17_a18_a19_times_are_held_with_a_minute_of_leeway() {
    assert!(check(&token(&with("exp", json!(NOW - 59)))).is_ok());
    assert_eq!(refused(&with("exp", json!(NOW - 61))), TokenRefusal::Expired);
    assert!(check(&token(&with("iat", json!(NOW + 59)))).is_ok());
    assert_eq!(refused(&with("iat", json!(NOW + 3600))), TokenRefusal::IssuedAt);
    assert!(check(&token(&with("iat", json!(NOW - 599)))).is_ok());
    let old = {
        let mut old = with("iat", json!(NOW - 86_400));
        old["exp"] = json!(NOW + 86_400);
        old
    };
    assert_eq!(refused(&old), TokenRefusal::IssuedAt);
    assert!(check(&token(&with("nbf", json!(NOW + 59)))).is_ok());
    assert_eq!(refused(&with("nbf", json!(NOW + 61))), TokenRefusal::NotBefore);
    assert_eq!(refused(&with("nbf", json!("soon"))), TokenRefusal::NotBefore);
}

#[test]
fn a20_a21_a22_required_claims_are_there_and_plain() {
    for name in ["iss", "exp", "iat", "sub", "aud", "nonce"] {
        assert!(check(&token(&without(name))).is_err(), "without {name}");
    }
    for subject in [String::new(), "s".repeat(256), "s\u{0}1".to_owned(), "s\n1".to_owned()] {
        assert_eq!(refused(&with("sub", json!(subject))), TokenRefusal::Subject, "{subject:?}");
    }
    assert_eq!(refused(&with("nonce", json!("another"))), TokenRefusal::Nonce);
}

#[test]
fn a24_nothing_is_said_twice() {
    for doubled in [r#""sub":"s-2""#, r#""entry":"another""#, r#""aud":"freehold""#] {
        let text = claims().to_string();
        let payload = format!("{},{doubled}}}", text.strip_suffix('}').unwrap());
        assert_eq!(check(&sign(&header(), &payload, &key(1, "k1"))).unwrap_err(), TokenRefusal::Malformed, "{doubled}");
    }
}

#[test]
fn a25_the_token_belongs_to_the_access_token_it_came_with() {
    let made = AccessTokenHash::from_token(&access_token(), &Alg::EdDsa, &key(1, "k1").as_verification_key()).unwrap();
    assert!(check(&token(&with("at_hash", json!(made.as_str())))).is_ok());
    assert_eq!(refused(&with("at_hash", json!("bm90IGl0cyBoYXNo"))), TokenRefusal::AccessTokenHash);
}

#[test]
fn a30_a_huge_token_is_not_even_parsed() {
    assert_eq!(refused(&with("entry", json!("x".repeat(1024 * 1024)))), TokenRefusal::Malformed);
}

#[test]
fn c03_odd_forms_of_standard_claims_keep_nobody_out_and_prove_nothing() {
    let odd = [
        ("email_verified", json!("true")),
        ("email_verified", json!(false)),
        ("updated_at", json!("2026-11-23T10:00:00Z")),
        ("groups", json!("one")),
        ("groups", json!(["one", "two"])),
        ("auth_time", json!(0)),
        ("acr", json!("0")),
        ("amr", json!([])),
    ];
    for (name, value) in odd {
        let believed = check(&token(&with(name, value.clone())));
        assert_eq!(believed.map(|token| token.subject.subject), Ok("s-1".to_owned()), "{name} {value}");
    }
}

#[test]
fn a_link_claim_is_short_and_plain() {
    for value in [json!(""), json!("x".repeat(256)), json!("a\u{7f}"), json!(["a"]), json!(null), json!(1.5), json!(-1)]
    {
        let believed = check(&token(&with("entry", value.clone()))).unwrap();
        assert_eq!(believed.text("entry"), None, "{value}");
    }
}

#[test]
fn c07_c08_only_people_of_the_pinned_company_come_in() {
    for (claim, value) in [("hd", "acme.example"), ("tid", "72f988bf-86f1-41af-91ab-2d7cd011db47")] {
        let pin = Pin { claim: claim.to_owned(), value: value.to_owned() };
        let come =
            |claims: &Value| check_of(&token(claims), &keys(), Some(&pin), &Demands::default()).map(|_believed| ());
        assert_eq!(come(&with(claim, json!(value))), Ok(()));
        assert_eq!(come(&claims()), Err(TokenRefusal::Pin), "private accounts have none");
        for other in
            [json!("other.example"), json!(""), json!([value]), json!(format!("{value} ")), json!(true), Value::Null]
        {
            assert_eq!(come(&with(claim, other.clone())), Err(TokenRefusal::Pin), "{other}");
        }
    }
}

#[test]
fn a31_a_sign_in_weaker_than_demanded_is_refused() {
    let mfa = Demands { amr: vec!["pwd".to_owned(), "mfa".to_owned()], ..Demands::default() };
    let loa = Demands { acr: vec!["loa-2".to_owned(), "loa-3".to_owned()], ..Demands::default() };
    let hour = Demands { max_age_minutes: Some(60), ..Demands::default() };
    let come = |demands: &Demands, claims: &Value| check_of(&token(claims), &keys(), None, demands);
    let met = |demands: &Demands, claims: &Value| match come(demands, claims) {
        Ok(_believed) => true,
        // What is of another kind than the standard says is not even read by the crate.
        Err(TokenRefusal::StepUp | TokenRefusal::Malformed) => false,
        Err(other) => panic!("{other}"),
    };

    assert!(met(&mfa, &with("amr", json!(["mfa", "pwd", "otp"]))));
    assert!(matches!(come(&mfa, &with("amr", json!(["pwd"]))), Err(TokenRefusal::StepUp)));
    for amr in [json!([]), json!("pwd mfa"), json!([["pwd", "mfa"]]), Value::Null] {
        assert!(!met(&mfa, &with("amr", amr.clone())), "{amr}");
    }
    assert!(!met(&mfa, &claims()));

    assert!(met(&loa, &with("acr", json!("loa-3"))));
    for acr in [json!("loa-1"), json!("LOA-2"), json!(["loa-2"]), json!(""), Value::Null] {
        assert!(!met(&loa, &with("acr", acr.clone())), "{acr}");
    }
    assert!(!met(&loa, &claims()));

    for (auth_time, good) in [
        (json!(NOW - 3_600), true),
        (json!(NOW - 3_660), true),
        (json!(NOW - 3_661), false),
        (json!(NOW + 60), true),
        (json!(NOW + 61), false),
        // glewlwyd says so when it does not know.
        (json!(0), false),
        (json!(-1), false),
        (json!((NOW - 60).to_string()), false),
    ] {
        assert_eq!(met(&hour, &with("auth_time", auth_time.clone())), good, "{auth_time}");
    }
    assert!(!met(&hour, &claims()));
    // Nobody who demands nothing minds.
    assert!(met(&Demands::default(), &with("auth_time", json!(0))));
}
