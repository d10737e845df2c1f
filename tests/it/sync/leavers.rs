//! The leaver clock: how long whoever left could still come in, measured and told.

use anyhow::{Context, Result};
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;
use serde_json::Value;
use tonic::Code;

use crate::world::server::Server;
use crate::world::{Engine, Place, manifest};

/// Longer than any machine takes from a command to the end of a run.
const CLOCK_MAX_MS: u64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_how_long_its_leavers_could_still_come_in() -> Result<()> {
    let company = Company::of(40);
    let slapd = Slapd::start_with_changes(&company.entries())?;
    let place = Place::new(Engine::Sqlite)?;
    let server = Server::start(&place)?;
    let line = server.line(&place)?;
    line.declare(manifest::company_of("acme", &slapd)?).await?;
    let run = |words: &[&str]| -> Result<Value> {
        let output = server.command(&place, &[&["--json", "directory"], words].concat())?;
        serde_json::from_slice(&output.stdout).with_context(|| format!("no JSON: {output:?}"))
    };
    let first = run(&["sync", "acme"])?;
    assert!(first["leaver_clock"].is_null(), "nobody left: {first}");

    let uids: Vec<&str> = company.people[30..33].iter().map(|person| person.uid.as_str()).collect();
    let people = line.people("acme").await?;
    let mut sessions = Vec::new();
    for person in people.iter().filter(|person| uids.contains(&person.user_name.as_str())) {
        sessions.push(line.session("acme", &person.id).await?);
    }
    for person in &company.people[30..33] {
        slapd.delete(&person.dn)?;
    }
    let left = run(&["sync", "acme"])?;
    for session in &sessions {
        let refused = line.authenticate("acme", session).await.err().context("a leaver's session ends")?;
        assert_eq!(refused.code(), Code::Unauthenticated);
    }
    let clock = &left["leaver_clock"];
    assert_eq!(clock["people_count"], 3, "{left}");
    let figure = |name: &str| clock[name].as_u64().with_context(|| format!("no {name} in {left}"));
    let (median, worst) = (figure("median_ms")?, figure("worst_ms")?);
    assert!(0 < median && median <= worst && worst < CLOCK_MAX_MS, "{left}");

    let runs = server.command(&place, &["directory", "runs", "acme"])?;
    let table = String::from_utf8_lossy(&runs.stdout).into_owned();
    assert!(table.contains(&format!("{worst} ms, half in {median} ms")), "{table}");
    Ok(())
}
