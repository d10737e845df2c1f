//! The day the IdP lets nobody in: emergency accounts, and what must be so before nothing but the IdP lets people in.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::idp::{Account, CLIENT_SECRET, Idp};
use freehold_tests::ldif::{BASE, Entry};
use freehold_types::{Clock, Fault, Reason, SystemClock};
use freehold_wire::fault;
use reqwest::StatusCode;

use crate::audit::log;
use crate::world::claim::{self, STEP_SECONDS};
use crate::world::visit::Visit;
use crate::world::{Engine, World, manifest};

const BOSS: &str = "aa000001-0000-4000-8000-000000000000";
const BEN: &str = "aa000002-0000-4000-8000-000000000000";
const UUID: &str = "00000000-0000-4000-8000-00000000b055";
const ADA: &str = "Ada, emergency";
const BO: &str = "Bo, emergency";

struct Stage {
    world: World,
    idp: Idp,
}

impl Stage {
    async fn set(engine: Engine) -> Result<Self> {
        let world = World::start(engine).await?;
        let accounts = [("boss", BOSS), ("ben", BEN)].map(|(name, id)| Account::new(name).claim("oid", id));
        let idp = Idp::start(&accounts)?;
        for company in ["acme", "beta"] {
            idp.allow_redirect(&format!("{}/{company}/sso/{}/callback", world.public_url, manifest::CONNECTION))?;
        }
        Ok(Self { world, idp })
    }

    fn company(&self, name: &str, sso_only: bool, emergency: &[&str]) -> Result<TenantManifest> {
        let person = |uid: &str, uuid: &str| Entry::person(uid, uid, "Probe").with("entryUUID", uuid);
        let boss = person("boss", BOSS);
        let admins = Entry::group("admins", [boss.dn()]).with_uuid(UUID);
        let mut company = manifest::company_of_file(name, &self.world.place, &[boss, person("ben", BEN), admins])?;
        company.administrators_group = format!("cn=admins,ou=groups,{BASE}");
        company.connections.push(manifest::connection(&self.idp));
        let emergency_accounts = emergency.iter().map(|name| (*name).to_owned()).collect();
        company.sign_in = Some(auth::SignInPolicy { access_codes: !sso_only, sso_only, emergency_accounts });
        Ok(company)
    }

    async fn declare(&self, sso_only: bool, emergency: &[&str]) -> Result<Vec<String>> {
        self.world.line.declare(self.company("acme", sso_only, emergency)?).await
    }

    /// Why this is refused.
    async fn refused(&self, sso_only: bool, emergency: &[&str]) -> Result<String> {
        let refused = self.declare(sso_only, emergency).await.err().context("this must be refused")?;
        let fault = refused.downcast::<Fault>()?;
        Ok(fault.violations().iter().map(|one| format!("{}: {}\n", one.field, one.message)).collect())
    }

    async fn list(&self) -> Result<auth::ListConnectionsResponse> {
        let mut inside = self.world.line.inside("acme").await?;
        Ok(inside.auth.list_connections(auth::ListConnectionsRequest {}).await.map_err(fault)?.into_inner())
    }

    async fn accounts(&self) -> Result<Vec<auth::EmergencyAccount>> {
        Ok(self.list().await?.emergency_accounts)
    }

    async fn connection(&self) -> Result<auth::Connection> {
        self.list().await?.connections.into_iter().next().context("a connection")
    }

    async fn events(&self, name: &str) -> Result<usize> {
        Ok(log(&self.world, "acme").await?.iter().filter(|event| event.event == name).count())
    }

    fn visit(&self) -> Result<Visit> {
        Visit::new(&self.world.public_url, "acme")
    }

    /// So much later that an app shows other digits.
    fn next_step(&self) -> i64 {
        self.world.clock.advance(TimeDelta::seconds(STEP_SECONDS));
        self.world.clock.now().timestamp()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h01_h02_h04_h05_nobody_is_locked_out_by_the_idp_on_postgresql() -> Result<()> {
    nobody_is_locked_out_by_the_idp(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn h01_h02_h04_h05_nobody_is_locked_out_by_the_idp_on_sqlite() -> Result<()> {
    nobody_is_locked_out_by_the_idp(Engine::Sqlite).await
}

async fn nobody_is_locked_out_by_the_idp(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    // H01: no company begins with it, and none goes on to it before an administrator came in that very way.
    assert!(stage.refused(true, &[ADA, BO]).await?.contains("connection sso was not tried"));
    stage.declare(false, &[ADA, BO]).await?;
    stage.world.line.synced("acme").await?;
    let missing = stage.refused(true, &[ADA, BO]).await?;
    for words in
        ["connection sso was not tried", "\"Ada, emergency\" cannot come in", "\"Bo, emergency\" cannot come in"]
    {
        assert!(missing.contains(words), "{missing}");
    }
    let ben = stage.visit()?;
    assert_eq!(ben.sign_in_at(&stage.idp, "ben").await?.status, StatusCode::OK);
    assert!(!stage.connection().await?.tried, "no administrator came in");
    let boss = stage.visit()?;
    assert_eq!(boss.sign_in_at(&stage.idp, "boss").await?.status, StatusCode::OK);
    assert!(stage.connection().await?.tried);
    assert_eq!(stage.events("connection_tried").await?, 1);

    let keys = enrol_both(&stage).await?;
    stage.declare(true, &[ADA, BO]).await?;
    h04_secrets_stay(&stage).await?;
    let ada = keys.first().context("a key")?;
    comes_in_and_administrators_are_told(&stage, &boss, &ben, ada).await?;
    h02_accounts_stay(&stage).await?;

    stage.declare(false, &[]).await?;
    assert!(stage.accounts().await?.is_empty());
    let now = stage.next_step();
    claim::sign_in(&stage.world.line, "acme", ADA, ada, now).await.expect_err("it is gone");
    assert_eq!(stage.events("emergency_account_removed").await?, 2);
    Ok(())
}

/// H05: the code that sets an account up is good once, and at its company only. Answers the keys of their apps.
async fn enrol_both(stage: &Stage) -> Result<Vec<String>> {
    let line = &stage.world.line;
    line.declare(stage.company("beta", false, &[])?).await?;
    let mut keys = Vec::new();
    for account in stage.accounts().await? {
        assert!(!account.enrolled && account.used_at.is_none());
        let code = line.access_code("acme", &account.id).await?;
        claim::complete(line, "beta", &code).await.expect_err("another company's");
        keys.push(claim::complete(line, "acme", &code).await?.totp_secret);
        claim::complete(line, "acme", &code).await.expect_err("used already");
    }
    let accounts = stage.accounts().await?;
    assert!(accounts.iter().all(|account| account.enrolled && account.used_at.is_some()), "{accounts:?}");
    Ok(keys)
}

/// H04: what was written once is not read back.
async fn h04_secrets_stay(stage: &Stage) -> Result<()> {
    let connection = stage.connection().await?;
    assert!(connection.settings.as_ref().is_some_and(|settings| settings.client_secret.is_empty()));
    let shown = format!("{connection:?} {:?}", log(&stage.world, "acme").await?);
    assert!(!shown.contains(CLIENT_SECRET));
    Ok(())
}

async fn comes_in_and_administrators_are_told(stage: &Stage, boss: &Visit, ben: &Visit, key: &str) -> Result<()> {
    let line = &stage.world.line;
    let people = line.people("acme").await?;
    let someone = people.iter().find(|person| person.user_name == "ben").context("ben")?;
    assert!(people.iter().all(|person| person.user_name != ADA), "no directory tells of it");
    let refused = line.access_code("acme", &someone.id).await.expect_err("nobody else has another way in");
    assert_eq!(refused.downcast::<Fault>()?.reason(), Reason::NotAllowed);

    let before = stage.events("emergency_account_used").await?;
    let ada = stage.visit()?;
    let page = ada.open("/sign-in").await?;
    assert!(page.text.contains("<details") && page.text.contains("Emergency account"), "{}", page.text);
    let page = ada.sign_in_with_password(&ADA.to_uppercase(), key, stage.next_step()).await?;
    assert_eq!((page.status, page.address.path()), (StatusCode::OK, "/acme"), "{}", page.text);
    assert_eq!(stage.events("emergency_account_used").await?, before + 1);
    for path in ["/welcome", "/console", "/console/letters", "/console/audit", "/me", "/people", "/groups"] {
        assert_eq!(ada.open(path).await?.status, StatusCode::OK, "{path}");
    }
    // A sync changes nothing about it.
    line.synced("acme").await?;
    assert_eq!(ada.open("/console").await?.address.path(), "/acme/console");

    let told = "The emergency account Ada, emergency was used";
    for path in ["", "/console"] {
        assert!(boss.open(path).await?.text.contains(told), "{path}");
    }
    let page = ben.open("").await?;
    assert!(page.address.path() == "/acme" && !page.text.contains(told), "it is for administrators");
    stage.world.clock.advance(TimeDelta::days(8));
    assert!(ada.open("").await?.address.path().ends_with("/sign-in"), "its session ends like any other");
    stage.world.clock.set(SystemClock.now());
    Ok(())
}

/// H02: while nothing but the IdP lets people in, the accounts stay; the connection may change, and must be tried again.
async fn h02_accounts_stay(stage: &Stage) -> Result<()> {
    let others: [&[&str]; 2] = [&[], &[ADA, "Cyd, emergency"]];
    for names in others {
        let why = stage.refused(true, names).await?;
        assert!(why.contains("sign_in.emergency_accounts") && why.contains("sso_only = false first"), "{why}");
    }
    let why = stage.refused(true, &[ADA]).await?;
    assert!(why.contains("must be 2 names"), "{why}");
    assert_eq!(stage.accounts().await?.len(), 2);
    let mut changed = stage.company("acme", true, &[ADA, BO])?;
    let connection = changed.connections.first_mut().context("a connection")?;
    connection.scopes.push("offline_access".to_owned());
    let said = stage.world.line.declare(changed).await?;
    assert!(said.iter().any(|words| words.contains("counts as tried again once")), "{said:?}");
    assert!(!stage.connection().await?.tried);
    Ok(())
}
