//! Two processes follow a directory once; the other takes over; a command watches.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use freehold_tests::company::Company;
use freehold_tests::ldif::Entry;
use freehold_tests::openldap::Slapd;
use freehold_tests::wait::wait_until;

use super::{SEEN_LIMIT, followed, in_step, is_active, sees};
use crate::world::server::{Server, binary};
use crate::world::{Engine, Place};

const END_LIMIT: Duration = Duration::from_secs(20);
/// The silence after which a holder is taken for gone, and a machine that is busy.
const TAKE_OVER_LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_processes_follows_and_the_other_takes_over() -> Result<()> {
    let slapd = Slapd::start_with_changes(&Company::of(40).entries())?;
    let place = Place::new(Engine::Postgres)?;
    let first = Server::start(&place)?;
    let line = first.line(&place)?;
    line.declare(followed("acme", &slapd)?).await?;
    line.synced("acme").await?;
    in_step(&line, "acme").await?;
    let before = slapd.open_searches();
    ensure!(!before.is_empty(), "whoever follows keeps searches open");
    let second = Server::start(&place)?;
    let other = second.line(&place)?;
    slapd.add(&Entry::person("nora", "Nora", "Neu"))?;
    sees(&other, "the newcomer", "nora", is_active).await?;
    assert_eq!(slapd.open_searches(), before, "the second process leaves the directory alone");

    first.kill()?;
    first.part.finish(END_LIMIT)?;
    slapd.add(&Entry::person("otto", "Otto", "Ohm"))?;
    wait_until("the other process to take over", TAKE_OVER_LIMIT, async || {
        let people = other.people("acme").await?;
        Ok(people.iter().any(|person| person.user_name == "otto").then_some(()))
    })
    .await?;
    second.part.signal("TERM")?;
    let status = second.part.finish(Duration::from_secs(6))?;
    ensure!(status.success(), "it stops when it is told to: {status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_watches_prints_what_the_service_does_by_itself() -> Result<()> {
    let slapd = Slapd::start_with_changes(&Company::of(40).entries())?;
    let place = Place::new(Engine::Sqlite)?;
    let server = Server::start(&place)?;
    let line = server.line(&place)?;
    line.declare(followed("acme", &slapd)?).await?;
    let out = place.folder.path().join("watch.json");
    let mut command = Command::new(binary()?);
    command.args(["--endpoint", &server.grpc, "--json", "--token-file"]);
    command.arg(place.folder.path().join("operator.token")).args(["directory", "sync", "acme", "--watch"]);
    let mut watching = command.stdout(std::fs::File::create(&out)?).stderr(Stdio::null()).spawn()?;
    let printed = |what: &'static str| {
        let out = out.clone();
        async move {
            wait_until(what, SEEN_LIMIT, async || Ok(std::fs::read_to_string(&out)?.contains(what).then_some(()))).await
        }
    };
    printed("\"joined_count\":\"40\"").await.or(printed("\"joined_count\":40").await)?;
    in_step(&line, "acme").await?;
    printed("in_step_at").await?;
    slapd.add(&Entry::person("nora", "Nora", "Neu"))?;
    sees(&line, "the newcomer", "nora", is_active).await?;
    printed("SYNC_RUN_KIND_AUTOMATIC").await?;
    watching.kill()?;
    watching.wait()?;
    for text in std::fs::read_to_string(&out)?.lines() {
        serde_json::from_str::<serde_json::Value>(text).context("each line is one object")?;
    }
    Ok(())
}
