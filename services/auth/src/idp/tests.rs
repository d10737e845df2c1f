use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use freehold_tests::scripted_idp::{Answer, KEYS_PATH, METADATA_PATH, ScriptedIdp};
use freehold_types::{Mint, SetClock};
use openidconnect::JsonWebKey as _;
use serde_json::{Value, json};

use super::{Idp, IdpError, Idps};
use crate::address::Reach;
use crate::connection::Connection;
use crate::http::CallError;
use crate::testing::connection_to;
use crate::testing::token::published;

/// A provider with one key, and a service that has not spoken to it yet.
struct Stage {
    idp: ScriptedIdp,
    idps: Idps,
    clock: Arc<SetClock>,
    connection: Connection,
}

impl Stage {
    async fn set() -> Self {
        let idp = ScriptedIdp::start().await.unwrap();
        idp.publish(&[published(1, "k1")]);
        let clock = Arc::new(SetClock::new(DateTime::from_timestamp(1_900_000_000, 0).unwrap()));
        let mint = Mint::new(clock.clone());
        let connection = connection_to(&idp, &mint);
        Self { idp, idps: Idps::new(mint, Reach::default()), clock, connection }
    }

    async fn get(&self) -> Result<Arc<Idp>, IdpError> {
        self.idps.get(&self.connection).await
    }

    async fn refusal(&self) -> IdpError {
        self.get().await.map(|idp| idp.keys.len()).expect_err("this provider must not be used")
    }

    fn asked(&self, path: &str) -> usize {
        self.idp.asked(path).len()
    }
}

/// An RSA key with a modulus of so many bits. Nobody knows its private half.
fn rsa(bits: usize) -> Value {
    let modulus = URL_SAFE_NO_PAD.encode(vec![0xb7; bits / 8]);
    json!({ "kty": "RSA", "use": "sig", "kid": format!("rsa-{bits}"), "n": modulus, "e": "AQAB" })
}

/// As gzip (RFC 1952), in one block that is stored as it is (RFC 1951 section 3.2.4).
fn packed(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let bit = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    let checksum = !bytes.iter().fold(!0_u32, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), bit));
    [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1],
        length.to_le_bytes().as_slice(),
        &(!length).to_le_bytes(),
        bytes,
        &checksum.to_le_bytes(),
        &u32::from(length).to_le_bytes(),
    ]
    .concat()
}

#[tokio::test]
async fn an_honest_provider_is_asked_once_in_ten_minutes() {
    let stage = Stage::set().await;
    assert_eq!(stage.get().await.unwrap().keys.len(), 1);
    stage.get().await.unwrap();
    assert_eq!((stage.asked(METADATA_PATH), stage.asked(KEYS_PATH)), (1, 1));
    stage.clock.advance(TimeDelta::minutes(10));
    stage.get().await.unwrap();
    assert_eq!((stage.asked(METADATA_PATH), stage.asked(KEYS_PATH)), (2, 2));
}

#[tokio::test]
async fn a29_short_rsa_keys_are_not_believed() {
    let stage = Stage::set().await;
    stage.idp.publish(&[rsa(1024), rsa(2040)]);
    assert!(matches!(stage.refusal().await, IdpError::NoKeys));
    stage.clock.advance(TimeDelta::minutes(1));
    stage.idp.publish(&[rsa(1024), rsa(2048)]);
    let kids: Vec<String> =
        stage.get().await.unwrap().keys.iter().map(|key| key.key_id().unwrap().to_string()).collect();
    assert_eq!(kids, ["rsa-2048"]);
}

#[tokio::test]
async fn a30_e08_a_huge_answer_is_not_read_to_its_end() {
    let stage = Stage::set().await;
    let keys: Vec<Value> = (0..10_000).map(|number| published(1, &format!("k{number}"))).collect();
    stage.idp.publish(&keys);
    assert!(matches!(stage.refusal().await, IdpError::Call(CallError::TooLarge)));
    stage.clock.advance(TimeDelta::minutes(1));
    stage.idp.describe(&json!({ "padding": "x".repeat(1024 * 1024) }));
    assert!(matches!(stage.refusal().await, IdpError::Call(CallError::TooLarge)));
    // As many as fit are not all kept.
    stage.clock.advance(TimeDelta::minutes(1));
    stage.idp.describe(&json!({}));
    stage.idp.publish(&keys[..1_000]);
    assert_eq!(stage.get().await.unwrap().keys.len(), 64);
}

#[tokio::test]
async fn e08_what_is_packed_is_not_unpacked() {
    let stage = Stage::set().await;
    // Honest metadata, so whoever unpacked it would go on.
    let bomb = Answer::bytes(packed(stage.idp.metadata().to_string().as_bytes())).header("content-encoding", "gzip");
    stage.idp.put(METADATA_PATH, bomb);
    assert!(matches!(stage.refusal().await, IdpError::Unreadable));
}

#[tokio::test]
async fn e08_e12_a_slow_provider_is_left_after_five_seconds_and_holds_up_no_other() {
    let stage = Stage::set().await;
    stage.idp.put(METADATA_PATH, Answer::json(&stage.idp.metadata()).slowly());
    let quick = Stage::set().await;
    let started = Instant::now();
    let slow = stage.refusal();
    let other = async {
        // Both connections are of one service.
        stage.idps.get(&quick.connection).await.unwrap();
        started.elapsed()
    };
    let (refusal, other) = tokio::join!(slow, other);
    assert!(matches!(refusal, IdpError::Call(CallError::Unreachable(_))), "{refusal}");
    assert!(started.elapsed() >= Duration::from_secs(5) && other < Duration::from_secs(5), "{other:?}");
    // The next person is not made to wait.
    assert!(matches!(stage.refusal().await, IdpError::Failing));
    assert_eq!(stage.asked(METADATA_PATH), 1);
}

#[tokio::test]
async fn e05_a_redirect_is_not_followed() {
    let stage = Stage::set().await;
    for path in [METADATA_PATH, KEYS_PATH] {
        stage.idp.put(path, Answer::redirect(&stage.idp.url("/elsewhere")));
        assert!(matches!(stage.refusal().await, IdpError::Answer(302)), "{path}");
        stage.idp.describe(&json!({}));
        stage.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(stage.asked("/elsewhere"), 0);
}

#[tokio::test]
async fn e06_endpoints_are_called_where_we_call_and_nowhere_else() {
    let inside = [
        "https://169.254.169.254/keys",
        "http://idp.acme.test/keys",
        "https://[fe80::1]/keys",
        "https://10.0.0.7/keys",
    ];
    for (place, endpoint) in inside.into_iter().enumerate() {
        for name in
            ["jwks_uri", "token_endpoint", "authorization_endpoint", "end_session_endpoint", "userinfo_endpoint"]
        {
            let stage = Stage::set().await;
            stage.idp.describe(&json!({ name: endpoint }));
            let refusal = stage.refusal().await;
            let fitting = matches!(refusal, IdpError::Endpoints | IdpError::Call(CallError::Address));
            assert!(fitting, "{name} {place}: {refusal}");
        }
    }
}

#[tokio::test]
async fn e07_discovery_issuer_mismatch() {
    let stage = Stage::set().await;
    let issuer = stage.idp.issuer().to_owned();
    let spellings = [format!("{issuer}/"), issuer.to_uppercase(), "https://idp.acme.test".to_owned()];
    for other in spellings {
        stage.idp.describe(&json!({ "issuer": other }));
        assert!(matches!(stage.refusal().await, IdpError::OtherIssuer), "{other}");
        stage.clock.advance(TimeDelta::minutes(1));
    }
}

#[tokio::test]
async fn b19_a_provider_without_s256_is_refused() {
    let stage = Stage::set().await;
    for methods in [json!([]), json!(["plain"]), json!(["s256", "plain"])] {
        stage.idp.describe(&json!({ "code_challenge_methods_supported": methods }));
        assert!(matches!(stage.refusal().await, IdpError::NoPkce), "{methods}");
        stage.clock.advance(TimeDelta::minutes(1));
    }
}

#[tokio::test]
async fn e13_what_a_provider_says_when_it_fails_is_not_repeated() {
    let stage = Stage::set().await;
    let chatter = json!({ "error": "server_error", "error_description": "eyJhbGciOi.secret.token" });
    for answer in
        [Answer::json(&chatter), Answer::json(&chatter).status(500), Answer::bytes(b"eyJhbGciOi.secret".into())]
    {
        stage.idp.put(METADATA_PATH, answer);
        let refusal = stage.refusal().await;
        assert!(!format!("{refusal:?} {refusal}").contains("secret"), "{refusal}");
        stage.clock.advance(TimeDelta::minutes(1));
    }
}
