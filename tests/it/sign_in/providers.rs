//! Sign-in through providers of other makes, in a real browser. Their people live in the very directory that the company
//! is filled from, so the directory's own id meets its person.

use anyhow::{Context, Result};
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1::LinkAttribute;
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::chromium;
use freehold_tests::glewlwyd::{self, Glewlwyd};
use freehold_tests::idp::{CLIENT_ID, CLIENT_SECRET, Client};
use freehold_tests::ldif::Entry;
use freehold_tests::lemonldap::LemonLdap;
use freehold_tests::openldap::Slapd;
use freehold_types::{Clock, SystemClock};
use serde_json::{Value, json};

use super::stage::{ANNA, BEN};
use crate::world::{Engine, World, manifest};

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
    async fn trust(&self, issuer: &str) -> Result<()> {
        let connection = auth::ConnectionSettings {
            name: manifest::CONNECTION.to_owned(),
            issuer: issuer.to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            link_claim: "oid".to_owned(),
            link_attribute: LinkAttribute::DirectoryId.into(),
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

fn person(uid: &str, given: &str, uuid: &str) -> Entry {
    let person = Entry::person(uid, given, "Probe").with_uuid(uuid).with("userPassword", PASSWORD);
    glewlwyd::SCOPES.iter().fold(person, |person, scope| person.with(glewlwyd::SCOPE_ATTRIBUTE, scope))
}

#[tokio::test(flavor = "multi_thread")]
async fn lemonldap_signs_in_people_of_the_same_directory() -> Result<()> {
    let stage = Stage::set().await?;
    let idp = LemonLdap::start(&stage.slapd, &stage.client())?;
    stage.trust(idp.issuer()).await?;
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
    stage.trust(&idp.issuer()).await?;
    let walked = stage.walk()?;
    assert_eq!(walked["asked"], json!([true, false]), "{walked}");
    assert!(walked["me"].as_str().is_some_and(|me| me.contains("Anna Probe")), "{walked}");
    Ok(())
}
