//! The audit log of a company: what gets in, what does not, and what happens to whoever changes it in the database.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_tests::company::Company;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::postgres;
use freehold_types::Clock;
use freehold_wire::fault;
use reqwest::StatusCode;

use crate::world::claim::{self, PASSWORD, STEP_SECONDS};
use crate::world::visit::Visit;
use crate::world::{Engine, World, manifest};

/// Wrong tries of one name, so far apart that none has to wait.
const WRONG_TRIES: i64 = 3;
const UUID: &str = "00000000-0000-4000-8000-00000000b055";

/// A company with an administrator, who is the first of its people with an address.
async fn company(world: &World, name: &str) -> Result<String> {
    let all = Company::of(12);
    let boss = all.people.iter().find(|person| person.mail.is_some()).context("somebody with an address")?;
    let mut entries = all.entries();
    entries.push(Entry::group("printers", [boss.dn.as_str()]).with_uuid(UUID));
    let mut declared = manifest::company_of_file(name, &world.place, &entries)?;
    declared.administrators_group = format!("cn=printers,ou=groups,{BASE}");
    world.line.declare(declared).await?;
    world.line.synced(name).await?;
    let people = world.line.people(name).await?;
    Ok(people.into_iter().find(|person| person.administrator).context("an administrator")?.id)
}

/// The log without the operator's own comings, oldest first.
pub async fn log(world: &World, name: &str) -> Result<Vec<auth::AuditEvent>> {
    let mut calls = world.line.inside(name).await?;
    let mut events = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = auth::ListAuditEventsRequest { page_size: 7, page_token };
        let page = calls.auth.list_audit_events(request).await.map_err(fault)?.into_inner();
        events.extend(page.audit_events);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    events.reverse();
    let numbers: Vec<i64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=i64::try_from(events.len())?).collect::<Vec<_>>(), "none is left out on any page");
    events.retain(|event| event.event != "operator_entered");
    Ok(events)
}

fn names(events: &[auth::AuditEvent]) -> Vec<&str> {
    events.iter().map(|event| event.event.as_str()).collect()
}

pub fn detail<'a>(event: &'a auth::AuditEvent, name: &str) -> &'a str {
    event.details.iter().find(|detail| detail.name == name).map_or("", |detail| detail.value.as_str())
}

async fn verify(world: &World, name: &str) -> Result<auth::VerifyAuditLogResponse> {
    let mut calls = world.line.inside(name).await?;
    Ok(calls.auth.verify_audit_log(auth::VerifyAuditLogRequest {}).await.map_err(fault)?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_code_and_a_password_on_postgresql() -> Result<()> {
    the_life_of_a_code_and_a_password(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_code_and_a_password_on_sqlite() -> Result<()> {
    the_life_of_a_code_and_a_password(Engine::Sqlite).await
}

async fn the_life_of_a_code_and_a_password(engine: Engine) -> Result<()> {
    let world = World::start(engine).await?;
    let boss = company(&world, "acme").await?;
    assert_eq!(names(&log(&world, "acme").await?), ["sign_in_policy_changed", "manifest_applied"]);
    let voided = world.line.access_code("acme", &boss).await?;
    let code = world.line.access_code("acme", &boss).await?;
    let key = claim::complete(&world.line, "acme", &code).await?.totp_secret;
    let person = world.line.people("acme").await?.into_iter().find(|one| one.id == boss).context("the boss")?;
    let name = person.user_name;
    for _ in 0..WRONG_TRIES {
        world.clock.advance(TimeDelta::seconds(STEP_SECONDS));
        let request = auth::SignInWithPasswordRequest {
            company_address: "acme".to_owned(),
            sign_in_name: name.clone(),
            password: "not this one at all".to_owned(),
            totp_code: "123456".to_owned(),
        };
        world.line.clients.anonymous().auth.sign_in_with_password(request).await.expect_err("a wrong password");
    }
    world.clock.advance(TimeDelta::seconds(STEP_SECONDS));
    let now = world.clock.now().timestamp();
    let session = claim::sign_in(&world.line, "acme", &name, &key, now).await.map_err(fault)?;
    let token = world.line.authenticate("acme", &session).await.map_err(fault)?.caller_token;
    let mut own = world.line.clients.bearer(&token)?;
    own.auth.end_session(auth::EndSessionRequest::default()).await.map_err(fault)?;

    let events = log(&world, "acme").await?;
    let life = [
        "access_code_issued",
        "access_code_voided",
        "access_code_issued",
        "access_code_redeemed",
        "password_set",
        "signed_in",
        "sign_in_refused",
        "sign_in_refused",
        "signed_in",
        "session_ended",
    ];
    let spent = events.iter().filter(|event| detail(event, "person_id") == boss).cloned().collect::<Vec<_>>();
    assert_eq!(names(&spent), life, "of three wrong tries, two fall into one minute");
    assert_eq!((detail(&spent[5], "first"), detail(&spent[5], "method")), ("true", "password"));
    assert_eq!(detail(&spent[6], "reason"), "password_wrong");
    assert_eq!(detail(&spent[8], "first"), "");
    assert_eq!((spent[0].actor.as_str(), spent[9].actor.as_str()), ("operator", boss.as_str()));
    let text = format!("{events:?}");
    for secret in [&voided, &code, &key, &session, &name, PASSWORD, "not this one at all", "123456"] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
    assert_eq!(verify(&world, "acme").await?.broken_sequence, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_company_has_its_own_log_and_administrators_alone_read_it() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let boss = company(&world, "acme").await?;
    company(&world, "beta").await?;
    let of_beta = log(&world, "beta").await?.len();
    let request =
        auth::RedeemAccessCodeRequest { company_address: "acme".to_owned(), code: "AAAA-AAAA-AAAA-AAAA".to_owned() };
    for _ in 0..12 {
        world.line.clients.anonymous().auth.redeem_access_code(request.clone()).await.expect_err("nobody's code");
    }
    let events = log(&world, "acme").await?;
    let refused: Vec<(&str, &str)> = events
        .iter()
        .filter(|event| event.event == "sign_in_refused")
        .map(|event| (detail(event, "reason"), detail(event, "count")))
        .collect();
    assert_eq!(refused, [("access_code_unknown", "1"), ("access_code_unknown", "10")], "strangers fill no log");
    assert_eq!(log(&world, "beta").await?.len(), of_beta, "what is tried at one company is not told to another");

    let code = world.line.access_code("acme", &boss).await?;
    let visit = Visit::new(&world.public_url, "acme")?;
    visit.sign_in_with_code(&code, world.clock.now().timestamp()).await?;
    let page = visit.open("/console/audit").await?;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("access_code_unknown") && page.text.contains("Sign-in refused"), "{}", page.text);
    assert!(!page.text.contains("AAAA"), "{}", page.text);

    let people = world.line.people("acme").await?;
    let other = people.iter().find(|person| !person.administrator).context("somebody else")?;
    let code = world.line.access_code("acme", &other.id).await?;
    let visit = Visit::new(&world.public_url, "acme")?;
    visit.sign_in_with_code(&code, world.clock.now().timestamp()).await?;
    assert_eq!(visit.open("/console/audit").await?.status, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_the_database_is_found_out() -> Result<()> {
    let world = World::start(Engine::Postgres).await?;
    company(&world, "acme").await?;
    let whole = verify(&world, "acme").await?;
    assert_eq!((whole.broken_sequence, whole.problem.as_str()), (0, ""));
    assert!(whole.checkpoint.starts_with(&format!("{}-", whole.whole_count)), "{whole:?}");
    let url = &world.place.storage_url;
    let schema = postgres::query(url, "SELECT schemaname FROM pg_tables WHERE tablename = 'audit_event'")?;
    let schema = schema.trim();
    // As the owner of the database, whom no right keeps from it.
    postgres::query(url, &format!("DELETE FROM {schema}.audit_event WHERE sequence = 2"))?;
    let broken = verify(&world, "acme").await?;
    assert_eq!((broken.broken_sequence, broken.problem.as_str()), (2, "line 2 is missing"));
    assert_eq!(broken.whole_count, 1);
    Ok(())
}
