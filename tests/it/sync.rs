//! What a directory can do wrong, against a real slapd: each has a clear error or a reported skip, and nobody is ever
//! deactivated because of an error.

mod changes;
mod delta;
mod discretion;
mod entries;
mod guard;
mod leavers;
pub mod photo;
mod server;
mod several;
mod table;
mod tenants;
mod undo;

use std::collections::BTreeSet;

use anyhow::Result;
use freehold_proto::directory::v1::{PersonState, SyncRun};
use freehold_tests::company::Company;
use freehold_tests::ldif::Entry;
use freehold_tests::openldap::Slapd;
use freehold_types::Fault;

use crate::world::{Engine, World, manifest};

/// A company on a real server, declared and synced once.
struct Filled {
    world: World,
    slapd: Slapd,
    company: Company,
}

impl Filled {
    async fn with(size: usize) -> Result<Self> {
        let company = Company::of(size);
        let slapd = Slapd::start(&company.entries())?;
        let world = World::start(Engine::Sqlite).await?;
        world.line.declare(manifest::company_of("acme", &slapd)?).await?;
        world.line.synced("acme").await?;
        Ok(Self { world, slapd, company })
    }

    /// Fails unless everybody is as active as after the first sync.
    async fn nobody_is_deactivated(&self) -> Result<()> {
        assert_eq!(active(&self.world).await?.len(), self.company.people.len());
        Ok(())
    }
}

/// User names of everybody who may come in.
async fn active(world: &World) -> Result<BTreeSet<String>> {
    let people = world.line.people("acme").await?.into_iter();
    Ok(people.filter(|person| person.state() == PersonState::Active).map(|person| person.user_name).collect())
}

/// A company of exactly these entries, synced once: the installation and the run.
async fn synced_with(entries: &[Entry]) -> Result<(World, Slapd, SyncRun)> {
    let slapd = Slapd::start(entries)?;
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(manifest::company_of("acme", &slapd)?).await?;
    let run = world.line.sync("acme").await?;
    Ok((world, slapd, run))
}

/// What was said about an entry.
fn skips_of<'a>(run: &'a SyncRun, dn: &str) -> Vec<&'a str> {
    let about = run.skips.iter().filter(|skip| skip.distinguished_name == dn);
    about.map(|skip| skip.because.as_str()).collect()
}

/// A refusal as a fault of ours.
fn refused<T>(answer: Result<T>) -> Fault {
    let Err(error) = answer else { panic!("it was not refused") };
    error.downcast().expect("a refusal of the services")
}
