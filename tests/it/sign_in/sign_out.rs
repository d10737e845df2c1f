//! Sessions that end where they came from: people sign out of the IdP, and the IdP says so (attack list, group D).

use anyhow::{Context, Result};
use freehold_proto::auth::v1 as auth;
use freehold_tests::http::visitor;
use freehold_tests::idp::{CLIENT_ID, Idp};
use freehold_types::{Clock, Reason, SystemClock};
use freehold_wire::fault;
use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Value, json};

use super::stage::{SECOND, Stage, brought_back};
use crate::world::visit::Visit;
use crate::world::{Engine, manifest};

pub(super) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_the_idp_ends_every_session_that_came_from_there_on_postgresql() -> Result<()> {
    signing_out_at_the_idp(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_the_idp_ends_every_session_that_came_from_there_on_sqlite() -> Result<()> {
    signing_out_at_the_idp(Engine::Sqlite).await
}

async fn signing_out_at_the_idp(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let declared = stage.world.line.inside("acme").await?.auth.list_connections(auth::ListConnectionsRequest {}).await;
    let declared = declared.map_err(fault)?.into_inner().connections;
    let connection = declared.iter().find(|one| one.redirect_uri.ends_with("/sso/sso/callback")).context("declared")?;
    stage.acme.allow_logout(&connection.backchannel_logout_uri, &connection.post_logout_redirect_uri)?;
    // One browser, twice in; and another.
    let (browser, other) = (visitor()?, visitor()?);
    let first = session(&stage, &browser).await?;
    let second = session(&stage, &browser).await?;
    let elsewhere = session(&stage, &other).await?;
    assert_eq!(are_open(&stage, &[&first, &second, &elsewhere]).await?, [true, true, true]);

    let caller = stage.world.line.authenticate("acme", &first).await.map_err(fault)?.caller_token;
    let mut anna = stage.world.line.clients.bearer(&caller)?;
    let ended = anna.auth.end_session(auth::EndSessionRequest::default()).await.map_err(fault)?.into_inner();
    assert_eq!(are_open(&stage, &[&first, &second, &elsewhere]).await?, [false, true, true]);
    let back = stage.acme.sign_out(&browser, &ended.idp_sign_out_url).await?;
    assert_eq!(back, connection.post_logout_redirect_uri);
    // It has told us before it sent the browser back.
    assert_eq!(are_open(&stage, &[&first, &second, &elsewhere]).await?, [false, false, true]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_is_shown_the_way_out_of_the_idp() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let address = |path: &str| format!("{}/acme{path}", stage.world.public_url);
    stage.acme.allow_logout(&address("/sso/sso/backchannel-logout"), &address("/sign-in"))?;
    let anna = Visit::new(&stage.world.public_url, "acme")?;
    assert_eq!(anna.sign_in_at(&stage.acme, "anna").await?.status, StatusCode::OK);
    let page = anna.send("/sign-out", &[]).await?;
    assert_eq!((page.status, page.address.path()), (StatusCode::OK, "/acme/sign-out"));
    let link = page.text.split("href=\"").find(|rest| rest.starts_with(stage.acme.issuer())).context("a way out")?;
    let link = link.split('"').next().unwrap_or_default().replace("&amp;", "&");
    assert_eq!(anna.sign_out_at(&stage.acme, &link).await?, address("/sign-in"));
    assert!(anna.open("").await?.address.path().ends_with("/sign-in"));
    // The IdP has forgotten her, too: she is asked again who she is.
    let begun = anna.begin("", &[]).await?;
    assert!(anna.at_idp(&stage.acme, &begun, "ben").await?.contains("code="));

    // Who came with a code is just out.
    let people = stage.world.line.people("acme").await?;
    let ben = people.iter().find(|person| person.user_name == "ben").context("ben")?;
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    let code = stage.world.line.access_code("acme", &ben.id).await?;
    visit.sign_in_with_code(&code, stage.world.clock.now().timestamp()).await?;
    assert_eq!(visit.send("/sign-out", &[]).await?.address.path(), "/acme/sign-in");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d01_to_d10_logout_tokens_end_what_they_name_and_nothing_else() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let (sso, bad, good) = (manifest::CONNECTION, StatusCode::BAD_REQUEST, StatusCode::OK);
    let annas = enter(&stage, "acme", sso, &stage.acme, "anna").await?;
    let bens = enter(&stage, "acme", SECOND, &stage.beta, "ben").await?;
    let bea = enter(&stage, "beta", sso, &stage.beta, "bea").await?;
    let all = [("acme", annas.as_str()), ("acme", &bens), ("beta", &bea)];
    let anna = json!({ "sub": "subject-of-anna" });

    // Everything that is wrong with it, at the right place.
    let typed = json!({ "typ": "logout+jwt" });
    for (header, change) in [
        (&json!({ "typ": "at+jwt" }), json!({})),
        (&json!({ "kid": "absent" }), json!({})),
        (&typed, json!({ "nonce": "n" })),
        (&typed, json!({ "events": null })),
        (&typed, json!({ "events": { EVENT: true } })),
        (&typed, json!({ "events": { "another": {} } })),
        (&typed, json!({ "jti": null })),
        (&typed, json!({ "exp": null })),
        (&typed, json!({ "exp": SystemClock.now().timestamp() + 86_400 })),
        (&typed, json!({ "aud": "another" })),
        (&typed, json!({ "iss": stage.beta.issuer() })),
        (&typed, json!({ "sub": null })),
    ] {
        let token = token(&stage.acme, header, "t-1", &[&anna, &change])?;
        assert_eq!(post(&stage, "acme", sso, &token).await?, bad, "{header} {change}");
    }
    assert_eq!(still_in(&stage, &all).await?, [true, true, true]);

    // At another company's place, at another connection's, and at none.
    let right = token(&stage.acme, &typed, "t-1", &[&anna])?;
    for (company, connection) in [("beta", sso), ("acme", SECOND), ("acme", "absent"), ("absent", sso)] {
        assert_eq!(post(&stage, company, connection, &right).await?, bad, "{company} {connection}");
    }
    assert_eq!(still_in(&stage, &all).await?, [true, true, true]);

    // The IdP of `beta` is also the second one of `acme`: the place decides which company is meant.
    let ben = token(&stage.beta, &typed, "t-1", &[&anna])?;
    assert_eq!(post(&stage, "beta", sso, &ben).await?, good);
    assert_eq!(still_in(&stage, &all).await?, [true, true, true]);
    assert_eq!(post(&stage, "acme", SECOND, &ben).await?, good);
    assert_eq!(still_in(&stage, &all).await?, [true, false, true]);

    assert_eq!(post(&stage, "acme", sso, &right).await?, good);
    assert_eq!(still_in(&stage, &all).await?, [false, false, true]);
    assert_eq!(post(&stage, "acme", sso, &right).await?, bad, "it was here before");
    let again = enter(&stage, "acme", sso, &stage.acme, "anna").await?;
    assert_eq!(post(&stage, "acme", sso, &right).await?, bad);
    assert_eq!(still_in(&stage, &[("acme", &again)]).await?, [true]);
    Ok(())
}

/// Anna's session through this browser.
async fn session(stage: &Stage, browser: &reqwest::Client) -> Result<String> {
    let begun = stage.begin("acme", manifest::CONNECTION).await.map_err(fault)?;
    let back = stage.acme.sign_in(browser, &begun.authorization_url, "anna").await?;
    let back = brought_back("acme", manifest::CONNECTION, &begun.browser_token, &back)?;
    Ok(stage.finish(&back).await.map_err(fault)?.session_token)
}

pub(super) async fn enter(stage: &Stage, company: &str, connection: &str, idp: &Idp, name: &str) -> Result<String> {
    let attempt = stage.attempt(company, connection, idp, name).await?;
    Ok(stage.finish(&attempt.back).await.map_err(fault)?.session_token)
}

pub(super) async fn are_open(stage: &Stage, sessions: &[&String]) -> Result<Vec<bool>> {
    let sessions: Vec<(&str, &str)> = sessions.iter().map(|session| ("acme", session.as_str())).collect();
    still_in(stage, &sessions).await
}

async fn still_in(stage: &Stage, sessions: &[(&str, &str)]) -> Result<Vec<bool>> {
    let mut open = Vec::new();
    for (company, session) in sessions {
        open.push(match stage.world.line.authenticate(company, session).await.map_err(fault) {
            Ok(_) => true,
            Err(refused) => {
                assert_eq!(refused.reason(), Reason::SignInNeeded);
                false
            }
        });
    }
    Ok(open)
}

/// A logout token with these claims changed; null leaves one out.
pub(super) fn token(idp: &Idp, header: &Value, id: &str, changes: &[&Value]) -> Result<String> {
    let now = SystemClock.now().timestamp();
    let mut claims = json!({ "iss": idp.issuer(), "aud": CLIENT_ID, "jti": id, "iat": now, "exp": now + 120,
        "events": { EVENT: {} } });
    let claims = claims.as_object_mut().context("claims are an object")?;
    for change in changes {
        claims.extend(change.as_object().context("a change is an object")?.clone());
    }
    claims.retain(|_name, value| !value.is_null());
    idp.mint(header, &Value::Object(claims.clone()))
}

/// Posts a logout token as an IdP does; what it is answered.
pub(super) async fn post(stage: &Stage, company: &str, connection: &str, token: &str) -> Result<StatusCode> {
    stage.world.clock.set(SystemClock.now());
    let address = format!("{}/{company}/sso/{connection}/backchannel-logout", stage.world.public_url);
    let request = visitor()?.post(address).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = request.body(format!("logout_token={token}")).send().await?;
    assert_eq!(answer.headers().get(CACHE_CONTROL).context("a header")?, "no-store");
    Ok(answer.status())
}
