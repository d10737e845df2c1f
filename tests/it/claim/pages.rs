//! What the pages of the ways in send and keep, and how often they let somebody try.

use anyhow::{Context, Result};
use freehold_tests::http::visitor;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, RETRY_AFTER, SET_COOKIE};
use reqwest::{Response, StatusCode};

use super::Stage;
use crate::world::claim::STEP_SECONDS;
use crate::world::visit::Visit;
use crate::world::{Engine, World};

/// Wrong tries that one place has at once.
const TRIES_AT_ONCE: usize = 100;

fn session_cookie(answer: &Response) -> Option<String> {
    let mut cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let session = cookies.find_map(|cookie| cookie.strip_prefix("fh-acme="))?;
    session.split(';').next().map(str::to_owned)
}

async fn post(world: &World, path: &str, headers: &[(&str, &str)], form: &str) -> Result<Response> {
    let mut request = visitor()?
        .post(format!("{}/acme{path}", world.public_url))
        .header(ORIGIN, &world.public_url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Ok(request.send().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f07_f08_a_new_session_by_303_and_its_token_in_the_cookie_alone() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    let (feed, key) = visit.sign_in_with_code(&stage.code().await?, stage.now()).await?;
    stage.seconds_later(STEP_SECONDS);
    let answer = visit.password(&stage.person.user_name, &key, stage.now()).await?;
    let first = session_cookie(&answer).context("a session")?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "f07: nothing that was typed is sent on");
    assert_eq!(answer.headers().get(LOCATION).context("a place")?, "/acme", "f08");
    assert!(answer.text().await?.is_empty(), "f08");
    for page in [feed, visit.open("/me").await?, visit.open("").await?] {
        assert!(!page.text.contains(&first) && !page.address.as_str().contains(&first), "f08: {}", page.address);
        assert!(!page.text.contains("localStorage") && !page.text.contains("sessionStorage"), "f08");
    }

    // Somebody put a session of their own, or of nobody, into this browser before its owner signs in.
    for planted in [first.as_str(), "planted-by-somebody-else-0000000000000000000"] {
        stage.seconds_later(STEP_SECONDS);
        let digits = freehold_tests::authenticator::digits(&key, stage.now())?;
        let form = format!(
            "sign_in_name={}&password={}&totp_code={digits}",
            stage.person.user_name,
            crate::world::claim::PASSWORD.replace(' ', "+")
        );
        let cookie = format!("fh-acme={planted}");
        let answer = post(&stage.world, "/sign-in", &[(COOKIE.as_str(), &cookie)], &form).await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let session = session_cookie(&answer).context("f01: a session of its own")?;
        assert_ne!(session, planted, "f01");
        assert!(stage.is_in(&session).await);
    }
    assert!(!stage.is_in("planted-by-somebody-else-0000000000000000000").await, "f01");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_whoever_forges_where_they_come_from_waits_all_the_same() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let guess = "code=0000-0000-0000-0000";
    for number in 0..TRIES_AT_ONCE {
        let forged = format!("198.51.100.{}, 203.0.113.{}", number % 250, number / 2);
        let answer =
            post(&stage.world, "/claim", &[("x-forwarded-for", &forged), ("x-real-ip", &forged)], guess).await?;
        assert!(answer.headers().get(RETRY_AFTER).is_none_or(|wait| wait != "6"), "try {number}: {}", answer.status());
    }
    for (path, form) in [("/claim", guess), ("/sign-in", "sign_in_name=a&password=b&totp_code=1"), ("/passkey", "")] {
        let answer = post(&stage.world, path, &[("x-forwarded-for", "192.0.2.77")], form).await?;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert_eq!(answer.headers().get(RETRY_AFTER).context("how long to wait")?, "6", "{path}");
        assert!(answer.text().await?.contains("<h1>"), "a page says so");
    }
    // Pages can still be opened, and a while later everybody may try again.
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    assert_eq!(visit.open("/sign-in").await?.status, StatusCode::OK);
    stage.seconds_later(7);
    let (feed, _) = visit.sign_in_with_code(&stage.code().await?, stage.now()).await?;
    assert_eq!(feed.status, StatusCode::OK);
    Ok(())
}
