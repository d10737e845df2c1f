//! The same with an Active Directory behind the connector: a real domain controller.

use anyhow::{Context, Result};
use freehold_proto::directory::v1 as pb;
use freehold_tests::samba::{AD_BASE, AD_BIND_DN, AdDc, group, user};
use freehold_tests::wait::wait_until;
use tonic::Code;

use super::{ATTACH_LIMIT, Connector, company_on};
use crate::world::{Engine, World, manifest};

fn dn(account: &str) -> String {
    format!("CN={account},OU=People,{AD_BASE}")
}

/// One person as `wanted`, sooner or later.
async fn sees(world: &World, account: &str, what: &str, wanted: impl Fn(&pb::Person) -> bool) -> Result<pb::Person> {
    wait_until(&format!("{what} of {account}"), ATTACH_LIMIT, async || {
        let people = world.line.people("acme").await?.into_iter();
        Ok(people.into_iter().find(|person| person.user_name == account && wanted(person)))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_behind_a_connector_is_read_and_followed() -> Result<()> {
    let entries = [
        user("anna", "Anna", "Groß"),
        user("ben", "Ben", "Klein").with("manager", dn("anna")),
        user("cem", "Cem", "Öz"),
        group("staff", [dn("anna").as_str()]),
        group("company", [format!("CN=staff,OU=Groups,{AD_BASE}").as_str(), &dn("cem")]),
    ];
    let dc = AdDc::start(&entries)?;
    dc.allow_seeing_deletions(AD_BIND_DN)?;
    let world = World::start(Engine::Sqlite).await?;
    let line = &world.line;
    line.declare(company_on("acme", pb::DirectoryKind::ActiveDirectory)).await?;
    let domain = manifest::company_of_domain("acme", &dc)?;
    let _connector = Connector::attached(&world, &domain.directories[0]).await?;
    line.synced("acme").await?;

    let active = |person: &pb::Person| person.state() == pb::PersonState::Active;
    let anna = sees(&world, "anna", "the account", active).await?;
    assert_eq!(anna.directory_entry_id, dc.guid(&dn("anna"))?);
    let groups: Vec<&str> = anna.directory_groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["company", "staff"]);
    assert_eq!(sees(&world, "ben", "the account", active).await?.manager_id, anna.id);

    // From here on nobody asks for a run.
    dc.replace(&dn("ben"), "title", &["Meister"])?;
    sees(&world, "ben", "the title", |person| person.title == "Meister").await?;
    let cem = sees(&world, "cem", "the account", active).await?;
    let session = line.session("acme", &cem.id).await?;
    dc.disable(&dn("cem"))?;
    sees(&world, "cem", "the end", |person| !active(person)).await?;
    let refused = line.authenticate("acme", &session).await.err().context("a leaver's session ends")?;
    assert_eq!(refused.code(), Code::Unauthenticated);
    dc.enable(&dn("cem"))?;
    assert_eq!(sees(&world, "cem", "the return", active).await?.id, cem.id);
    dc.delete(&dn("ben"))?;
    sees(&world, "ben", "the end", |person| !active(person)).await?;
    Ok(())
}
