//! A directory that only a connector inside the company's network can reach: the real binary with a real slapd behind
//! it, and scripted connectors that say what a real one never would.

mod domain;
mod intruders;
mod liars;
mod peer;
mod photos;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use freehold_proto::directory::v1 as pb;
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::company::Company;
use freehold_tests::ldif::Entry;
use freehold_tests::leak;
use freehold_tests::openldap::{BIND_DN, BIND_PASSWORD, Slapd};
use freehold_tests::part::{Folder, Part};
use freehold_tests::wait::wait_until;
use freehold_wire::fault;
use tokio::task::JoinSet;
use tokio_stream::StreamExt;

use crate::world::{Engine, Line, World, manifest, server};

/// A connector comes back after a few seconds at most while it waits for its approval.
const ATTACH_LIMIT: Duration = Duration::from_secs(60);

/// A company whose directory the installation cannot reach.
fn company(name: &str) -> TenantManifest {
    company_on(name, pb::DirectoryKind::Openldap)
}

fn company_on(name: &str, kind: pb::DirectoryKind) -> TenantManifest {
    let directory = pb::DirectorySettings {
        name: manifest::DIRECTORY.to_owned(),
        kind: kind.into(),
        connector: true,
        ..Default::default()
    };
    TenantManifest { directories: vec![directory], ..manifest::company(name) }
}

/// Everything, with ids by which whoever is added again is the same entry.
fn entries(staff: &Company) -> Vec<Entry> {
    let has_id = |entry: &Entry| entry.attributes().iter().any(|(name, _)| name == "entryUUID");
    let with_id = |(entry, number): (Entry, u32)| {
        if has_id(&entry) { entry } else { entry.with_uuid(&format!("00000000-0000-4000-8000-{number:012}")) }
    };
    staff.entries().into_iter().zip(1..).map(with_id).collect()
}

/// `freehold connector` in the company's network.
struct Connector {
    part: Part,
    folder: Folder,
}

impl Connector {
    fn start(world: &World, slapd: &Slapd) -> Result<Self> {
        Self::reading(world, &manifest::openldap(slapd)?)
    }

    /// One whose own file says what the manifest says of a directory that the installation reaches itself.
    fn reading(world: &World, directory: &pb::DirectorySettings) -> Result<Self> {
        let folder = Folder::new("connector")?;
        let password = folder.write("directory.password", &directory.bind_password)?;
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600))?;
        let ca = folder.write("ca.pem", &directory.ca_pem)?;
        let kind = match directory.kind() {
            pb::DirectoryKind::ActiveDirectory => "active-directory",
            _ => "openldap",
        };
        let text = format!(
            "installation = \"http://{}\"\ncompany = \"acme\"\nkey_file = \"connector.key\"\nname = \"cellar\"\n\
             [[directory]]\nname = \"{}\"\nkind = \"{kind}\"\nurl = \"{}\"\nca_file = \"{}\"\nbind_dn = \"{}\"\n\
             bind_password_file = \"{}\"\nbase_dn = \"{}\"\n",
            world.installation.grpc,
            directory.name,
            directory.urls[0],
            ca.display(),
            directory.bind_dn,
            password.display(),
            directory.base_dn
        );
        folder.write("connector.toml", text)?;
        Ok(Self { part: Self::run(&folder)?, folder })
    }

    fn run(folder: &Folder) -> Result<Part> {
        let binary = server::binary()?.display().to_string();
        Part::start(
            "freehold connector",
            folder,
            "TERM",
            &[binary, "connector".into(), "--config".into(), "connector.toml".into()],
        )
    }

    /// Starts one and lets it in.
    async fn attached(world: &World, directory: &pb::DirectorySettings) -> Result<Self> {
        let connector = Self::reading(world, directory)?;
        let fingerprint = connector.fingerprint().await?;
        let line = &world.line;
        wait_for_connector(line, "the connector to ask for approval", |one| one.fingerprint == fingerprint).await?;
        approve(line, &fingerprint).await?;
        wait_for_connector(line, "the connector to attach", |one| one.attached).await?;
        Ok(connector)
    }

    /// What it printed for the administrator to compare.
    async fn fingerprint(&self) -> Result<String> {
        let found = async || {
            Ok(self.folder.read("out").split_whitespace().find(|word| word.starts_with("SHA256:")).map(str::to_owned))
        };
        wait_until("the connector to print its fingerprint", ATTACH_LIMIT, found).await
    }
}

async fn connectors(line: &Line) -> Result<Vec<pb::Connector>> {
    let request = pb::ListConnectorsRequest::default();
    let answer = line.inside("acme").await?.connectors.list_connectors(request).await.map_err(fault)?;
    Ok(answer.into_inner().connectors)
}

async fn approve(line: &Line, fingerprint: &str) -> Result<()> {
    let request = pb::ApproveConnectorRequest { fingerprint: fingerprint.to_owned(), ..Default::default() };
    line.inside("acme").await?.connectors.approve_connector(request).await.map_err(fault)?;
    Ok(())
}

async fn wait_for_connector(line: &Line, what: &str, wanted: impl Fn(&pb::Connector) -> bool) -> Result<()> {
    wait_until(what, ATTACH_LIMIT, async || Ok(connectors(line).await?.iter().any(&wanted).then_some(()))).await
}

/// A run that goes on while the test does something else.
fn begun(line: &Line, request: pb::SyncDirectoryRequest) -> JoinSet<Result<pb::SyncRun>> {
    let line = line.clone();
    let mut run = JoinSet::new();
    run.spawn(async move { line.sync_as("acme", request).await });
    run
}

async fn ended(mut run: JoinSet<Result<pb::SyncRun>>) -> Result<pb::SyncRun> {
    run.join_next().await.context("a run was begun")??
}

/// A run that failed because of the connector, and shut nobody out.
async fn assert_stale(world: &World, words: &str, active: usize) -> Result<()> {
    let run = world.line.sync("acme").await?;
    assert_eq!(run.state(), pb::SyncRunState::Failed, "{}", run.error);
    assert!(run.error.contains(words), "{words:?} is not in {:?}", run.error);
    assert!(!run.cure.is_empty());
    assert_eq!(active_count(world).await?, active);
    Ok(())
}

async fn active_count(world: &World) -> Result<usize> {
    let people = world.line.people("acme").await?;
    Ok(people.iter().filter(|person| person.state() == pb::PersonState::Active).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_through_a_connector_on_postgresql() -> Result<()> {
    everything_works_through_a_connector(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_through_a_connector_on_sqlite() -> Result<()> {
    everything_works_through_a_connector(Engine::Sqlite).await
}

async fn everything_works_through_a_connector(engine: Engine) -> Result<()> {
    let staff = Company::of(60);
    let slapd = Slapd::start_with_changes(&entries(&staff))?;
    let world = World::start(engine).await?;
    let line = world.line.clone();
    line.declare(company("acme")).await?;
    assert_stale(&world, "is not connected (never seen)", 0).await?;

    let connector = Connector::start(&world, &slapd)?;
    let fingerprint = connector.fingerprint().await?;
    wait_for_connector(&line, "the connector to ask for approval", |one| one.fingerprint == fingerprint).await?;
    assert_eq!(connectors(&line).await?[0].claimed_name, "cellar");
    assert_stale(&world, "is not connected (never seen)", 0).await?;
    approve(&line, &fingerprint).await?;
    wait_for_connector(&line, "the connector to attach", |one| one.attached).await?;

    let mut calls = line.inside("acme").await?.directory;
    let check = calls.check_directory(pb::CheckDirectoryRequest::default()).await.map_err(fault)?.into_inner();
    assert_eq!(check.samples.len(), 20);
    assert!(check.server.contains("by a connector"), "{}", check.server);
    let preview = calls.preview_sync(pb::PreviewSyncRequest::default()).await.map_err(fault)?.into_inner();
    assert_eq!(preview.change_set.and_then(|set| set.counts).context("counts")?.joined_count, 60);
    assert_eq!(line.synced("acme").await?.joined_count, 60);
    let again = line.synced("acme").await?;
    assert_eq!((again.joined_count, again.changed_count, again.deactivated_count), (0, 0, 0), "nothing changed");
    hold_approve_undo(&world, &slapd, &staff).await?;

    connector.part.signal("KILL")?;
    wait_for_connector(&line, "the connector to be missed", |one| !one.attached).await?;
    assert_stale(&world, "is not connected (last seen", 60).await?;
    let Connector { part, folder } = connector;
    drop(part);
    let _back = Connector::run(&folder)?;
    wait_for_connector(&line, "the connector to come back", |one| one.attached).await?;
    line.synced("acme").await?;

    // And it is followed through the connector: nobody asks for a run.
    slapd.delete(&staff.people[59].dn)?;
    let one_left = async || Ok((active_count(&world).await? == 59).then_some(()));
    wait_until("the leaver to be seen", ATTACH_LIMIT, one_left).await?;

    let stored = world.stop().await?;
    ensure!(stored.len() > 100_000, "the copy holds {} bytes: is it the whole storage?", stored.len());
    let found = leak::found_in(&stored, &[BIND_PASSWORD.to_owned(), BIND_DN.to_owned()]).len();
    assert_eq!(found, 0, "the password and the name to bind with never left the company");
    Ok(())
}

async fn hold_approve_undo(world: &World, slapd: &Slapd, staff: &Company) -> Result<()> {
    let line = &world.line;
    let leavers = &staff.people[30..55];
    for person in leavers {
        slapd.delete(&person.dn)?;
    }
    let held = line.sync("acme").await?;
    assert_eq!(held.state(), pb::SyncRunState::Held, "{}", held.error);
    let approved = pb::SyncDirectoryRequest { approved_change_set_id: held.change_set_id, ..Default::default() };
    let run = line.sync_as("acme", approved).await?;
    assert_eq!((run.state(), active_count(world).await?), (pb::SyncRunState::Done, 35), "{}", run.error);
    let request = pb::UndoSyncRunRequest { sync_run_id: run.id, ..Default::default() };
    let mut events = line.inside("acme").await?.directory.undo_sync_run(request).await.map_err(fault)?.into_inner();
    while events.next().await.transpose().map_err(fault)?.is_some() {}
    assert_eq!(active_count(world).await?, 60);
    let entries = entries(staff);
    for person in leavers {
        slapd.add(entries.iter().find(|entry| entry.dn() == person.dn).context("the leaver had an entry")?)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_dies_while_it_reads_makes_nobody_absent() -> Result<()> {
    let staff = Company::of(40);
    let slapd = Slapd::start(&staff.entries())?;
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(company("acme")).await?;
    let connector = Connector::attached(&world, &manifest::openldap(&slapd)?).await?;
    assert_eq!(world.line.synced("acme").await?.joined_count, 40);

    // The server does not answer, so the reading hangs in the connector.
    slapd.pause()?;
    let run = begun(&world.line, pb::SyncDirectoryRequest { full: true, ..Default::default() });
    let running = async || {
        let request = pb::ListSyncRunsRequest::default();
        let runs = world.line.inside("acme").await?.directory.list_sync_runs(request).await.map_err(fault)?;
        Ok(runs.into_inner().sync_runs.iter().any(|run| run.state() == pb::SyncRunState::Running).then_some(()))
    };
    wait_until("the run to begin", ATTACH_LIMIT, running).await?;
    connector.part.signal("KILL")?;
    let run = ended(run).await?;
    slapd.resume()?;
    assert_eq!(run.state(), pb::SyncRunState::Failed);
    assert!(run.error.contains("the connector of directory"), "{}", run.error);
    assert_eq!(active_count(&world).await?, 40);
    Ok(())
}
