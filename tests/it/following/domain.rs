//! The same of an Active Directory: a real domain controller, whose line of changes is asked for (DirSync).

use anyhow::{Context, Result};
use freehold_tests::ldif::escape;
use freehold_tests::samba::{AD_BASE, AD_BIND_DN, AdDc, user};
use tonic::Code;

use super::{in_step, is_active, sees};
use crate::world::{Engine, World, manifest};

fn dn(account: &str) -> String {
    format!("CN={},OU=People,{AD_BASE}", escape(account))
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_domain_are_seen_without_a_command() -> Result<()> {
    let people = ["anna", "ben", "cem"].map(|account| user(account, "Anna", "Alt"));
    let domain = AdDc::start(&people)?;
    domain.allow_seeing_deletions(AD_BIND_DN)?;
    let world = World::start(Engine::Postgres).await?;
    let line = &world.line;
    let mut company = manifest::company_of_domain("acme", &domain)?;
    company.directories[0].follow = None;
    line.declare(company).await?;
    line.synced("acme").await?;
    in_step(line, "acme").await?;

    domain.add(&user("nora", "Nora", "Neu"))?;
    let nora = sees(line, "the newcomer", "nora", is_active).await?;
    domain.replace(&dn("nora"), "title", &["Meisterin"])?;
    sees(line, "the new title", "nora", |person| person.title == "Meisterin").await?;
    let session = line.session("acme", &nora.id).await?;
    line.authenticate("acme", &session).await?;
    domain.disable(&dn("nora"))?;
    sees(line, "the closed account", "nora", |person| !is_active(person)).await?;
    let refused = line.authenticate("acme", &session).await.err().context("a leaver's session ends")?;
    assert_eq!(refused.code(), Code::Unauthenticated);
    domain.enable(&dn("nora"))?;
    let again = sees(line, "the opened account", "nora", is_active).await?;
    assert_eq!(again.id, nora.id, "who returns is who they were");
    domain.delete(&dn("ben"))?;
    sees(line, "the leaver", "ben", |person| !is_active(person)).await?;
    sees(line, "who stays", "anna", is_active).await?;
    Ok(())
}
