//! Sign-in through providers of other makes, in a real browser. Their people live in the very directory that the company
//! is filled from, so the directory's own id meets its person.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1::LinkAttribute;
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::chromium;
use freehold_tests::glewlwyd::{self, Glewlwyd};
use freehold_tests::http::visitor;
use freehold_tests::idp::{CLIENT_ID, CLIENT_SECRET, Client};
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::lemonldap::LemonLdap;
use freehold_tests::openldap::Slapd;
use freehold_tests::wait::wait_until;
use freehold_types::{Clock, Reason, SystemClock};
use freehold_wire::fault;
use serde_json::{Value, json};

use super::stage::{ANNA, BEN, brought_back};
use crate::world::{Engine, World, manifest};

/// Longer than between two looks for sessions to ask about.
const PROBE_LIMIT: Duration = Duration::from_secs(60);
const PASSWORD: &str = "Anna's Passw0rd";

/// A directory, a company that is filled from it, and nobody who signs people in yet.
struct Stage {
    world: World,
    slapd: Slapd,
}

impl Stage {
    async fn set() -> Result<Self> {
        let slapd = Slapd::start(&[person("anna", "Anna", ANNA), person("ben", "Ben", BEN)])?;
        let world = World::start(Engine::Sqlite).await?;
        Ok(Self { world, slapd })
    }

    fn client(&self) -> Client {
        Client::at(&self.world.public_url, "acme", manifest::CONNECTION)
    }

    /// Declares the company with a connection to this issuer, and fills it.
    async fn trust(&self, issuer: &str, scopes: &[&str]) -> Result<()> {
        let connection = auth::ConnectionSettings {
            name: manifest::CONNECTION.to_owned(),
            issuer: issuer.to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            link_claim: "oid".to_owned(),
            link_attribute: LinkAttribute::DirectoryId.into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ..Default::default()
        };
        let acme = TenantManifest { connections: vec![connection], ..manifest::company_of("acme", &self.slapd)? };
        self.world.line.declare(acme).await?;
        assert_eq!(self.world.line.synced("acme").await?.joined_count, 2);
        // Providers have the machine's time.
        self.world.clock.set(SystemClock.now());
        Ok(())
    }

    /// What a browser saw that went in, in again, and out.
    fn walk(&self) -> Result<Value> {
        let company = format!("{}/acme", self.world.public_url);
        let said = chromium::run("sign_in.mjs", &[&company, manifest::CONNECTION, "anna", PASSWORD])?;
        serde_json::from_str(&said).context(said)
    }
}

impl Stage {
    /// Where the browser of somebody who begins is sent, and what it must come back with.
    async fn begin(&self) -> Result<auth::BeginSignInResponse> {
        let request = auth::BeginSignInRequest {
            company_address: "acme".to_owned(),
            connection_name: manifest::CONNECTION.to_owned(),
            return_to: String::new(),
        };
        Ok(self.world.line.clients.anonymous().auth.begin_sign_in(request).await.map_err(fault)?.into_inner())
    }

    /// The session of whoever comes back so.
    async fn finish(&self, begun: &auth::BeginSignInResponse, back: &str) -> Result<String> {
        let back = brought_back("acme", manifest::CONNECTION, &begun.browser_token, back)?;
        Ok(self
            .world
            .line
            .clients
            .anonymous()
            .auth
            .finish_sign_in(back)
            .await
            .map_err(fault)?
            .into_inner()
            .session_token)
    }

    async fn is_open(&self, session: &str) -> Result<bool> {
        match self.world.line.authenticate("acme", session).await.map_err(fault) {
            Ok(_) => Ok(true),
            Err(refused) if refused.reason() == Reason::SignInNeeded => Ok(false),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Six minutes later, and the session was used meanwhile; waits until the IdP was asked about it.
    async fn asked_again(&self, session: &str, asked: impl Fn() -> usize) -> Result<()> {
        let before = asked();
        self.world.clock.advance(TimeDelta::minutes(3));
        self.is_open(session).await?;
        self.world.clock.advance(TimeDelta::minutes(4));
        self.is_open(session).await?;
        wait_until("the IdP to be asked", PROBE_LIMIT, async || Ok((asked() > before).then_some(()))).await
    }
}

fn person(uid: &str, given: &str, uuid: &str) -> Entry {
    let person = Entry::person(uid, given, "Probe").with_uuid(uuid).with("userPassword", PASSWORD);
    glewlwyd::SCOPES.iter().fold(person, |person, scope| person.with(glewlwyd::SCOPE_ATTRIBUTE, scope))
}

#[tokio::test(flavor = "multi_thread")]
async fn lemonldap_signs_in_people_of_the_same_directory() -> Result<()> {
    let stage = Stage::set().await?;
    let idp = LemonLdap::start(&stage.slapd, &stage.client())?;
    stage.trust(idp.issuer(), &[]).await?;
    let walked = stage.walk()?;
    assert_eq!(walked["asked"], json!([true, false]), "{walked}");
    assert!(walked["me"].as_str().is_some_and(|me| me.contains("Anna Probe")), "{walked}");
    assert_eq!(walked["after_sign_out"], "/acme/sign-in", "{walked}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn glewlwyd_signs_in_people_of_the_same_directory() -> Result<()> {
    let stage = Stage::set().await?;
    let idp = Glewlwyd::start(&stage.slapd, &stage.client()).await?;
    stage.trust(&idp.issuer(), &[]).await?;
    let walked = stage.walk()?;
    assert_eq!(walked["asked"], json!([true, false]), "{walked}");
    assert!(walked["me"].as_str().is_some_and(|me| me.contains("Anna Probe")), "{walked}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d14_lemonldap_gives_no_token_for_somebody_who_left_the_directory() -> Result<()> {
    let stage = Stage::set().await?;
    let idp = LemonLdap::start(&stage.slapd, &stage.client())?;
    stage.trust(idp.issuer(), &["offline_access"]).await?;
    let begun = stage.begin().await?;
    let back = idp.sign_in(&visitor()?, &begun.authorization_url, "anna", PASSWORD).await?;
    let session = stage.finish(&begun, &back).await?;
    // It rotates nothing, and gives an ID token that is looked at.
    stage.asked_again(&session, || stage.slapd.operations().get("SRCH").copied().unwrap_or_default()).await?;
    assert!(stage.is_open(&session).await?);
    // No sync has seen it: only the IdP knows.
    stage.slapd.delete(&format!("uid=anna,ou=people,{BASE}"))?;
    stage.world.clock.advance(TimeDelta::minutes(7));
    stage.is_open(&session).await?;
    let over = async || Ok((!stage.is_open(&session).await?).then_some(()));
    wait_until("the session to end", PROBE_LIMIT, over).await
}

#[tokio::test(flavor = "multi_thread")]
async fn glewlwyd_gives_each_refresh_token_once_and_the_session_goes_on() -> Result<()> {
    let stage = Stage::set().await?;
    let idp = Glewlwyd::start(&stage.slapd, &stage.client()).await?;
    stage.trust(&idp.issuer(), &[]).await?;
    let begun = stage.begin().await?;
    let back = idp.sign_in(&visitor()?, &begun.authorization_url, "anna", PASSWORD).await?;
    let session = stage.finish(&begun, &back).await?;
    for _ in 0..3 {
        stage.asked_again(&session, || idp.refreshed()).await?;
        assert!(stage.is_open(&session).await?);
    }
    Ok(())
}
