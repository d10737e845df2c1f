//! Attacks on access codes and claims.

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_types::Reason;
use freehold_wire::fault;
use reqwest::StatusCode;

use super::{Stage, told};
use crate::world::Engine;
use crate::world::claim::{PASSWORD, STEP_SECONDS, begin, request, sign_in};
use crate::world::visit::Visit;

#[tokio::test]
async fn g01_a_code_that_is_guessed_foreign_spent_expired_or_void_is_refused_alike() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let mut refusals = Vec::new();
    let mut refused = async |company: &str, code: &str| -> Result<()> {
        refusals.push(told(stage.redeem(company, code).await.expect_err("no code to come in with")));
        Ok(())
    };
    refused("acme", "0000-0000-0000-0000").await?;
    let code = stage.code().await?;
    refused("beta", &code).await?;
    let void = code;
    let code = stage.code().await?;
    refused("acme", &void).await?;
    crate::world::claim::complete(&stage.world.line, "acme", &code).await?;
    refused("acme", &code).await?;
    let old = stage.code().await?;
    stage.world.days_later(14);
    refused("acme", &old).await?;
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_of_two_who_complete_with_one_code_one_wins_on_postgresql() -> Result<()> {
    one_wins(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_of_two_who_complete_with_one_code_one_wins_on_sqlite() -> Result<()> {
    one_wins(Engine::Sqlite).await
}

async fn one_wins(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let (line, code) = (&stage.world.line, stage.code().await?);
    let (one, other) = (begin(line, "acme", &code).await?, begin(line, "acme", &code).await?);
    assert_ne!((&one.claim_token, &one.totp_secret), (&other.claim_token, &other.totp_secret));
    let (mut first, mut second) = (line.clients.anonymous(), line.clients.anonymous());
    let (one, other) = (request("acme", &one)?, request("acme", &other)?);
    let both = tokio::join!(first.auth.complete_claim(one), second.auth.complete_claim(other));
    let sessions: Vec<String> =
        [both.0, both.1].into_iter().flatten().map(|done| done.into_inner().session_token).collect();
    let [session] = sessions.as_slice() else { anyhow::bail!("{} came in with one code", sessions.len()) };
    assert!(stage.is_in(session).await);
    Ok(())
}

#[tokio::test]
async fn g05_a_claim_is_no_session_and_says_nothing_about_the_person() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let line = &stage.world.line;
    let begun = begin(line, "acme", &stage.code().await?).await?;
    assert!(!stage.is_in(&begun.claim_token).await);
    let (company_address, claim_token) = ("acme".to_owned(), begun.claim_token.clone());
    let mut anybody = line.clients.anonymous();
    let offered = anybody.auth.get_claim(auth::GetClaimRequest { company_address, claim_token }).await;
    let offered = format!("{:?}", offered.map_err(fault)?.into_inner());
    for known in [&stage.person.display_name, &stage.person.user_name, &stage.person.employee_number, &stage.person.id]
    {
        assert!(known.is_empty() || !offered.contains(known.as_str()), "{known} in {offered}");
    }
    // The pages lead back to the sign-in page, whatever is opened with the claim's cookie alone.
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    let choice = visit.redeem(&stage.code().await?).await?;
    assert_eq!((choice.status, choice.address.path()), (StatusCode::OK, "/acme/claim/enrol"));
    assert!(!choice.text.contains(&stage.person.display_name), "{}", choice.text);
    for path in ["", "/welcome", "/people", "/me"] {
        assert_eq!(visit.open(path).await?.address.path(), "/acme/sign-in", "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_claim_ends_after_a_quarter_of_an_hour_and_leaves_the_code_good() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let (line, code) = (&stage.world.line, stage.code().await?);
    let late = begin(line, "acme", &code).await?;
    let request = request("acme", &late)?;
    stage.world.clock.advance(TimeDelta::minutes(15));
    let refused = line.clients.anonymous().auth.complete_claim(request).await.expect_err("it took too long");
    assert_eq!(fault(refused).reason(), Reason::AccessCodeRefused);
    crate::world::claim::complete(line, "acme", &code).await?;
    Ok(())
}

#[tokio::test]
async fn a_choice_that_does_not_fit_is_told_and_spends_nothing() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let line = &stage.world.line;
    let begun = begin(line, "acme", &stage.code().await?).await?;
    let good = request("acme", &begun)?;
    let own_name = format!("{} {} 1999", stage.person.display_name, stage.person.employee_number);
    for (password, totp_code, wrong) in [
        ("password1234", good.totp_code.as_str(), vec!["password"]),
        (own_name.as_str(), good.totp_code.as_str(), vec!["password"]),
        (PASSWORD, "12345", vec!["totp_code"]),
        ("short", "", vec!["password", "totp_code"]),
    ] {
        let (password, totp_code) = (password.to_owned(), totp_code.to_owned());
        let request = auth::CompleteClaimRequest { password, totp_code, ..good.clone() };
        let refused = fault(line.clients.anonymous().auth.complete_claim(request).await.expect_err("it does not fit"));
        let fields: Vec<&str> = refused.violations().iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, wrong);
    }
    line.clients.anonymous().auth.complete_claim(good).await.map_err(fault)?;
    Ok(())
}

#[tokio::test]
async fn a_new_code_ends_what_was_before_when_it_is_completed_and_not_earlier() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let line = &stage.world.line;
    let old = stage.complete().await?;
    let begun = begin(line, "acme", &stage.code().await?).await?;
    assert!(stage.is_in(&old.session_token).await, "nothing has changed yet");
    let new = line.clients.anonymous().auth.complete_claim(request("acme", &begun)?).await.map_err(fault)?.into_inner();
    assert!(!stage.is_in(&old.session_token).await, "a stolen phone stays in");
    assert!(stage.is_in(&new.session_token).await);
    let next = stage.now() + STEP_SECONDS;
    let name = &stage.person.user_name;
    sign_in(line, "acme", name, &old.totp_secret, next).await.expect_err("the old app opens nothing");
    stage.seconds_later(1);
    let entered = sign_in(line, "acme", name, &begun.totp_secret, next).await?;
    ensure!(stage.is_in(&entered).await);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_link_opens_nothing_outside_of_the_demo() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let code = stage.code().await?;
    let link = auth::OpenSignInLinkRequest { company_address: "acme".to_owned(), code: code.clone() };
    let refused = stage.world.line.clients.anonymous().auth.open_sign_in_link(link).await.expect_err("it is off");
    let wrong = stage.redeem("acme", "0000-0000-0000-0000").await.expect_err("no such code");
    assert_eq!(told(refused), told(wrong));
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    let page = visit.open(&format!("/claim?code={code}")).await?;
    assert!(page.text.contains(&code), "the code stands in the form");
    assert_eq!(visit.open("/me").await?.address.path(), "/acme/sign-in");
    Ok(())
}
