//! The account that is bound with loses the right to see people while the directory is followed.

use anyhow::{Result, ensure};
use freehold_proto::directory::v1::SyncRunState;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::wait::wait_until;

use super::{Followed, SEEN_LIMIT, active_count, in_step, is_active, status};
use crate::world::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_sees_nobody_any_more_makes_nobody_leave() -> Result<()> {
    let followed = Followed::with(Engine::Sqlite, 60).await?;
    let (line, slapd) = (&followed.world.line, &followed.slapd);
    let unit = format!("ou=sites,{BASE}");
    slapd.add(&Entry::new(unit.clone()).with("objectClass", "organizationalUnit").with("ou", "sites"))?;
    slapd.hide(&format!("ou=people,{BASE}"))?;
    for person in &followed.company.people[..30] {
        slapd.replace(&person.dn, "title", &["Unsichtbar"])?;
    }
    // A container with another name makes everything be read again.
    slapd.rename(&unit, "ou=places", BASE)?;
    wait_until("somebody to be told", SEEN_LIMIT, async || {
        let status = status(line, "acme").await?;
        Ok((status.stale_at.is_some() || !status.held_run_id.is_empty()).then_some(()))
    })
    .await?;
    assert_eq!(active_count(line).await?, 60, "whom the account does not see is not gone");

    slapd.show()?;
    let run = line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let uid = &followed.company.people[4].uid;
    followed.sees("what changed meanwhile", uid, |person| person.title == "Unsichtbar").await?;
    slapd.add(&Entry::person("nora", "Nora", "Neu"))?;
    followed.sees("the newcomer", "nora", is_active).await?;
    let status = in_step(line, "acme").await?;
    ensure!(status.held_run_id.is_empty(), "{status:?}: nothing waits any more");
    assert_eq!(active_count(line).await?, 61);
    Ok(())
}
