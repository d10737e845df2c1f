//! The whole journey of an accident, with the commands that people type: everybody vanishes from the directory, the run
//! is held, somebody approves it all the same, and an undo brings everybody back.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;

use anyhow::{Context, Result};
use freehold_proto::directory::v1::PersonState;
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;
use serde_json::Value;

use crate::world::server::Server;
use crate::world::{Engine, Line, Place, manifest};

const PEOPLE: usize = 60;
const HELD: i32 = 3;

/// User name to whether the person is active, and the groups they are listed in themselves.
type Everybody = BTreeMap<String, (bool, BTreeSet<String>)>;

#[tokio::test(flavor = "multi_thread")]
async fn an_accident_is_held_and_what_was_approved_is_undone_on_postgresql() -> Result<()> {
    an_accident_is_held_and_what_was_approved_is_undone(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accident_is_held_and_what_was_approved_is_undone_on_sqlite() -> Result<()> {
    an_accident_is_held_and_what_was_approved_is_undone(Engine::Sqlite).await
}

async fn an_accident_is_held_and_what_was_approved_is_undone(engine: Engine) -> Result<()> {
    let company = Company::of(PEOPLE);
    let slapd = Slapd::start(&company.entries())?;
    let place = Place::new(engine)?;
    let server = Server::start(&place)?;
    let line = server.line(&place)?;
    line.declare(manifest::company_of("acme", &slapd)?).await?;
    let run = |words: &[&str]| server.command(&place, &[&["--json", "directory"], words].concat());
    assert_eq!(run(&["sync", "acme"])?.status.code(), Some(0));
    let before = everybody(&line).await?;
    assert_eq!(before.len(), PEOPLE);

    for person in &company.people {
        slapd.delete(&person.dn)?;
    }
    let held = run(&["sync", "acme"])?;
    assert_eq!(held.status.code(), Some(HELD), "{held:?}");
    assert_eq!(everybody(&line).await?, before, "nothing was written");

    let stale = run(&["sync", "acme", "--approve", "0123456789abcdef0123456789abcdef"])?;
    assert!(!stale.status.success(), "{stale:?}");
    assert_eq!(everybody(&line).await?, before, "nothing was written");

    let preview = parsed(&run(&["preview", "acme"])?)?;
    let rows = preview["changes"].as_array().context("a preview has rows")?;
    assert!(rows.iter().all(|row| row["because"] == "not in the directory any more"), "{rows:?}");
    assert!(rows.iter().any(|row| row["losses"].as_array().is_some_and(|losses| !losses.is_empty())), "{rows:?}");
    let id = preview["id"].as_str().context("and an id")?;
    let approved = run(&["sync", "acme", "--approve", id])?;
    assert_eq!(approved.status.code(), Some(0), "{approved:?}");
    let approved = parsed(&approved)?;
    assert_eq!(approved["approved_by"], "the operator", "{approved}");
    let gone = everybody(&line).await?;
    assert!(gone.values().all(|(active, groups)| !active && groups.is_empty()), "{gone:?}");

    let undone = run(&["undo", "acme", approved["id"].as_str().context("a run has an id")?])?;
    assert_eq!(undone.status.code(), Some(0), "{undone:?}");
    assert_eq!(everybody(&line).await?, before, "everybody is back, in their groups");

    let again = run(&["sync", "acme"])?;
    assert_eq!(again.status.code(), Some(HELD), "{again:?}");
    assert!(String::from_utf8_lossy(&again.stderr).contains("an undo took back"), "{again:?}");
    let twice = run(&["undo", "acme", approved["id"].as_str().context("a run has an id")?])?;
    assert!(!twice.status.success() && said(&twice).contains("undone already"), "{twice:?}");
    assert_eq!(everybody(&line).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_is_undone_and_leaves_alone_who_changed_since() -> Result<()> {
    let company = Company::of(40);
    let slapd = Slapd::start(&company.entries())?;
    let place = Place::new(Engine::Sqlite)?;
    let server = Server::start(&place)?;
    let line = server.line(&place)?;
    line.declare(manifest::company_of("acme", &slapd)?).await?;
    let run = |words: &[&str]| server.command(&place, &[&["--json", "directory"], words].concat());
    assert_eq!(run(&["sync", "acme"])?.status.code(), Some(0));

    for person in &company.people[30..33] {
        slapd.delete(&person.dn)?;
    }
    slapd.replace(&company.people[34].dn, "title", &["Welder"])?;
    slapd.replace(&company.people[35].dn, "title", &["Painter"])?;
    let left = parsed(&run(&["sync", "acme"])?)?;
    let before = everybody(&line).await?;
    slapd.replace(&company.people[35].dn, "title", &["Plumber"])?;
    assert_eq!(run(&["sync", "acme"])?.status.code(), Some(0));

    let undone = parsed(&run(&["undo", "acme", left["id"].as_str().context("an id")?])?)?;
    assert_eq!(undone["counts"]["returned_count"], 3, "{undone}");
    let skips = undone["skips"].to_string();
    assert!(skips.contains(&company.people[35].uid), "who changed since is told: {undone}");
    let titles: BTreeMap<_, _> = line.people("acme").await?.into_iter().map(|p| (p.user_name, p.title)).collect();
    assert_eq!(titles[&company.people[35].uid], "Plumber");
    assert_ne!(titles[&company.people[34].uid], "Welder");

    let back = parsed(&run(&["undo", "acme", undone["id"].as_str().context("an id")?])?)?;
    assert_eq!(back["state"], "SYNC_RUN_STATE_DONE", "{back}");
    assert_eq!(everybody(&line).await?, before);
    assert_eq!(run(&["sync", "acme"])?.status.code(), Some(0), "the directory says the same again");
    Ok(())
}

async fn everybody(line: &Line) -> Result<Everybody> {
    let people = line.people("acme").await?.into_iter();
    Ok(people
        .map(|person| {
            let groups = person.directory_groups.iter().filter(|group| group.direct).map(|group| group.name.clone());
            let active = person.state() == PersonState::Active;
            let groups = groups.collect();
            (person.user_name, (active, groups))
        })
        .collect())
}

fn parsed(output: &Output) -> Result<Value> {
    serde_json::from_slice(&output.stdout).with_context(|| format!("no JSON: {output:?}"))
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
