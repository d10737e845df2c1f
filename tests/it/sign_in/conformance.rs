//! The modules of the OpenID Foundation's profiles for relying parties, under their own names: basic, configuration and
//! back-channel logout. The suite's provider is played by a real one that lies as the module wants it.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_tests::http::visitor;
use freehold_tests::wait::wait_until;
use freehold_types::{Clock, SystemClock};
use freehold_wire::fault;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::sign_out::{EVENT, are_open, post, token};
use super::stage::{ANNA, Stage, brought_back};
use crate::world::{Engine, manifest};

/// Longer than between two looks for sessions to ask about.
const PROBE_LIMIT: Duration = Duration::from_secs(60);

/// Whether Anna comes in while the provider lies so.
async fn comes_in(stage: &Stage, lie: Value) -> Result<bool> {
    let annas = stage.annas().await?;
    stage.acme.tamper(lie)?;
    let finished = stage.finish(&annas.back).await;
    stage.acme.tamper(json!({}))?;
    Ok(finished.is_ok())
}

/// She comes in as long as the provider is honest, and is refused when it lies.
async fn refused(lie: Value) -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    assert!(comes_in(&stage, json!({})).await?, "an honest provider");
    assert!(!comes_in(&stage, lie.clone()).await?, "{lie}");
    Ok(())
}

async fn accepted(lie: Value) -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    assert!(comes_in(&stage, lie.clone()).await?, "{lie}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test() -> Result<()> {
    accepted(json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_invalid_iss() -> Result<()> {
    refused(json!({ "claims": { "iss": "https://another.test" } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_missing_sub() -> Result<()> {
    refused(json!({ "drop": ["sub"] })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_invalid_aud() -> Result<()> {
    refused(json!({ "claims": { "aud": "another" } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_missing_iat() -> Result<()> {
    refused(json!({ "drop": ["iat"] })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_kid_absent_single_jwks() -> Result<()> {
    accepted(json!({ "headerless": ["kid"] })).await
}

/// Which of the two keys it was is not tried out.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_kid_absent_multiple_jwks() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    stage.acme.rotate(true)?;
    assert!(comes_in(&stage, json!({})).await?, "by its id the key is found");
    assert!(!comes_in(&stage, json!({ "headerless": ["kid"] })).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_idtoken_sig_rs256() -> Result<()> {
    accepted(json!({ "header": { "alg": "RS256" } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_idtoken_sig_none() -> Result<()> {
    refused(json!({ "sign": "none" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_invalid_sig_rs256() -> Result<()> {
    refused(json!({ "sign": "broken", "claims": { "name": "Another" } })).await
}

/// Userinfo is asked when the ID token has no claim to meet the person by.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_userinfo_invalid_sub() -> Result<()> {
    refused(json!({ "drop": ["oid"], "userinfo": { "sub": "subject-of-ben" } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_nonce_invalid() -> Result<()> {
    refused(json!({ "claims": { "nonce": "another" } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_scope_userinfo_claims() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    assert!(comes_in(&stage, json!({ "drop": ["oid"] })).await?, "what the ID token does not say, userinfo does");
    // What it says counts like what the ID token says: a subject does not become somebody else.
    let another = json!({ "drop": ["oid"], "userinfo": { "oid": super::stage::BEN } });
    assert!(!comes_in(&stage, another).await?);
    assert!(comes_in(&stage, json!({ "drop": ["oid"], "userinfo": { "oid": ANNA } })).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_client_secret_basic() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    assert!(comes_in(&stage, json!({})).await?);
    assert_eq!(stage.acme.authenticated()?, "Basic");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_discovery_openid_config() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let begun = stage.begin("acme", manifest::CONNECTION).await.map_err(fault)?;
    assert!(begun.authorization_url.starts_with(&format!("{}/auth?", stage.acme.issuer())));
    assert_eq!(stage.acme.hits()?.get(".well-known"), Some(&1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_discovery_issuer_mismatch() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    stage.acme.tamper(json!({ "discovery": { "issuer": "https://another.test" } }))?;
    assert!(stage.begin("acme", manifest::CONNECTION).await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_discovery_jwks_uri_keys() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    assert!(comes_in(&stage, json!({})).await?);
    assert_eq!(stage.acme.hits()?.get("jwks"), Some(&1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_signing_key_rotation() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    assert!(comes_in(&stage, json!({})).await?);
    stage.acme.rotate(false)?;
    assert!(comes_in(&stage, json!({})).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let annas = stage.annas().await?;
    stage.acme.rotate(false)?;
    assert_eq!(stage.comes_in("acme", &annas.back).await?, "anna");
    Ok(())
}

/// What a logout token with these changes does to Anna's session: it is answered with this status.
async fn told(header: Value, changes: Value) -> Result<(StatusCode, bool)> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let session = stage.finish(&stage.annas().await?.back).await.map_err(fault)?.session_token;
    let token = token(&stage.acme, &header, "t-1", &[&json!({ "sub": "subject-of-anna" }), &changes])?;
    let status = post(&stage, "acme", manifest::CONNECTION, &token).await?;
    Ok((status, are_open(&stage, &[&session]).await? == [true]))
}

async fn logout_refused(header: Value, changes: Value) -> Result<()> {
    assert_eq!(told(header, changes).await?, (StatusCode::BAD_REQUEST, true));
    Ok(())
}

/// The whole way: in, out by way of the provider, which tells us, and back.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let address = |path: &str| format!("{}/acme{path}", stage.world.public_url);
    stage.acme.allow_logout(&address("/sso/sso/backchannel-logout"), &address("/sign-in"))?;
    let browser = visitor()?;
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let begun = stage.begin("acme", manifest::CONNECTION).await.map_err(fault)?;
        let back = stage.acme.sign_in(&browser, &begun.authorization_url, "anna").await?;
        let back = brought_back("acme", manifest::CONNECTION, &begun.browser_token, &back)?;
        sessions.push(stage.finish(&back).await.map_err(fault)?.session_token);
    }
    let first = sessions.first().context("a session")?;
    let caller = stage.world.line.authenticate("acme", first).await.map_err(fault)?.caller_token;
    let mut anna = stage.world.line.clients.bearer(&caller)?;
    let ended = anna.auth.end_session(auth::EndSessionRequest::default()).await.map_err(fault)?.into_inner();
    assert_eq!(stage.acme.sign_out(&browser, &ended.idp_sign_out_url).await?, address("/sign-in"));
    assert_eq!(are_open(&stage, &sessions.iter().collect::<Vec<_>>()).await?, [false, false]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_alg_none() -> Result<()> {
    logout_refused(json!({ "typ": "logout+jwt", "alg": "none" }), json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg() -> Result<()> {
    logout_refused(json!({ "typ": "logout+jwt", "alg": "HS256" }), json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_no_event() -> Result<()> {
    logout_refused(json!({ "typ": "logout+jwt" }), json!({ "events": null })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event() -> Result<()> {
    logout_refused(json!({ "typ": "logout+jwt" }), json!({ "events": { format!("{EVENT}-another"): {} } })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce() -> Result<()> {
    logout_refused(json!({ "typ": "logout+jwt" }), json!({ "nonce": "n" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud() -> Result<()> {
    logout_refused(json!({ "typ": "logout+jwt" }), json!({ "aud": "another" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss() -> Result<()> {
    logout_refused(json!({ "typ": "logout+jwt" }), json!({ "iss": "https://another.test" })).await
}

/// Not of the three profiles, but of the suite's plan for refresh tokens: what comes back is about the same person.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_refresh_token_invalid_sub() -> Result<()> {
    refreshed(json!({ "sub": "subject-of-ben" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_client_test_refresh_token_invalid_issuer() -> Result<()> {
    refreshed(json!({ "iss": "https://another.test" })).await
}

/// A refresh by an honest provider leaves the session open, and one that lies so ends it.
async fn refreshed(lie: Value) -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let session = stage.finish(&stage.annas().await?.back).await.map_err(fault)?.session_token;
    let asked = || -> Result<u64> { Ok(stage.acme.hits()?.get("token").copied().unwrap_or_default()) };
    let before = asked()?;
    later(&stage, &session, 7, &json!({})).await?;
    wait_until("the provider to be asked", PROBE_LIMIT, async || Ok((asked()? > before).then_some(()))).await?;
    assert_eq!(are_open(&stage, &[&session]).await?, [true]);
    later(&stage, &session, 14, &lie).await?;
    let over = async || Ok((are_open(&stage, &[&session]).await? == [false]).then_some(()));
    wait_until("the session to end", PROBE_LIMIT, over).await
}

/// So many minutes later, also for the provider, which then lies so; the session was used meanwhile.
async fn later(stage: &Stage, session: &String, minutes: i64, lie: &Value) -> Result<()> {
    let now = SystemClock.now() + TimeDelta::minutes(minutes);
    let mut claims = json!({ "iat": now.timestamp(), "exp": now.timestamp() + 300 });
    if let (Some(claims), Some(lie)) = (claims.as_object_mut(), lie.as_object()) {
        claims.extend(lie.clone());
    }
    stage.acme.tamper(json!({ "claims": claims }))?;
    stage.world.clock.set(now);
    are_open(stage, &[session]).await.map(|_open| ())
}
