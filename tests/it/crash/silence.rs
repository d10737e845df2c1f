//! A process that falls silent in the middle of a run: others see that, take over, and it writes nothing more.

use anyhow::{Context, Result, ensure};
use freehold_proto::directory::v1::sync_directory_response::Event;
use freehold_proto::directory::v1::{
    ListSyncRunsRequest, PersonState, SyncDirectoryRequest, SyncDirectoryResponse, SyncRun, SyncRunState,
};
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;
use freehold_tests::wait::wait_until;
use freehold_types::Kind;
use freehold_wire::fault;
use tokio_stream::StreamExt;
use tonic::Streaming;

use super::END_LIMIT;
use crate::world::server::Server;
use crate::world::{Engine, Line, Place, manifest};

/// Read in several pages, long enough to be interrupted.
const PEOPLE: usize = 4_000;

/// A run whose directory server stops in the middle of the answer.
async fn stuck(line: &Line, slapd: &Slapd) -> Result<Streaming<SyncDirectoryResponse>> {
    let mut calls = line.inside("acme").await?;
    let request = SyncDirectoryRequest { full: true, ..Default::default() };
    let mut events = calls.directory.sync_directory(request).await.map_err(fault)?.into_inner();
    loop {
        match events.next().await.context("the sync run said nothing")?.map_err(fault)?.event {
            Some(Event::Progress(progress)) if progress.step == "reading people" => break,
            Some(Event::Run(run)) => anyhow::bail!("the run ended: {run:?}"),
            Some(Event::Progress(_)) | None => {}
        }
    }
    slapd.pause()?;
    Ok(events)
}

async fn runs(line: &Line) -> Result<Vec<SyncRun>> {
    let mut calls = line.inside("acme").await?;
    let answer = calls.directory.list_sync_runs(ListSyncRunsRequest::default()).await.map_err(fault)?;
    Ok(answer.into_inner().sync_runs)
}

/// The only run that did not end well, once it is seen as interrupted.
async fn interrupted(line: &Line) -> Result<SyncRun> {
    wait_until("the silent run to be seen", END_LIMIT, async || {
        Ok(runs(line).await?.into_iter().find(|run| run.state() == SyncRunState::Interrupted))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_silent_writes_nothing_into_what_another_one_took_over() -> Result<()> {
    let company = Company::of(PEOPLE);
    let slapd = Slapd::start(&company.entries())?;
    let place = Place::new(Engine::Postgres)?;
    let first = Server::start(&place)?;
    let line = first.line(&place)?;
    line.declare(manifest::company_of("acme", &slapd)?).await?;
    line.synced("acme").await?;
    let mut events = stuck(&line, &slapd).await?;
    first.part.signal("STOP")?;
    slapd.resume()?;

    let second = Server::start(&place)?;
    let other = second.line(&place)?;
    let silent = interrupted(&other).await?;
    let leaver = &company.people[7];
    slapd.delete(&leaver.dn)?;
    assert_eq!(other.synced("acme").await?.deactivated_count, 1);

    first.part.signal("CONT")?;
    let refused = loop {
        match events.next().await.context("a run that was taken over ends with a word")? {
            Ok(SyncDirectoryResponse { event: Some(Event::Run(run)) }) => anyhow::bail!("it went through: {run:?}"),
            Ok(_) => {}
            Err(status) => break fault(status),
        }
    };
    assert_eq!(refused.kind(), Kind::Conflict, "{refused}");
    let known = runs(&other).await?.into_iter().find(|run| run.id == silent.id).context("the run is listed")?;
    assert_eq!(known.state(), SyncRunState::Interrupted, "what was written about it stays");
    let people = other.people("acme").await?;
    let gone = people.iter().filter(|person| person.state() != PersonState::Active).count();
    assert_eq!((people.len(), gone), (PEOPLE, 1), "the old reading was not written");
    ensure!(people.iter().any(|person| person.user_name == leaver.uid && person.state() != PersonState::Active));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_told_to_stop_waits_for_no_directory_server() -> Result<()> {
    let slapd = Slapd::start(&Company::of(PEOPLE).entries())?;
    let place = Place::new(Engine::Sqlite)?;
    let first = Server::start(&place)?;
    let line = first.line(&place)?;
    line.declare(manifest::company_of("acme", &slapd)?).await?;
    let _events = stuck(&line, &slapd).await?;
    first.part.signal("TERM")?;
    let status = first.part.finish(END_LIMIT)?;
    ensure!(status.success(), "it stops when it is told to: {status}");
    slapd.resume()?;
    let second = Server::start(&place)?;
    let line = second.line(&place)?;
    line.synced("acme").await?;
    interrupted(&line).await?;
    assert_eq!(line.people("acme").await?.len(), PEOPLE);
    Ok(())
}
