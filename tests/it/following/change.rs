//! Every kind of change is seen without a command, and a leaver's session ends at once.

use anyhow::{Context, Result, ensure};
use freehold_proto::directory::v1::SyncRunState;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::wait::wait_until;
use tonic::Code;

use super::{Followed, SEEN_LIMIT, in_step, is_active, status};
use crate::world::Engine;

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_seen_without_a_command_on_postgresql() -> Result<()> {
    changes_are_seen_without_a_command(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_seen_without_a_command_on_sqlite() -> Result<()> {
    changes_are_seen_without_a_command(Engine::Sqlite).await
}

async fn changes_are_seen_without_a_command(engine: Engine) -> Result<()> {
    let followed = Followed::with(engine, 40).await?;
    let slapd = &followed.slapd;
    slapd.add(&Entry::person("nora", "Nora", "Neu"))?;
    let nora = followed.sees("the newcomer", "nora", is_active).await?;
    slapd.replace(&dn("nora"), "title", &["Meisterin"])?;
    followed.sees("the new title", "nora", |person| person.title == "Meisterin").await?;
    slapd.rename(&dn("nora"), "uid=eleonora", &format!("ou=people,{BASE}"))?;
    let renamed = followed.sees("the new name", "eleonora", is_active).await?;
    ensure!(renamed.id == nora.id, "a new name makes nobody else of a person");

    let unit = format!("ou=paris,ou=people,{BASE}");
    slapd.add(&Entry::new(unit.clone()).with("objectClass", "organizationalUnit").with("ou", "paris"))?;
    slapd.rename(&dn("eleonora"), "uid=eleonora", &unit)?;
    let place = format!("uid=eleonora,{unit}");
    followed.sees("the new place", "eleonora", |person| person.distinguished_name == place).await?;
    slapd.add(&Entry::group("painters", [place.as_str()]))?;
    let group = |person: &freehold_proto::directory::v1::Person| {
        person.directory_groups.iter().any(|group| group.name == "painters")
    };
    followed.sees("the new group", "eleonora", group).await?;
    // Nothing is told of the people in a unit that gets another name.
    slapd.rename(&unit, "ou=lutetia", &format!("ou=people,{BASE}"))?;
    let place = format!("uid=eleonora,ou=lutetia,ou=people,{BASE}");
    followed.sees("the new name of the unit", "eleonora", |person| person.distinguished_name == place).await?;
    slapd.replace(&format!("cn=painters,ou=groups,{BASE}"), "member", &[&followed.company.people[3].dn])?;
    followed.sees("the group left", "eleonora", |person| !group(person)).await?;
    let line = &followed.world.line;
    let session = line.session("acme", &nora.id).await?;
    line.authenticate("acme", &session).await?;
    slapd.delete(&place)?;
    followed.sees("the leaver", "eleonora", |person| !is_active(person)).await?;
    let refused = line.authenticate("acme", &session).await.err().context("a leaver's session ends")?;
    assert_eq!(refused.code(), Code::Unauthenticated);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_comes_back_is_in_step_again_and_nobody_was_lost() -> Result<()> {
    let mut followed = Followed::with(Engine::Sqlite, 40).await?;
    followed.slapd.kill()?;
    let stale = wait_until("the directory to be stale", SEEN_LIMIT, async || {
        let status = status(&followed.world.line, "acme").await?;
        Ok(status.stale_at.is_some().then_some(status))
    })
    .await?;
    ensure!(!stale.error.is_empty() && !stale.cure.is_empty(), "{stale:?} does not say why and what to do");
    ensure!(stale.retry_at.is_some() && stale.in_step_at.is_some(), "{stale:?}");
    followed.slapd.start_again()?;
    followed.slapd.replace(&followed.company.people[5].dn, "title", &["Zurück"])?;
    in_step(&followed.world.line, "acme").await?;
    let uid = followed.company.people[5].uid.clone();
    followed.sees("what changed after the end", &uid, |person| person.title == "Zurück").await?;
    assert_eq!(super::active_count(&followed.world.line).await?, 40);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_asked_for_meanwhile_sees_the_same() -> Result<()> {
    let followed = Followed::with(Engine::Sqlite, 40).await?;
    let line = &followed.world.line;
    for number in 0..5 {
        followed.slapd.add(&Entry::person(&format!("new{number}"), "Neu", "Neu"))?;
        let run = line.sync("acme").await?;
        ensure!(run.state() == SyncRunState::Done, "{}", run.error);
        assert_eq!(super::active_count(line).await?, 41 + number);
    }
    in_step(line, "acme").await?;
    Ok(())
}
