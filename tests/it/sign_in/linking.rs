//! Who a sign-in is, whatever an IdP says (attack list, group C), with real IdPs.

use anyhow::{Context, Result};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_types::Reason;
use freehold_wire::fault;
use reqwest::StatusCode;
use reqwest::header::COOKIE;
use serde_json::{Value, json};
use tonic::Code;

use super::stage::{ANNA, BEN, SECOND, Stage, person};
use crate::world::{Engine, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn a23_c01_to_c06_c09_c12_c15_c17_nobody_becomes_somebody_else() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    c01_c03_c04_mail_and_names_prove_nothing(&stage).await?;
    c02_same_subject_at_two_issuers(&stage).await?;
    c05_mail_of_a_linked_person_changes(&stage).await?;
    c06_subject_of_somebody_else(&stage).await?;
    a23_token_of_an_older_sign_in(&stage).await?;
    c09_session_of_another_company(&stage).await?;
    c12_connection_of_another_company(&stage).await?;
    c15_connection_that_is_gone(&stage).await?;
    c17_person_made_anew(&stage).await
}

async fn c01_c03_c04_mail_and_names_prove_nothing(stage: &Stage) -> Result<()> {
    for (company, idp) in [("acme", &stage.acme), ("beta", &stage.beta)] {
        assert_eq!(stage.enters(company, manifest::CONNECTION, idp, "impostor").await?, None, "{company}");
    }
    assert_eq!(stage.enters("acme", SECOND, &stage.beta, "impostor").await?, None);
    for verified in [json!("true"), json!(1), json!(false), Value::Null] {
        stage.claim_email_verified(verified.clone())?;
        assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "impostor").await?, None, "{verified}");
    }
    stage.acme.tamper(json!({ "drop": ["email_verified"] }))?;
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "impostor").await?, None);
    // Nor do they stand in the way of who one is.
    let names = json!({ "email": "anna@acme.test", "email_verified": true, "preferred_username": "anna" });
    stage.acme.tamper(json!({ "claims": names }))?;
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "ben").await?.as_deref(), Some("ben"));
    stage.acme.tamper(json!({}))
}

async fn c02_same_subject_at_two_issuers(stage: &Stage) -> Result<()> {
    let anna = stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?;
    let ben = stage.enters("acme", SECOND, &stage.beta, "ben").await?;
    assert_eq!((anna.as_deref(), ben.as_deref()), (Some("anna"), Some("ben")));
    Ok(())
}

async fn c05_mail_of_a_linked_person_changes(stage: &Stage) -> Result<()> {
    stage.acme.tamper(json!({ "claims": { "email": "ben@acme.test", "email_verified": true } }))?;
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?.as_deref(), Some("anna"));
    stage.acme.tamper(json!({}))
}

/// An IdP that gives a subject to somebody new, and one that names somebody else for a subject it named before.
async fn c06_subject_of_somebody_else(stage: &Stage) -> Result<()> {
    stage.acme.tamper(json!({ "claims": { "oid": BEN } }))?;
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?, None);
    stage.acme.tamper(json!({ "claims": { "sub": "subject-of-anna", "oid": BEN } }))?;
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "ben").await?, None);
    stage.acme.tamper(json!({}))?;
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?.as_deref(), Some("anna"));
    Ok(())
}

/// Its nonce is of a sign-in that is over.
async fn a23_token_of_an_older_sign_in(stage: &Stage) -> Result<()> {
    let older = stage.annas().await?;
    let url = reqwest::Url::parse(&older.begun.authorization_url)?;
    let nonce = url.query_pairs().find(|(name, _)| name == "nonce").context("a nonce")?.1.into_owned();
    assert_eq!(stage.comes_in("acme", &older.back).await?, "anna");
    let newer = stage.annas().await?;
    stage.acme.tamper(json!({ "claims": { "nonce": nonce } }))?;
    stage.refuses(&newer.back, 1).await?;
    stage.acme.tamper(json!({}))
}

async fn c09_session_of_another_company(stage: &Stage) -> Result<()> {
    let annas = stage.annas().await?;
    let session = stage.finish(&annas.back).await.map_err(fault)?.session_token;
    stage.world.line.authenticate("acme", &session).await.map_err(fault)?;
    let refused = fault(stage.world.line.authenticate("beta", &session).await.expect_err("another company"));
    assert_eq!(refused.reason(), Reason::SignInNeeded);
    let browser = freehold_tests::http::visitor()?;
    for (company, status) in [("acme", StatusCode::OK), ("beta", StatusCode::SEE_OTHER)] {
        let request = browser.get(format!("{}/{company}", stage.world.public_url));
        let answer = request.header(COOKIE, format!("fh-{company}={session}")).send().await?;
        assert_eq!(answer.status(), status, "{company}");
    }
    Ok(())
}

async fn c12_connection_of_another_company(stage: &Stage) -> Result<()> {
    let known = stage.begin("acme", SECOND).await.map_err(fault)?;
    assert!(known.authorization_url.starts_with(stage.beta.issuer()));
    for (company, connection) in [("beta", SECOND), ("acme", "absent"), ("absent", SECOND)] {
        let refused = fault(stage.begin(company, connection).await.expect_err("not theirs"));
        assert_eq!(refused.reason(), Reason::SignInRefused, "{company} {connection}");
    }
    Ok(())
}

/// Refused at the start and at the return, also when it comes back under its old name.
async fn c15_connection_that_is_gone(stage: &Stage) -> Result<()> {
    let under_way = stage.annas().await?;
    let session = stage.finish(&stage.annas().await?.back).await.map_err(fault)?.session_token;
    let people = [person("anna", ANNA), person("ben", BEN)];
    let with = stage.company_of(&people)?;
    let without = TenantManifest { connections: Vec::new(), ..with.clone() };
    stage.world.line.declare(without).await?;
    let refused = stage.begin("acme", manifest::CONNECTION).await.expect_err("a connection that is gone");
    assert_eq!(fault(refused).reason(), Reason::SignInRefused);
    let ended = stage.world.line.authenticate("acme", &session).await.expect_err("ended with its connection");
    assert_eq!(ended.code(), Code::Unauthenticated);
    stage.refuses(&under_way.back, 0).await?;
    let under_way = {
        stage.world.line.declare(with.clone()).await?;
        let under_way = stage.annas().await?;
        stage.world.line.declare(TenantManifest { connections: Vec::new(), ..with.clone() }).await?;
        stage.world.line.declare(with).await?;
        under_way
    };
    stage.refuses(&under_way.back, 0).await
}

/// Who leaves and comes back under another id of the directory is somebody new, whatever their address.
async fn c17_person_made_anew(stage: &Stage) -> Result<()> {
    let anew = "aa000003-0000-4000-8000-000000000000";
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?.as_deref(), Some("anna"));
    stage.world.line.declare(stage.company_of(&[person("ben", BEN)])?).await?;
    assert_eq!(stage.world.line.synced("acme").await?.deactivated_count, 1);
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?, None);
    stage.world.line.declare(stage.company_of(&[person("ben", BEN), person("anna", anew)])?).await?;
    assert_eq!(stage.world.line.synced("acme").await?.joined_count, 1);
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?, None);
    // The old subject with the new id is no bridge either.
    stage.acme.tamper(json!({ "claims": { "oid": anew } }))?;
    assert_eq!(stage.enters("acme", manifest::CONNECTION, &stage.acme, "anna").await?, None);
    stage.acme.tamper(json!({}))
}
