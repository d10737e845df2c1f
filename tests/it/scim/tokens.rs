//! Tokens: an end, a revocation, one company only; every refusal looks alike.

use anyhow::{Context, Result};
use freehold_proto::directory::v1 as pb;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::Slapd;
use freehold_wire::fault;

use super::{DIRECTORY, Idp, company, issue, stage};
use crate::world::{Engine, World, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_directory_until_its_end_on_postgresql() -> Result<()> {
    Box::pin(a_token_is_good_for_its_directory_until_its_end(Engine::Postgres)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_directory_until_its_end_on_sqlite() -> Result<()> {
    Box::pin(a_token_is_good_for_its_directory_until_its_end(Engine::Sqlite)).await
}

async fn a_token_is_good_for_its_directory_until_its_end(engine: Engine) -> Result<()> {
    let (world, idp) = stage(engine).await?;
    let anna = idp.user("anna").await?;
    world.line.declare(company("beta")).await?;
    let beta = Idp::new(&world, "beta").await?;
    beta.get(&format!("/Users/{anna}")).await?.refused(404)?;
    assert_eq!(beta.find("Users", "userName pr").await?, Vec::<String>::new());
    let foreign = serde_json::json!([{ "op": "add", "path": "title", "value": "x" }]);
    beta.patch(&format!("/Users/{anna}"), foreign).await?.refused(404)?;

    let wrong = Idp::new_with(&world, "acme", "A".repeat(43))?;
    let elsewhere = Idp::new_with(&world, "acme", beta.token.clone())?;
    let nowhere = Idp::new_with(&world, "no-such-company", idp.token.clone())?;
    let refused = wrong.get("/Users").await?.must_be(401)?;
    assert_eq!(elsewhere.get("/Users").await?.must_be(401)?, refused);
    assert_eq!(nowhere.get("/Users").await?.must_be(401)?, refused);

    let short = {
        let request = pb::IssueTokenRequest { token_name: "short".to_owned(), valid_days: 2, ..Default::default() };
        world.line.inside("acme").await?.provisioning.issue_token(request).await.map_err(fault)?.into_inner()
    };
    let short = Idp::new_with(&world, "acme", short.secret)?;
    short.get("/Users").await?.must_be(200)?;
    world.days_later(3);
    assert_eq!(short.get("/Users").await?.must_be(401)?, refused);
    idp.get("/Users").await?.must_be(200)?;

    let again = issue(&world, "acme", "idp").await;
    assert!(again.is_err(), "a name names one token");
    let request = pb::RevokeTokenRequest { token_name: "idp".to_owned(), ..Default::default() };
    world.line.inside("acme").await?.provisioning.revoke_token(request).await.map_err(fault)?;
    assert_eq!(idp.get("/Users").await?.must_be(401)?, refused);
    let mut inside = world.line.inside("acme").await?;
    let listed = inside.provisioning.list_tokens(pb::ListTokensRequest::default()).await.map_err(fault)?.into_inner();
    let token = listed.provisioning_tokens.iter().find(|token| token.name == "idp").context("it is listed")?;
    assert!(token.revoked_at.is_some() && token.last_used_at.is_some() && token.owner == "operator");
    let secret = idp.token.clone();
    let stored = world.stop().await?;
    assert!(freehold_tests::leak::found_in(&stored, &[secret]).is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_owner() -> Result<()> {
    let dn = |uid: &str| format!("uid={uid},ou=people,{BASE}");
    let person = |uid: &str| Entry::person(uid, uid, "Probe");
    let it = Entry::group("it", [dn("anna").as_str(), &dn("ben")]);
    let slapd = Slapd::start(&[person("anna"), person("ben"), person("cem"), person("dora"), it])?;
    let world = World::start(Engine::Sqlite).await?;
    let mut acme = manifest::company_of("acme", &slapd)?;
    acme.directories.extend(company("acme").directories);
    acme.administrators_group = format!("cn=it,ou=groups,{BASE}");
    world.line.declare(acme).await?;
    let sync = || pb::SyncDirectoryRequest { directory_name: manifest::DIRECTORY.to_owned(), ..Default::default() };
    world.line.sync_as("acme", sync()).await?;

    let people = world.line.people("acme").await?;
    let ben = people.iter().find(|person| person.user_name == "ben").context("ben was synced")?;
    let request = pb::IssueTokenRequest {
        directory_name: DIRECTORY.to_owned(),
        token_name: "of ben".to_owned(),
        ..Default::default()
    };
    let mut calls = world.line.person("acme", &ben.id).await?;
    let issued = calls.provisioning.issue_token(request).await.map_err(fault)?.into_inner();
    assert_eq!(issued.provisioning_token.context("what is kept")?.owner, ben.id);
    let idp = Idp::new_with(&world, "acme", issued.secret)?;
    idp.get("/Users").await?.must_be(200)?;

    slapd.delete(&dn("ben"))?;
    let run = world.line.sync_as("acme", sync()).await?;
    assert_eq!(run.state(), pb::SyncRunState::Done, "{}", run.error);
    idp.get("/Users").await?.must_be(401)?;
    Ok(())
}
