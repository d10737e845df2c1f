//! When an IdP's keys are read again: soon enough for every change, never as often as a stranger would like.

use std::sync::Arc;

use chrono::TimeDelta;
use freehold_tests::scripted_idp::{KEYS_PATH, ScriptedIdp};
use openidconnect::AccessToken;
use serde_json::{Value, json};

use super::super::verify;
use super::text;
use crate::connection::Connection;
use crate::id_token::TokenRefusal;
use crate::idp::{IdpError, UNKNOWN_KEY_PAUSE};
use crate::refusal::Refusal;
use crate::testing::token::{key, published, sign, signed};
use crate::testing::{World, connection_to};

struct Stage {
    idp: ScriptedIdp,
    world: World,
    connection: Connection,
}

impl Stage {
    /// A provider whose key `k1` is known.
    async fn set() -> Self {
        let idp = ScriptedIdp::start().await.unwrap();
        idp.publish(&[published(1, "k1")]);
        let world = World::new().await;
        let connection = connection_to(&idp, &world.auth.deps.mint);
        let stage = Self { idp, world, connection };
        assert_eq!(stage.come(1, "k1").await, Ok(()));
        assert_eq!(stage.read(), 1);
        stage
    }

    fn claims(&self) -> Value {
        let now = self.world.auth.deps.mint.now().timestamp();
        let issuer = self.idp.issuer();
        json!({ "iss": issuer, "aud": "freehold", "sub": "s-1", "nonce": "the-nonce", "iat": now, "exp": now + 300 })
    }

    /// Somebody comes with a token signed by the key made of `seed` under the name `kid`.
    async fn come(&self, seed: u8, kid: &str) -> Result<(), TokenRefusal> {
        self.come_with(signed(&self.claims(), seed, kid)).await
    }

    async fn come_with(&self, id_token: String) -> Result<(), TokenRefusal> {
        let auth = &self.world.auth;
        let idp = auth.idps.get(&self.connection).await.unwrap();
        let (raw, access_token, nonce) = (text(&id_token), AccessToken::new("a".to_owned()), text("the-nonce"));
        match verify(auth, &idp, &self.connection, &raw, &access_token, Some(&nonce)).await {
            Ok(_believed) => Ok(()),
            Err(Refusal::IdToken(refusal)) => Err(refusal),
            Err(other) => panic!("{other}"),
        }
    }

    /// How often the keys were read.
    fn read(&self) -> usize {
        self.idp.asked(KEYS_PATH).len()
    }

    fn wait(&self, seconds: i64) {
        self.world.clock.advance(TimeDelta::seconds(seconds));
    }
}

#[tokio::test]
async fn a07_an_address_in_a_header_is_not_called() {
    let stage = Stage::set().await;
    let foreign = key(9, "k9");
    for name in ["jku", "x5u"] {
        let header = json!({ "alg": "EdDSA", "kid": "k9", name: stage.idp.url("/planted") });
        let raw = sign(&header, &stage.claims().to_string(), &foreign);
        assert_eq!(stage.come_with(raw).await, Err(TokenRefusal::UnknownKey));
    }
    assert!(stage.idp.asked("/planted").is_empty());
}

#[tokio::test]
async fn a08_an_unknown_key_is_looked_for_once() {
    let stage = Stage::set().await;
    assert_eq!(stage.come(2, "k2").await, Err(TokenRefusal::UnknownKey));
    assert_eq!(stage.read(), 2);
}

#[tokio::test]
async fn e09_a_flood_of_unknown_keys_reads_the_keys_once_in_thirty_seconds() {
    let stage = Arc::new(Stage::set().await);
    let flood = async |names: &str| {
        let mut flood = tokio::task::JoinSet::new();
        for number in 0..200 {
            let (stage, kid) = (Arc::clone(&stage), format!("{names}-{number}"));
            flood.spawn(async move { stage.come(2, &kid).await });
        }
        for refused in flood.join_all().await {
            assert_eq!(refused, Err(TokenRefusal::UnknownKey));
        }
    };
    flood("first").await;
    assert_eq!(stage.read(), 2);
    stage.wait(29);
    flood("second").await;
    assert_eq!(stage.read(), 2);
    stage.wait(1);
    flood("third").await;
    assert_eq!(stage.read(), 3);
    // Whoever has an honest token comes in all the while.
    assert_eq!(stage.come(1, "k1").await, Ok(()));
}

#[tokio::test]
async fn e10_signing_key_rotation() {
    let stage = Stage::set().await;
    stage.idp.publish(&[published(1, "k1"), published(2, "k2")]);
    assert_eq!(stage.come(2, "k2").await, Ok(()));
    assert_eq!(stage.come(1, "k1").await, Ok(()));
    stage.wait(30);
    // The old one is gone at once, and with it whoever still signs with it.
    stage.idp.publish(&[published(3, "k3")]);
    assert_eq!(stage.come(3, "k3").await, Ok(()));
    assert_eq!(stage.come(1, "k1").await, Err(TokenRefusal::UnknownKey));
    assert_eq!(stage.read(), 3);
}

#[tokio::test]
async fn e11_a_key_replaced_under_its_name_is_read_again_once_in_five_minutes() {
    let stage = Stage::set().await;
    stage.idp.publish(&[published(2, "k1")]);
    assert_eq!(stage.come(2, "k1").await, Ok(()));
    assert_eq!(stage.read(), 2);
    stage.idp.publish(&[published(3, "k1")]);
    for seconds in [1, 60, 238] {
        stage.wait(seconds);
        assert_eq!(stage.come(3, "k1").await, Err(TokenRefusal::Signature));
    }
    assert_eq!(stage.read(), 2);
    stage.wait(1);
    assert_eq!(stage.come(3, "k1").await, Ok(()));
    assert_eq!(stage.read(), 3);
}

#[tokio::test]
async fn e12_a_provider_that_is_down_is_asked_for_its_keys_no_more_often() {
    let stage = Stage::set().await;
    stage.idp.put(KEYS_PATH, freehold_tests::scripted_idp::Answer::json(&json!({})).status(503));
    let auth = &stage.world.auth;
    for _ in 0..3 {
        let again = auth.idps.get_with_new_keys(&stage.connection, UNKNOWN_KEY_PAUSE).await;
        assert!(matches!(again, Err(IdpError::Answer(503)) | Ok(_)));
    }
    assert_eq!(stage.read(), 2);
    // What was known is known still.
    assert_eq!(stage.come(1, "k1").await, Ok(()));
}
