//! The way back from the IdP, walked by people whom nobody sent (attack list, group B).

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_tests::http::visitor;
use freehold_types::{Clock, Reason, SystemClock};
use freehold_wire::fault;
use reqwest::{StatusCode, Url};

use super::stage::{ANNA, BEN, SECOND, Stage, brought_back, person};
use crate::world::visit::Visit;
use crate::world::{Engine, manifest};

/// Requests that come at the same moment.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn b01_b03_to_b10_b14_b17_d13_what_comes_back_is_what_was_sent_out_or_it_is_refused() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let annas = stage.annas().await?;
    assert_eq!(stage.comes_in("acme", &annas.back).await?, "anna");
    b01_state(&stage).await?;
    b03_code_replay(&stage).await?;
    b04_code_injection(&stage).await?;
    b05_b06_issuer(&stage).await?;
    b07_b08_other_context(&stage).await?;
    b09_coat(&stage).await?;
    b10_corf(&stage).await?;
    b14_late(&stage).await?;
    b17_stripped_challenge(&stage).await?;
    d13_gone_between_start_and_return(&stage).await
}

/// An attempt is spent by the first return, however wrong; so each wrong one has an attempt of its own.
async fn b01_state(stage: &Stage) -> Result<()> {
    for change in ["", "another", "longer"] {
        let mut annas = stage.annas().await?;
        let right = annas.back.clone();
        annas.back.state = match change {
            "longer" => format!("{}x", right.state),
            _ => change.to_owned(),
        };
        stage.refuses(&annas.back, 0).await?;
        stage.refuses(&right, 0).await?;
    }
    Ok(())
}

async fn b03_code_replay(stage: &Stage) -> Result<()> {
    let annas = stage.annas().await?;
    stage.comes_in("acme", &annas.back).await?;
    stage.refuses(&annas.back, 0).await?;
    // In an attempt of the thief's own, the IdP knows that the code is used up.
    let thiefs = stage.annas().await?;
    stage.refuses(&auth::FinishSignInRequest { code: annas.back.code, ..thiefs.back }, 1).await
}

async fn b04_code_injection(stage: &Stage) -> Result<()> {
    let victims = stage.annas().await?;
    let thiefs = stage.attempt("acme", manifest::CONNECTION, &stage.acme, "ben").await?;
    stage.refuses(&auth::FinishSignInRequest { code: victims.back.code, ..thiefs.back }, 1).await
}

async fn b05_b06_issuer(stage: &Stage) -> Result<()> {
    let annas = stage.annas().await?;
    assert_eq!(annas.back.issuer, stage.acme.issuer());
    for issuer in [stage.beta.issuer(), "", "https://idp.acme.test", &format!("{}/", stage.acme.issuer())] {
        let annas = stage.annas().await?;
        stage.refuses(&auth::FinishSignInRequest { issuer: issuer.to_owned(), ..annas.back }, 0).await?;
    }
    Ok(())
}

/// Another company's place, and another connection's of the same company.
async fn b07_b08_other_context(stage: &Stage) -> Result<()> {
    let annas = stage.annas().await?;
    stage.refuses(&auth::FinishSignInRequest { company_address: "beta".to_owned(), ..annas.back.clone() }, 0).await?;
    // `beta` knows nothing of the attempt, so it is not used up.
    assert_eq!(stage.comes_in("acme", &annas.back).await?, "anna");
    for connection in [SECOND, "absent", ""] {
        let annas = stage.annas().await?;
        stage.refuses(&auth::FinishSignInRequest { connection_name: connection.to_owned(), ..annas.back }, 0).await?;
    }
    Ok(())
}

/// A dishonest IdP sends the browser on to an honest one, with the honest one's redirect URI.
async fn b09_coat(stage: &Stage) -> Result<()> {
    let begun = stage.begin("acme", SECOND).await.map_err(fault)?;
    let honest = stage.begin("acme", manifest::CONNECTION).await.map_err(fault)?;
    let crossed =
        with_parameters(&honest.authorization_url, &begun.authorization_url, &["state", "nonce", "code_challenge"])?;
    let back = stage.acme.sign_in(&visitor()?, &crossed, "anna").await?;
    let back = brought_back("acme", manifest::CONNECTION, &begun.browser_token, &back)?;
    assert!(!back.code.is_empty() && back.state == begun.state, "the honest IdP was led on");
    stage.refuses(&back, 0).await
}

/// A return whose only context is its address: nothing in the browser knows of it.
async fn b10_corf(stage: &Stage) -> Result<()> {
    let annas = stage.annas().await?;
    for browser_token in ["", "x", &annas.begun.state] {
        let forged = auth::FinishSignInRequest { browser_token: browser_token.to_owned(), ..annas.back.clone() };
        stage.refuses(&forged, 0).await?;
    }
    Ok(())
}

/// Who was gone for more than ten minutes is sent to the IdP once more, but not for ever.
async fn b14_late(stage: &Stage) -> Result<()> {
    let annas = stage.annas().await?;
    let before = stage.codes_sent()?;
    stage.world.clock.advance(TimeDelta::minutes(10));
    let late = stage.finish(&annas.back).await.map_err(fault)?;
    let again = late.begun_again.context("it begins once more")?;
    assert_eq!((late.session_token.as_str(), stage.codes_sent()? - before), ("", 0));
    stage.refuses(&annas.back, 0).await?;
    let back = stage.acme.sign_in(&visitor()?, &again.authorization_url, "anna").await?;
    let back = brought_back("acme", manifest::CONNECTION, &again.browser_token, &back)?;
    stage.world.clock.advance(TimeDelta::minutes(10));
    stage.refuses(&back, 0).await?;

    // Somebody else's state does not begin anything, however late.
    let annas = stage.annas().await?;
    stage.world.clock.advance(TimeDelta::minutes(10));
    stage.refuses(&auth::FinishSignInRequest { state: "another".to_owned(), ..annas.back }, 0).await
}

/// Without its challenge the request is refused by the IdP, and what comes back is an error.
async fn b17_stripped_challenge(stage: &Stage) -> Result<()> {
    let begun = stage.begin("acme", manifest::CONNECTION).await.map_err(fault)?;
    let mut stripped = Url::parse(&begun.authorization_url)?;
    let kept: Vec<(String, String)> =
        stripped.query_pairs().into_owned().filter(|(name, _)| !name.starts_with("code_challenge")).collect();
    stripped.query_pairs_mut().clear().extend_pairs(kept);
    let back = stage.acme.sign_in(&visitor()?, stripped.as_str(), "anna").await?;
    let back = brought_back("acme", manifest::CONNECTION, &begun.browser_token, &back)?;
    assert_eq!((back.error.as_str(), back.code.as_str()), ("invalid_request", ""));
    stage.refuses(&back, 0).await
}

async fn d13_gone_between_start_and_return(stage: &Stage) -> Result<()> {
    let bens = stage.attempt("acme", manifest::CONNECTION, &stage.acme, "ben").await?;
    stage.world.line.declare(stage.company_of(&[person("anna", ANNA)])?).await?;
    assert_eq!(stage.world.line.synced("acme").await?.deactivated_count, 1);
    stage.refuses(&bens.back, 1).await?;
    stage.world.line.declare(stage.company_of(&[person("anna", ANNA), person("ben", BEN)])?).await?;
    assert_eq!(stage.world.line.synced("acme").await?.returned_count, 1);
    Ok(())
}

/// `url` with these parameters as the other has them.
fn with_parameters(url: &str, other: &str, names: &[&str]) -> Result<String> {
    let other: HashMap<String, String> = Url::parse(other)?.query_pairs().into_owned().collect();
    let mut url = Url::parse(url)?;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut query = url.query_pairs_mut();
    query.clear();
    for (name, value) in pairs {
        let taken = if names.contains(&name.as_str()) { other.get(&name).context("both have it")? } else { &value };
        query.append_pair(&name, taken);
    }
    drop(query);
    Ok(url.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn b18_of_many_who_come_back_at_once_one_comes_in_on_postgresql() -> Result<()> {
    b18_of_many_who_come_back_at_once_one_comes_in(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b18_of_many_who_come_back_at_once_one_comes_in_on_sqlite() -> Result<()> {
    b18_of_many_who_come_back_at_once_one_comes_in(Engine::Sqlite).await
}

async fn b18_of_many_who_come_back_at_once_one_comes_in(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let annas = stage.annas().await?;
    let clients = stage.world.line.clients.clone();
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (back, mut anonymous) = (annas.back.clone(), clients.anonymous());
        crowd.spawn(async move { anonymous.auth.finish_sign_in(back).await });
    }
    let mut entered = Vec::new();
    for answer in crowd.join_all().await {
        match answer {
            Ok(done) => entered.push(done.into_inner().session_token),
            Err(status) => assert_eq!(fault(status).reason(), Reason::SignInRefused),
        }
    }
    let [session] = entered.as_slice() else { anyhow::bail!("{} came in", entered.len()) };
    assert_eq!(stage.codes_sent()?, 1);
    let answer = stage.world.line.authenticate("acme", session).await.map_err(fault)?;
    let mut anna = clients.bearer(&answer.caller_token)?;
    let sessions = anna.auth.list_sessions(auth::ListSessionsRequest::default()).await.map_err(fault)?.into_inner();
    assert_eq!(sessions.sessions.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn b02_b11_b12_b14_to_b16_browsers_are_not_led_astray() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    b02_b11_other_browser(&stage).await?;
    b12_error_with_a_text(&stage).await?;
    b14_back_too_late(&stage).await?;
    b15_two_tabs(&stage).await?;
    b16_landing(&stage).await
}

fn visit(stage: &Stage) -> Result<Visit> {
    Visit::new(&stage.world.public_url, "acme")
}

async fn is_out(visit: &Visit) -> Result<bool> {
    Ok(visit.open("").await?.address.path().ends_with("/sign-in"))
}

/// A browser finishes what it began, and nothing that a link brought it.
async fn b02_b11_other_browser(stage: &Stage) -> Result<()> {
    let (thief, victim) = (visit(stage)?, visit(stage)?);
    let thiefs = thief.at_idp(&stage.acme, &thief.begin("", &[]).await?, "ben").await?;
    let page = victim.come_back(&thiefs).await?;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    // Also when it has a sign-in of its own under way.
    victim.begin("", &[]).await?;
    assert_eq!(victim.come_back(&thiefs).await?.status, StatusCode::FORBIDDEN);
    assert!(is_out(&victim).await?);
    assert_eq!(thief.come_back(&thiefs).await?.status, StatusCode::OK, "it was the thief's own all along");

    let state = |url: &str| -> Result<String> {
        let url = Url::parse(url)?;
        Ok(url.query_pairs().find(|(name, _)| name == "state").context("a state")?.1.into_owned())
    };
    let planted = "planted-planted-planted-planted-planted-pla";
    let query = format!("?auth_session_id={planted}&state={planted}&browser_token={planted}&code_verifier={planted}");
    let begun = victim.begin(&query, &[]).await?;
    assert!(!begun.contains(planted) && !state(&begun)?.is_empty(), "{begun}");
    let by_link = victim.come_back(&format!("{}/acme/sso/{}", stage.world.public_url, manifest::CONNECTION)).await?;
    assert_eq!(by_link.status, StatusCode::METHOD_NOT_ALLOWED, "a link begins nothing");
    Ok(())
}

/// What an IdP says of its refusal is not shown, and the sign-in is over.
async fn b12_error_with_a_text(stage: &Stage) -> Result<()> {
    let browser = visit(stage)?;
    let back = browser.at_idp(&stage.acme, &browser.begin("", &[]).await?, "anna").await?;
    let back = Url::parse(&back)?;
    let mut refused = back.clone();
    let pairs: Vec<(String, String)> = back.query_pairs().into_owned().filter(|(name, _)| name != "code").collect();
    let planted = "<script>alert('planted')</script>";
    refused.query_pairs_mut().clear().extend_pairs(pairs).extend_pairs([
        ("error", "access_denied"),
        ("error_description", planted),
        ("error_uri", "https://planted.test"),
    ]);
    let page = browser.come_back(refused.as_str()).await?;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.text.contains("planted"), "{}", page.text);
    assert!(page.text.contains(&format!("/acme/sso/{}", manifest::CONNECTION)), "one may try again");
    assert_eq!(browser.come_back(back.as_str()).await?.status, StatusCode::FORBIDDEN);
    assert!(is_out(&browser).await?);
    Ok(())
}

/// The person notices nothing: the IdP knows them, and they land where they wanted to.
async fn b14_back_too_late(stage: &Stage) -> Result<()> {
    let browser = visit(stage)?;
    let back = browser.at_idp(&stage.acme, &browser.begin("", &[("to", "/acme/me")]).await?, "anna").await?;
    stage.world.clock.advance(TimeDelta::minutes(11));
    let to_idp = browser.sent_on(&back).await?;
    stage.world.clock.set(SystemClock.now());
    let page = browser.come_back(&to_idp).await?;
    assert_eq!((page.status, page.address.path()), (StatusCode::OK, "/acme/me"));
    Ok(())
}

async fn b15_two_tabs(stage: &Stage) -> Result<()> {
    let browser = visit(stage)?;
    let (one, other) = (browser.begin("", &[]).await?, browser.begin("", &[]).await?);
    let (one, other) =
        (browser.at_idp(&stage.acme, &one, "anna").await?, browser.at_idp(&stage.acme, &other, "anna").await?);
    for tab in [one, other] {
        let page = browser.come_back(&tab).await?;
        assert_eq!((page.status, page.address.path()), (StatusCode::OK, "/acme"));
    }
    Ok(())
}

async fn b16_landing(stage: &Stage) -> Result<()> {
    let places = [
        ("/acme/me", "/acme/me"),
        ("//evil.test", "/acme"),
        ("https:evil.test", "/acme"),
        ("/\\evil.test", "/acme"),
        ("%2f%2fevil.test", "/acme"),
        ("javascript:alert(1)", "/acme"),
        ("/acme\r\nSet-Cookie: a=b", "/acme"),
        ("/beta", "/acme"),
    ];
    for (wanted, landed) in places {
        let browser = visit(stage)?;
        let begun = browser.begin("", &[("to", wanted)]).await?;
        let page = browser.come_back(&browser.at_idp(&stage.acme, &begun, "anna").await?).await?;
        assert_eq!(page.address.path(), landed, "{wanted:?}");
        assert!(page.address.as_str().starts_with(&stage.world.public_url), "{wanted:?}: {}", page.address);
    }
    Ok(())
}
