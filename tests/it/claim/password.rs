//! Attacks on the way in with a password and an authenticator app.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use freehold_proto::auth::v1::SignInPolicy;
use freehold_tests::authenticator::digits;
use freehold_types::Reason;
use freehold_wire::fault;
use tonic::Status;

use super::{Stage, told};
use crate::world::claim::{PASSWORD, STEP_SECONDS, sign_in};
use crate::world::visit::Visit;
use crate::world::{Engine, manifest};

/// Tries of one kind whose times are compared.
const ROUNDS: usize = 9;

#[tokio::test]
async fn by_user_name_or_employee_number_in_any_case() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let key = stage.complete().await?.totp_secret;
    let (user_name, number) = (stage.person.user_name.to_uppercase(), stage.person.employee_number.clone());
    for name in [user_name, format!(" {number} ")].iter().filter(|name| !name.trim().is_empty()) {
        stage.seconds_later(STEP_SECONDS);
        let session = sign_in(&stage.world.line, "acme", name, &key, stage.now()).await?;
        assert!(stage.is_in(&session).await);
    }
    stage.seconds_later(STEP_SECONDS);
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    let page = visit.sign_in_with_password(&stage.person.user_name, &key, stage.now()).await?;
    assert_eq!(page.address.path(), "/acme", "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn g03_digits_are_good_once_and_never_again_on_postgresql() -> Result<()> {
    digits_are_good_once(Engine::Postgres).await
}

#[tokio::test]
async fn g03_digits_are_good_once_and_never_again_on_sqlite() -> Result<()> {
    digits_are_good_once(Engine::Sqlite).await
}

async fn digits_are_good_once(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let key = stage.complete().await?.totp_secret;
    let (line, name) = (&stage.world.line, &stage.person.user_name);
    sign_in(line, "acme", name, &key, stage.now()).await.expect_err("the claim has used these");
    stage.seconds_later(STEP_SECONDS);
    // Two devices show the same digits at the same moment.
    let now = stage.now();
    let both = tokio::join!(sign_in(line, "acme", name, &key, now), sign_in(line, "acme", name, &key, now));
    assert_eq!([&both.0, &both.1].iter().filter(|session| session.is_ok()).count(), 1, "{both:?}");
    stage.seconds_later(1);
    sign_in(line, "acme", name, &key, now).await.expect_err("a second later, from another device");
    stage.seconds_later(1);
    sign_in(line, "acme", name, &key, now - STEP_SECONDS).await.expect_err("earlier ones are over, too");
    stage.seconds_later(STEP_SECONDS);
    sign_in(line, "acme", name, &key, stage.now()).await?;
    Ok(())
}

#[tokio::test]
async fn g04_five_tries_at_the_digits_of_one_step() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let key = stage.complete().await?.totp_secret;
    stage.seconds_later(STEP_SECONDS);
    let (name, now) = (&stage.person.user_name, stage.now());
    let wrong = if digits(&key, now)? == "123456" { "654321" } else { "123456" };
    for _ in 0..5 {
        stage.sign_in(name, PASSWORD, wrong).await.expect_err("a guess");
        stage.seconds_later(3);
    }
    let right = digits(&key, now)?;
    stage.sign_in(name, PASSWORD, &right).await.expect_err("the sixth try, however right it is");
    stage.seconds_later(STEP_SECONDS);
    stage.sign_in(name, PASSWORD, &digits(&key, stage.now())?).await?;
    Ok(())
}

#[tokio::test]
async fn g13_what_is_wrong_is_told_neither_by_words_nor_by_time() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let key = stage.complete().await?.totp_secret;
    let known = stage.person.user_name.clone();
    let mut refusals = Vec::new();
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // No digits of an earlier step, and nobody has to wait.
        stage.seconds_later(STEP_SECONDS);
        let right = digits(&key, stage.now())?;
        let begun = Instant::now();
        refusals.push(told(stage.sign_in(&known, "the oven hums at five", &right).await.expect_err("wrong password")));
        of_known.push(begun.elapsed());
        let begun = Instant::now();
        let stranger = format!("nobody-{round}");
        refusals.push(told(stage.sign_in(&stranger, PASSWORD, &right).await.expect_err("unknown name")));
        of_unknown.push(begun.elapsed());
    }
    stage.seconds_later(STEP_SECONDS);
    refusals.push(told(stage.sign_in(&known, PASSWORD, "12 34").await.expect_err("wrong digits")));
    refusals.push(told(stage.sign_in(&"x".repeat(5_000), PASSWORD, "123456").await.expect_err("no name")));
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:#?}");
    let (known, unknown) = (median(of_known)?, median(of_unknown)?);
    assert!(known < unknown * 2 && unknown < known * 2, "known {known:?}, unknown {unknown:?}");
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Result<Duration> {
    times.sort();
    times.get(times.len() / 2).copied().context("something was measured")
}

#[tokio::test]
async fn g14_wrong_passwords_of_others_keep_nobody_out_for_good() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let completed = stage.complete().await?;
    let name = &stage.person.user_name;
    let mut waits = Vec::new();
    for _ in 0..30 {
        stage.sign_in(name, "the oven hums at five", "000000").await.expect_err("a stranger");
        let refused = stage.sign_in(name, "the oven hums at five", "000000").await.expect_err("at once again");
        waits.push(wait(refused)?);
        stage.world.clock.advance(chrono::TimeDelta::from_std(*waits.last().context("a wait")?)?);
    }
    assert_eq!((waits.first(), waits.last()), (Some(&Duration::from_secs(1)), Some(&Duration::from_secs(10))));
    assert!(stage.is_in(&completed.session_token).await, "who is in stays in");
    sign_in(&stage.world.line, "acme", name, &completed.totp_secret, stage.now()).await?;
    // The waiting of a name that nobody has is the same.
    stage.sign_in("nobody", PASSWORD, "000000").await.expect_err("a stranger");
    assert_eq!(wait(stage.sign_in("nobody", PASSWORD, "000000").await.expect_err("at once again"))?, waits[0]);
    Ok(())
}

fn wait(refused: Status) -> Result<Duration> {
    let fault = fault(refused);
    assert_eq!(fault.reason(), Reason::TooManyTries);
    fault.retry().context("it says how long to wait")
}

#[tokio::test]
async fn g15_where_the_idp_alone_lets_people_in_passwords_and_codes_do_not() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let line = &stage.world.line;
    let key = stage.complete().await?.totp_secret;
    let code = stage.code().await?;
    let unknown = told(stage.sign_in("nobody", PASSWORD, "000000").await.expect_err("a stranger"));
    let mut acme = manifest::company_of_file("acme", &stage.world.place, &[])?;
    acme.sign_in = Some(SignInPolicy { access_codes: false, ..Default::default() });
    line.declare(acme).await?;
    stage.seconds_later(STEP_SECONDS);
    let refused = sign_in(line, "acme", &stage.person.user_name, &key, stage.now()).await.expect_err("it is off");
    assert_eq!(told(refused), unknown);
    stage.redeem("acme", &code).await.expect_err("it is off");
    Ok(())
}
