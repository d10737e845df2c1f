//! A script that empties a unit one entry at a time does not slip below the brake.

use anyhow::{Context, Result, ensure};
use freehold_proto::directory::v1::{ListSyncRunsRequest, SyncDirectoryRequest, SyncRunState};
use freehold_tests::ldif::Entry;
use freehold_tests::wait::wait_until;
use freehold_wire::fault;
use tonic::Code;

use super::{Followed, SEEN_LIMIT, active_count, is_active, status};
use crate::world::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_emptied_one_by_one_is_held_and_an_approval_lets_it_go() -> Result<()> {
    let followed = Followed::with(Engine::Sqlite, 60).await?;
    let line = &followed.world.line;
    let people = line.people("acme").await?;
    let mut sessions = Vec::new();
    for leaver in &followed.company.people[20..23] {
        let person = people.iter().find(|person| person.user_name == leaver.uid).context("everybody was synced")?;
        sessions.push(line.session("acme", &person.id).await?);
    }
    for leaver in &followed.company.people[20..60] {
        followed.slapd.delete(&leaver.dn)?;
    }
    let held = wait_until("the burst to be held", SEEN_LIMIT, async || {
        let status = status(line, "acme").await?;
        Ok((!status.held_run_id.is_empty()).then_some(status.held_run_id))
    })
    .await?;
    assert_eq!(active_count(line).await?, 60, "nobody left before it was judged");
    for session in &sessions {
        let refused = line.authenticate("acme", session).await.err().context("the first of a burst are signed out")?;
        assert_eq!(refused.code(), Code::Unauthenticated);
    }
    let mut calls = line.inside("acme").await?;
    let request = ListSyncRunsRequest::default();
    let runs = calls.directory.list_sync_runs(request).await.map_err(fault)?.into_inner().sync_runs;
    let run = runs.iter().find(|run| run.id == held).expect("the held run is listed");
    assert_eq!(run.state(), SyncRunState::Held);
    // The rest goes on.
    followed.slapd.add(&Entry::person("nora", "Nora", "Neu"))?;
    followed.sees("a newcomer meanwhile", "nora", is_active).await?;
    ensure!(!status(line, "acme").await?.held_run_id.is_empty(), "what waits stays visible");

    let now = line.sync("acme").await?;
    assert_eq!(now.state(), SyncRunState::Held, "{}", now.error);
    let approval = SyncDirectoryRequest { approved_change_set_id: now.change_set_id, ..Default::default() };
    let run = line.sync_as("acme", approval).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    assert_eq!(active_count(line).await?, 21);
    ensure!(status(line, "acme").await?.held_run_id.is_empty(), "nothing waits any more");
    Ok(())
}
