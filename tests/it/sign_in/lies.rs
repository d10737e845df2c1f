//! A real provider that lies in its ID tokens, one way at a time (attack list, group A).

use anyhow::Result;
use chrono::TimeDelta;
use freehold_proto::auth::v1::BeginSignInRequest;
use freehold_types::{Clock, SystemClock};
use freehold_wire::fault;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::world::{Engine, manifest};

/// Each lie by its number.
fn lies(stage: &Stage) -> Vec<(&'static str, Value)> {
    let now = SystemClock.now().timestamp();
    let with = |name: &str, value: Value| json!({ "claims": { name: value } });
    let without = |name: &str| json!({ "drop": [name] });
    vec![
        ("A01 oidcc-client-test-idtoken-sig-none", json!({ "sign": "none" })),
        ("A02 oidcc-client-test-invalid-sig-rs256", json!({ "sign": "broken", "claims": { "sub": "subject-of-ben" } })),
        ("A03", json!({ "sign": "public" })),
        ("A04", json!({ "sign": "secret" })),
        ("A05", json!({ "sign": "foreign" })),
        ("A08", json!({ "header": { "kid": "absent" } })),
        ("A09", json!({ "header": { "kid": "../../etc/passwd" } })),
        ("A11", json!({ "header": { "typ": "logout+jwt" } })),
        ("A12 oidcc-client-test-invalid-iss", with("iss", json!(stage.beta.issuer()))),
        ("A13", with("iss", json!(format!("{}/", stage.acme.issuer())))),
        ("A14 oidcc-client-test-invalid-aud", with("aud", json!("another"))),
        ("A15", with("aud", json!(["freehold", "another"]))),
        ("A16", with("azp", json!("another"))),
        ("A17", with("exp", json!(now - 120))),
        ("A18", json!({ "claims": { "iat": now - 86_400, "exp": now + 86_400 } })),
        ("A19", with("nbf", json!(now + 3_600))),
        ("A20 oidcc-client-test-missing-sub", without("sub")),
        ("A20 oidcc-client-test-missing-iat", without("iat")),
        ("A20", without("exp")),
        ("A20", without("aud")),
        ("A21", with("sub", json!(""))),
        ("A22 oidcc-client-test-nonce-invalid", with("nonce", json!("another"))),
        ("A22", without("nonce")),
        ("A25", with("at_hash", json!("bm90IGl0cyBoYXNo"))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_to_a05_a08_a09_a11_to_a22_a25_a_lie_of_a_real_provider_lets_nobody_in() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let enters = async || stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await;
    assert_eq!(enters().await?.as_deref(), Some("anna"));
    for (name, lie) in lies(&stage) {
        let annas = stage.annas().await?;
        stage.acme.tamper(lie)?;
        stage.refuses(&annas.back, 1).await.map_err(|error| error.context(name))?;
        stage.acme.tamper(json!({}))?;
    }
    assert_eq!(enters().await?.as_deref(), Some("anna"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_e10_a_real_provider_changes_its_keys_and_its_name() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let enters = async || stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await;
    let keys_read = || -> Result<u64> { Ok(stage.acme.hits()?.get("jwks").copied().unwrap_or_default()) };
    assert_eq!(enters().await?.as_deref(), Some("anna"));
    let before = keys_read()?;
    // Just before signing: what was read of it is a moment old.
    let annas = stage.annas().await?;
    stage.acme.rotate(false)?;
    assert_eq!(stage.comes_in("acme", &annas.back).await?, "anna");
    assert_eq!(keys_read()? - before, 1);
    assert_eq!(enters().await?.as_deref(), Some("anna"));
    assert_eq!(keys_read()? - before, 1);

    // Under another name it is another provider.
    stage.acme.tamper(json!({ "discovery": { "issuer": stage.beta.issuer() } }))?;
    // What is known of it is good for ten minutes.
    stage.begin("acme", manifest::CONNECTION).await.map_err(fault)?;
    stage.world.clock.set(SystemClock.now() + TimeDelta::minutes(11));
    let request = BeginSignInRequest {
        company_address: "acme".to_owned(),
        connection_name: manifest::CONNECTION.to_owned(),
        return_to: String::new(),
    };
    let refused = stage.world.line.clients.anonymous().auth.begin_sign_in(request).await.expect_err("another issuer");
    assert_eq!(refused.code(), tonic::Code::Unavailable);
    Ok(())
}
