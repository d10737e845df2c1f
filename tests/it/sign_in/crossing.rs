//! What belongs to one company, brought to another: in every combination it is refused, and each company's audit log says
//! what was tried at its own door.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1::GetPersonRequest;
use freehold_tests::http::visitor;
use freehold_types::{Kind, Reason};
use freehold_wire::fault;
use reqwest::StatusCode;
use reqwest::header::{COOKIE, LOCATION};
use serde_json::json;

use super::sign_out::{enter, post, token};
use super::stage::Stage;
use crate::audit::{detail, log};
use crate::world::claim;
use crate::world::{Engine, manifest};

/// What a browser comes back with besides the place: cookie, state, code, issuer.
const PARTS: u32 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_one_company_opens_nothing_at_another_on_postgresql() -> Result<()> {
    what_belongs_to_one_company_opens_nothing_at_another(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_one_company_opens_nothing_at_another_on_sqlite() -> Result<()> {
    what_belongs_to_one_company_opens_nothing_at_another(Engine::Sqlite).await
}

async fn what_belongs_to_one_company_opens_nothing_at_another(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let quiet = [refusals(&stage, "acme").await?, refusals(&stage, "beta").await?];
    assert_eq!(quiet, [BTreeSet::new(), BTreeSet::new()]);
    // First, because whoever once came through an IdP has no other way in.
    codes_stay_home(&stage).await?;
    returns_are_not_mixed(&stage).await?;
    sessions_and_tokens_stay_home(&stage).await?;

    let expected = ["attempt_missing", "code_refused", "issuer_other", "state_wrong", "logout_token_signature"];
    let of_codes = ["access_code_unknown"];
    for company in ["acme", "beta"] {
        let told = refusals(&stage, company).await?;
        let wanted: BTreeSet<String> = expected.iter().chain(&of_codes).map(|reason| (*reason).to_owned()).collect();
        assert_eq!(told, wanted, "{company} is told what was tried at its own door");
    }
    each_log_speaks_of_its_own_people(&stage).await
}

/// Every mixture of two honest sign-ins, one at each company, at either company's place.
async fn returns_are_not_mixed(stage: &Stage) -> Result<()> {
    for place in ["acme", "beta"] {
        for mixture in 0..2_u32.pow(PARTS) {
            let of_acme = stage.attempt("acme", manifest::CONNECTION, &stage.acme, "anna").await?.back;
            let of_beta = stage.attempt("beta", manifest::CONNECTION, &stage.beta, "bea").await?.back;
            let (own, foreign) = if place == "acme" { (of_acme, of_beta) } else { (of_beta, of_acme) };
            let pick = |part: u32, own: &str, foreign: &str| {
                if mixture >> part & 1 == 0 { own.to_owned() } else { foreign.to_owned() }
            };
            let mixed = auth::FinishSignInRequest {
                browser_token: pick(0, &own.browser_token, &foreign.browser_token),
                state: pick(1, &own.state, &foreign.state),
                code: pick(2, &own.code, &foreign.code),
                issuer: pick(3, &own.issuer, &foreign.issuer),
                ..own.clone()
            };
            let only_the_code = mixture == 0b0100;
            if mixture == 0 {
                stage.finish(&mixed).await.map_err(fault)?;
            } else {
                stage.refuses(&mixed, u64::from(only_the_code)).await?;
            }
        }
    }
    Ok(())
}

/// Session tokens, cookies, caller tokens and logout tokens.
async fn sessions_and_tokens_stay_home(stage: &Stage) -> Result<()> {
    let (sso, line) = (manifest::CONNECTION, &stage.world.line);
    let annas = enter(stage, "acme", sso, &stage.acme, "anna").await?;
    let beas = enter(stage, "beta", sso, &stage.beta, "bea").await?;
    for (home, session, other, account) in [("acme", &annas, "beta", "bea"), ("beta", &beas, "acme", "anna")] {
        let refused = line.authenticate(other, session).await.expect_err("a session of another company");
        assert_eq!(fault(refused).reason(), Reason::SignInNeeded);
        for cookie in [format!("fh-{other}={session}"), format!("fh-{home}={session}")] {
            let page = visitor()?.get(format!("{}/{other}", stage.world.public_url)).header(COOKIE, &cookie);
            let answer = page.send().await?;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).context("a way in")?;
            assert!(to.starts_with(&format!("/{other}/sign-in")), "{cookie}");
        }
        let caller_token = line.authenticate(home, session).await.map_err(fault)?.caller_token;
        let foreign = line.people(other).await?.into_iter().find(|person| person.user_name == account);
        let request = GetPersonRequest { id: foreign.map(|person| person.id).unwrap_or_default() };
        let mut caller = line.clients.bearer(&caller_token)?;
        let refused = caller.directory.get_person(request).await.expect_err("a person of another company");
        assert_eq!(fault(refused).kind(), Kind::NotFound);
    }
    let typed = json!({ "typ": "logout+jwt" });
    for (idp, subject, other) in [(&stage.acme, "anna", "beta"), (&stage.beta, "bea", "acme")] {
        let said = token(idp, &typed, "crossing", &[&json!({ "sub": subject })])?;
        assert_eq!(post(stage, other, sso, &said).await?, StatusCode::BAD_REQUEST);
    }
    line.authenticate("acme", &annas).await.map_err(fault)?;
    line.authenticate("beta", &beas).await.map_err(fault)?;
    Ok(())
}

/// Access codes, and claims under way.
async fn codes_stay_home(stage: &Stage) -> Result<()> {
    let line = &stage.world.line;
    for (home, account, other) in [("acme", "ben", "beta"), ("beta", "bea", "acme")] {
        let person = line.people(home).await?.into_iter().find(|person| person.user_name == account);
        let code = line.access_code(home, &person.map(|person| person.id).unwrap_or_default()).await?;
        let request = auth::RedeemAccessCodeRequest { company_address: other.to_owned(), code: code.clone() };
        let refused = line.clients.anonymous().auth.redeem_access_code(request).await.expect_err("a foreign code");
        assert_eq!(fault(refused).reason(), Reason::AccessCodeRefused);
        let begun = claim::begin(line, home, &code).await?;
        let request = claim::request(other, &begun)?;
        line.clients.anonymous().auth.complete_claim(request).await.expect_err("a foreign claim");
    }
    Ok(())
}

/// Why sign-ins were refused at a company.
async fn refusals(stage: &Stage, company: &str) -> Result<BTreeSet<String>> {
    let events = log(&stage.world, company).await?;
    let refused = events.iter().filter(|event| event.event.ends_with("_refused"));
    Ok(refused.map(|event| detail(event, "reason").to_owned()).collect())
}

async fn each_log_speaks_of_its_own_people(stage: &Stage) -> Result<()> {
    for (company, other) in [("acme", "beta"), ("beta", "acme")] {
        let text = format!("{:?}", log(&stage.world, company).await?);
        for person in stage.world.line.people(other).await? {
            assert!(!text.contains(&person.id), "{company} is told of {}", person.user_name);
        }
        let foreign = if company == "acme" { stage.beta.issuer() } else { stage.acme.issuer() };
        assert!(!text.contains(foreign) && !text.contains(other), "{company} is told of {other}");
    }
    Ok(())
}
