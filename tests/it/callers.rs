//! Callers that are no people, and the keys that check who calls, as everybody may read them.

mod clients;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use freehold_proto::auth::v1 as auth;
use freehold_wire::fault;
use serde_json::Value;

use crate::world::{Engine, World};

/// Checks a caller token's signature with nothing but a published key set, as somebody else's program would.
fn checks(token: &str, keys: &Value) -> Result<bool> {
    let mut parts = token.rsplitn(2, '.');
    let (signature, signed) = (parts.next().context("a signature")?, parts.next().context("what is signed")?);
    let head: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split('.').next().context("a head")?)?)?;
    let keys = keys["keys"].as_array().context("keys")?;
    let key = keys.iter().find(|key| key["kid"] == head["kid"]).context("the key of the token")?;
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&"OKP".into(), &"Ed25519".into(), &"EdDSA".into()));
    let point = URL_SAFE_NO_PAD.decode(key["x"].as_str().context("a point")?)?;
    let key = VerifyingKey::from_bytes(point.as_slice().try_into()?)?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature)?)?;
    Ok(key.verify(signed.as_bytes(), &signature).is_ok())
}

async fn published(world: &World) -> Result<Value> {
    let answer = reqwest::get(format!("{}/.well-known/jwks.json", world.public_url)).await?;
    assert_eq!(answer.status(), reqwest::StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/jwk-set+json");
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn j06_the_published_keys_check_caller_tokens_before_and_after_a_rotation() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let manifest = crate::world::manifest::company_of_file("acme", &world.place, &[])?;
    world.line.declare(manifest).await?;
    let (token, keys) = (world.line.token_inside("acme").await?, published(&world).await?);
    assert!(checks(&token, &keys)?);
    let listed = world.line.clients.anonymous().callers.get_signing_keys(auth::GetSigningKeysRequest {}).await;
    let listed = listed.map_err(fault)?.into_inner().keys;
    let names: Vec<&str> = listed.iter().map(|key| key.kid.as_str()).collect();
    let shown: Vec<&str> =
        keys["keys"].as_array().context("keys")?.iter().filter_map(|key| key["kid"].as_str()).collect();
    assert_eq!(names, shown);

    // What signs a month later was published before.
    world.days_later(30);
    let later = world.line.token_inside("acme").await?;
    assert!(checks(&later, &keys)?);
    assert!(checks(&later, &published(&world).await?)?);
    assert!(checks(&token, &published(&world).await?).is_err(), "the old key is shown no more");
    let mut calls = world.line.clients.bearer(&token)?;
    let refused = calls.auth.list_audit_events(auth::ListAuditEventsRequest::default()).await;
    assert_eq!(refused.err().map(|status| status.code()), Some(tonic::Code::Unauthenticated));
    Ok(())
}
