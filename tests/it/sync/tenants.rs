//! Several companies out of one directory: who stands below whose base is whose, and nobody is in two.

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{Person, PersonState};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::Slapd;

use crate::world::{Engine, Line, World, manifest};

fn base(company: &str) -> String {
    format!("ou={company},{BASE}")
}

fn company(name: &str, slapd: &Slapd) -> Result<TenantManifest> {
    let mut company = manifest::company_of(name, slapd)?;
    company.directories[0].base_dn = base(name);
    Ok(company)
}

fn person(company: &str, uid: &str) -> Entry {
    let dn = format!("uid={uid},{}", base(company));
    Entry::person_at(&dn, uid, uid, "Probe").with("mail", "info@shared.test").with("employeeNumber", "7")
}

async fn known(line: &Line, company: &str, uid: &str) -> Result<Person> {
    let people = line.people(company).await?;
    people.into_iter().find(|person| person.user_name == uid).with_context(|| format!("{company} has no {uid}"))
}

async fn an_entry_that_moves_to_another_company_is_another_person_there(engine: Engine) -> Result<()> {
    let unit = |name: &str| Entry::new(base(name)).with("objectClass", "organizationalUnit").with("ou", name);
    let slapd = Slapd::start(&[
        unit("acme"),
        unit("beta"),
        person("acme", "anna"),
        person("acme", "ben"),
        person("beta", "cem"),
    ])?;
    let world = World::start(engine).await?;
    let line = &world.line;
    for name in ["acme", "beta"] {
        line.declare(company(name, &slapd)?).await?;
        line.synced(name).await?;
    }
    let before = known(line, "acme", "anna").await?;
    assert_eq!((line.people("acme").await?.len(), line.people("beta").await?.len()), (2, 1));

    slapd.rename(&format!("uid=anna,{}", base("acme")), "uid=anna", &base("beta"))?;
    for name in ["acme", "beta"] {
        line.synced(name).await?;
    }
    assert_eq!(known(line, "acme", "anna").await?.state(), PersonState::Deactivated);
    let there = known(line, "beta", "anna").await?;
    assert_eq!((there.state(), there.directory_entry_id == before.directory_entry_id), (PersonState::Active, true));
    assert_ne!(there.id, before.id);
    // The same mail and number in both companies make nobody one person.
    assert_eq!((line.people("acme").await?.len(), line.people("beta").await?.len()), (2, 2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_moves_to_another_company_is_another_person_there_on_postgresql() -> Result<()> {
    an_entry_that_moves_to_another_company_is_another_person_there(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_moves_to_another_company_is_another_person_there_on_sqlite() -> Result<()> {
    an_entry_that_moves_to_another_company_is_another_person_there(Engine::Sqlite).await
}
