//! The brake: what would shut out many people waits for a human's word, and that word is for one change set.

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{PreviewSyncRequest, SyncDirectoryRequest, SyncRunState};
use freehold_types::{Kind, Reason};
use freehold_wire::fault;

use super::{Filled, active, refused};
use crate::world::manifest;

fn approving(change_set_id: &str) -> SyncDirectoryRequest {
    SyncDirectoryRequest { approved_change_set_id: change_set_id.to_owned(), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_matches_nobody_is_held() -> Result<()> {
    let filled = Filled::with(40).await?;
    let mut nobody = manifest::company_of("acme", &filled.slapd)?;
    nobody.directories[0].people_filter = "(uid=nobody-at-all)".to_owned();
    filled.world.line.declare(nobody).await?;
    let run = filled.world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Held);
    assert!(run.error.contains("no people at all"), "{}", run.error);
    assert!(run.cure.contains(&run.change_set_id), "{} does not say how to go on", run.cure);
    filled.nobody_is_deactivated().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_lets_one_change_set_pass_and_no_other() -> Result<()> {
    let filled = Filled::with(60).await?;
    let line = &filled.world.line;
    // Leavers of all ranks: more than the guard lets go, fewer than most of the company.
    let leavers = &filled.company.people[30..55];
    for person in leavers {
        filled.slapd.delete(&person.dn)?;
    }
    let held = line.sync("acme").await?;
    assert_eq!(held.state(), SyncRunState::Held, "{}", held.error);
    filled.nobody_is_deactivated().await?;

    let mut calls = line.inside("acme").await?;
    let preview = calls.directory.preview_sync(PreviewSyncRequest::default()).await.map_err(fault)?.into_inner();
    let preview = preview.change_set.context("a preview has a change set")?;
    assert_eq!(preview.id, held.change_set_id, "the same directory and people, the same change set");
    assert_eq!(preview.counts.context("with its counts")?.deactivated_count, 25);
    assert_eq!(preview.held_because, held.error);

    // One more leaves after somebody looked: the word given was for something else.
    let late = &filled.company.people[55];
    filled.slapd.delete(&late.dn)?;
    let stale = refused(line.sync_as("acme", approving(&held.change_set_id)).await);
    assert_eq!((stale.kind(), stale.reason()), (Kind::Conflict, Reason::ChangeSetStale), "{stale}");
    filled.nobody_is_deactivated().await?;

    let held = line.sync("acme").await?;
    let run = line.sync_as("acme", approving(&held.change_set_id)).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let left = active(&filled.world).await?;
    assert_eq!(left.len(), 34);
    assert!(leavers.iter().chain([late]).all(|person| !left.contains(&person.uid)));
    assert_eq!(line.synced("acme").await?.deactivated_count, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_four_tenths_smaller_is_held_though_the_server_says_success() -> Result<()> {
    let filled = Filled::with(100).await?;
    let line = &filled.world.line;
    // The account lost the right to read two of five people.
    let plain = filled.company.people.iter().filter(|person| !person.dn.contains('\\'));
    let hidden: Vec<_> = plain.step_by(2).take(40).collect();
    assert_eq!(hidden.len(), 40);
    for person in &hidden {
        filled.slapd.hide(&person.dn)?;
    }
    let run = line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Held, "{}", run.error);
    assert_eq!(run.counts.context("with its counts")?.deactivated_count, 40);
    assert!(run.error.contains("40"), "{} does not say how many", run.error);
    assert!(run.cure.contains(&run.change_set_id), "{} does not say how to go on", run.cure);
    filled.nobody_is_deactivated().await?;
    for _ in &hidden {
        filled.slapd.show()?;
    }
    let counts = line.synced("acme").await?;
    assert_eq!((counts.unchanged_count, counts.deactivated_count), (100, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_unit_of_people_is_held_and_says_why_and_what_to_do() -> Result<()> {
    let filled = Filled::with(40).await?;
    for person in &filled.company.people {
        filled.slapd.delete(&person.dn)?;
    }
    let run = filled.world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Held, "{}", run.error);
    assert!(run.error.contains("no people at all"), "{}", run.error);
    assert!(run.cure.contains("preview") && run.cure.contains(&run.change_set_id), "{}", run.cure);
    filled.nobody_is_deactivated().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attribute_that_most_people_lose_at_once_is_held() -> Result<()> {
    let filled = Filled::with(60).await?;
    let line = &filled.world.line;
    let before = line.people("acme").await?;
    for (attribute, words) in [("l", "would lose their site"), ("manager", "would lose their manager")] {
        filled.slapd.hide_attribute(attribute)?;
        let held = line.sync_as("acme", SyncDirectoryRequest { full: true, ..Default::default() }).await?;
        assert_eq!(held.state(), SyncRunState::Held, "{attribute}: {}", held.error);
        assert!(held.error.contains(words), "{attribute}: {}", held.error);
        assert_eq!(line.people("acme").await?, before, "{attribute}: nothing was written");
        filled.slapd.show()?;
    }
    line.synced("acme").await?;
    Ok(())
}
