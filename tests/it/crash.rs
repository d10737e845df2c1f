//! The real binary, killed at several moments of declaring a company and of syncing it, and started again: the same
//! commands then end in the same state as one clean run.

mod silence;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1::{ApplyTenantRequest, TenantManifest};
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;
use freehold_wire::fault;
use tokio_stream::StreamExt;

use crate::world::server::Server;
use crate::world::{Engine, Line, Place, World, manifest};

/// Enough that applying takes several batches.
const PEOPLE: usize = 2_500;
/// Events of the declaration after which the process is killed.
const APPLY_MOMENTS: [usize; 4] = [0, 1, 2, 4];
/// Steps of the sync at whose first word the process is killed.
const SYNC_MOMENTS: [&str; 3] = ["reading people", "applying people", "applying memberships"];
const END_LIMIT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_goes_on_where_it_was_on_postgresql() -> Result<()> {
    a_killed_process_goes_on_where_it_was(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_goes_on_where_it_was_on_sqlite() -> Result<()> {
    a_killed_process_goes_on_where_it_was(Engine::Sqlite).await
}

async fn a_killed_process_goes_on_where_it_was(engine: Engine) -> Result<()> {
    let slapd = Slapd::start(&Company::of(PEOPLE).entries())?;
    let acme = manifest::company_of("acme", &slapd)?;
    let clean = World::start(engine).await?;
    clean.line.declare(acme.clone()).await?;
    clean.line.synced("acme").await?;
    let expected = state(&clean.line).await?;

    let place = Place::new(engine)?;
    for events in APPLY_MOMENTS {
        let server = Server::start(&place)?;
        apply_until(&server.line(&place)?, acme.clone(), events).await?;
        end(server)?;
    }
    let server = Server::start(&place)?;
    server.line(&place)?.declare(acme.clone()).await?;
    end(server)?;
    for step in SYNC_MOMENTS {
        let server = Server::start(&place)?;
        sync_until(&server.line(&place)?, step).await?;
        end(server)?;
    }
    let server = Server::start(&place)?;
    let line = server.line(&place)?;
    assert!(line.declare(acme).await?.is_empty(), "declared completely before");
    line.synced("acme").await?;
    assert_eq!(state(&line).await?, expected);
    assert_eq!(line.synced("acme").await?.unchanged_count, i64::try_from(PEOPLE)?);
    Ok(())
}

/// Declares the company and stops listening after so many events.
async fn apply_until(line: &Line, manifest: TenantManifest, events: usize) -> Result<()> {
    let request = ApplyTenantRequest { manifest: Some(manifest), validate_only: false };
    let mut answer = line.operator()?.operator.apply_tenant(request).await.map_err(fault)?.into_inner();
    for _ in 0..events {
        let Some(event) = answer.next().await else { break };
        event.map_err(fault)?;
    }
    Ok(())
}

/// Starts a sync and returns when it first speaks of this step.
async fn sync_until(line: &Line, step: &str) -> Result<()> {
    use directory::sync_directory_response::Event;
    let mut calls = line.inside("acme").await?;
    let request = directory::SyncDirectoryRequest::default();
    let mut events = calls.directory.sync_directory(request).await.map_err(fault)?.into_inner();
    while let Some(event) = events.next().await {
        match event.map_err(fault)?.event.context("an empty event")? {
            Event::Progress(progress) if progress.step == step => return Ok(()),
            Event::Progress(_) => {}
            Event::Run(run) => anyhow::bail!("the run ended before {step}: {run:?}"),
        }
    }
    anyhow::bail!("the run ended without a word")
}

/// Kills the process and waits until it is gone.
fn end(server: Server) -> Result<()> {
    server.kill()?;
    let status = server.part.finish(END_LIMIT)?;
    ensure!(!status.success(), "a killed process does not end well");
    Ok(())
}

/// What must be the same: everybody with their records, managers and memberships; ids and times are not.
async fn state(line: &Line) -> Result<BTreeSet<String>> {
    let people = line.people("acme").await?;
    let name = |id: &str| people.iter().find(|person| person.id == id).map(|person| person.user_name.clone());
    let state = people.iter().map(|person| {
        let groups: Vec<_> = person.directory_groups.iter().map(|group| (&group.name, group.direct)).collect();
        let plain = directory::Person {
            id: String::new(),
            manager_id: name(&person.manager_id).unwrap_or_default(),
            directory_groups: Vec::new(),
            created_at: None,
            updated_at: None,
            ..person.clone()
        };
        format!("{plain:?} {groups:?}")
    });
    Ok(state.collect())
}
