//! The service keeps in step with a real slapd by itself: nobody gives a command after the first sync.

mod blind;
mod burst;
mod change;
mod domain;
mod lease;
mod leaver;

use std::time::Duration;

use anyhow::{Context, Result};
use freehold_proto::directory::v1 as directory;
use freehold_proto::directory::v1::PersonState;
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;
use freehold_tests::wait::wait_until;
use freehold_wire::fault;

use crate::world::{Engine, Line, World, manifest};

/// How long a change may take to be seen on a machine that is busy with other tests.
const SEEN_LIMIT: Duration = Duration::from_secs(30);

/// A company that was synced once and is followed since.
struct Followed {
    world: World,
    slapd: Slapd,
    company: Company,
}

impl Followed {
    async fn with(engine: Engine, size: usize) -> Result<Self> {
        let company = Company::of(size);
        let slapd = Slapd::start_with_changes(&company.entries())?;
        let world = World::start(engine).await?;
        world.line.declare(followed("acme", &slapd)?).await?;
        world.line.synced("acme").await?;
        in_step(&world.line, "acme").await?;
        Ok(Self { world, slapd, company })
    }

    /// Waits until a person is as `look` wants them.
    async fn sees(
        &self,
        what: &str,
        uid: &str,
        look: impl Fn(&directory::Person) -> bool,
    ) -> Result<directory::Person> {
        sees(&self.world.line, what, uid, look).await
    }
}

/// The manifest of a company whose directory the service follows.
fn followed(tenant: &str, slapd: &Slapd) -> Result<TenantManifest> {
    let mut company = manifest::company_of(tenant, slapd)?;
    company.directories[0].follow = None;
    Ok(company)
}

async fn status(line: &Line, tenant: &str) -> Result<directory::DirectoryStatus> {
    let mut calls = line.inside(tenant).await?;
    let answer = calls.directory.list_directories(directory::ListDirectoriesRequest {}).await.map_err(fault)?;
    let first = answer.into_inner().directories.into_iter().next().context("a directory is there")?;
    first.status.context("a directory has a status")
}

pub async fn in_step(line: &Line, tenant: &str) -> Result<directory::DirectoryStatus> {
    wait_until("the directory to be in step", SEEN_LIMIT, async || {
        let status = status(line, tenant).await?;
        Ok((status.followed && status.in_step_at.is_some() && status.stale_at.is_none()).then_some(status))
    })
    .await
}

pub async fn sees(
    line: &Line,
    what: &str,
    uid: &str,
    look: impl Fn(&directory::Person) -> bool,
) -> Result<directory::Person> {
    wait_until(what, SEEN_LIMIT, async || {
        let people = line.people("acme").await?;
        Ok(people.into_iter().find(|person| person.user_name == uid).filter(|person| look(person)))
    })
    .await
}

fn is_active(person: &directory::Person) -> bool {
    person.state() == PersonState::Active
}

async fn active_count(line: &Line) -> Result<usize> {
    Ok(line.people("acme").await?.iter().filter(|person| is_active(person)).count())
}
