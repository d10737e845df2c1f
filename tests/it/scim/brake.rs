//! An IdP that switches half of the company off is believed, and held: the store says what the IdP said, people keep
//! their access until somebody approves, and an undo brings them back.

use anyhow::Result;
use freehold_proto::directory::v1 as pb;
use freehold_wire::fault;
use serde_json::json;
use tokio_stream::StreamExt;

use super::stage;
use crate::world::{Engine, World};

const PEOPLE: usize = 60;
const LEAVERS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_held_and_approved_on_postgresql() -> Result<()> {
    a_storm_is_held_and_approved(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_held_and_approved_on_sqlite() -> Result<()> {
    a_storm_is_held_and_approved(Engine::Sqlite).await
}

async fn active(world: &World) -> Result<usize> {
    let people = world.line.people("acme").await?;
    Ok(people.iter().filter(|person| person.state() == pb::PersonState::Active).count())
}

async fn a_storm_is_held_and_approved(engine: Engine) -> Result<()> {
    let (world, idp) = stage(engine).await?;
    let mut ids = Vec::new();
    for number in 0..PEOPLE {
        ids.push(idp.user(&format!("person-{number}")).await?);
    }
    for id in ids.iter().take(LEAVERS) {
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        let answer = idp.patch(&format!("/Users/{id}"), off).await?.must_be(200)?;
        assert_eq!(answer["active"], json!(false), "the IdP reads what it said");
    }
    assert_eq!(idp.find("Users", "active eq false").await?.len(), LEAVERS);
    let after_storm = active(&world).await?;
    assert!(after_storm > PEOPLE - LEAVERS, "{after_storm} are active: the brake lets only so many go in a day");
    // Whoever joins meanwhile is not kept waiting.
    idp.user("joiner").await?;
    assert_eq!(active(&world).await?, after_storm + 1);

    let mut calls = world.line.inside("acme").await?;
    let preview = calls.directory.preview_sync(pb::PreviewSyncRequest::default()).await.map_err(fault)?.into_inner();
    let set = preview.change_set.unwrap_or_default();
    assert!(!set.held_because.is_empty());
    let request = pb::SyncDirectoryRequest { approved_change_set_id: set.id, ..Default::default() };
    let run = world.line.sync_as("acme", request).await?;
    assert_eq!(run.state(), pb::SyncRunState::Done, "{}", run.error);
    assert_eq!(active(&world).await?, PEOPLE - LEAVERS + 1);

    let request = pb::UndoSyncRunRequest { sync_run_id: run.id, directory_name: String::new() };
    let mut undone =
        world.line.inside("acme").await?.directory.undo_sync_run(request).await.map_err(fault)?.into_inner();
    while let Some(step) = undone.next().await {
        step.map_err(fault)?;
    }
    assert_eq!(active(&world).await?, after_storm + 1, "everybody whom that run let go is back");
    Ok(())
}
