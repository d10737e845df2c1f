//! Devices that several people use, and the others that one person uses.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_wire::fault;
use reqwest::header::SET_COOKIE;

use super::Stage;
use crate::world::Engine;
use crate::world::visit::Visit;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_shared_device_ends_after_ten_minutes_without_use_on_postgresql() -> Result<()> {
    a_shared_device(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_shared_device_ends_after_ten_minutes_without_use_on_sqlite() -> Result<()> {
    a_shared_device(Engine::Sqlite).await
}

async fn a_shared_device(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let terminal = Visit::new(&stage.world.public_url, "acme")?;
    terminal.send("/shared-device", &[("shared", "yes")]).await?;
    let (feed, key) = terminal.sign_in_with_code(&stage.code().await?, stage.now()).await?;
    assert!(feed.text.contains("action=\"/acme/sign-out\""), "the way out is on every page: {}", feed.text);
    let me = terminal.open("/me").await?;
    assert!(me.text.contains("Shared device"), "{}", me.text);

    stage.world.clock.advance(TimeDelta::minutes(9));
    assert!(terminal.open("/me").await?.address.path().ends_with("/me"));
    stage.world.clock.advance(TimeDelta::minutes(11));
    assert!(terminal.open("/me").await?.address.path().ends_with("/sign-in"), "ten minutes without use are over");

    // Used all the time, it lasts an hour.
    let name = &stage.person.user_name;
    let answer = terminal.password(name, &key, stage.now()).await?;
    let kept = answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let session = kept.into_iter().find(|cookie| cookie.starts_with("fh-acme=")).context("a session")?;
    assert!(!session.contains("Max-Age"), "it goes with the browser: {session}");
    for _ in 0..6 {
        stage.world.clock.advance(TimeDelta::seconds(9 * 60 + 55));
        assert!(terminal.open("/me").await?.address.path().ends_with("/me"));
    }
    stage.world.clock.advance(TimeDelta::minutes(1));
    assert!(terminal.open("/me").await?.address.path().ends_with("/sign-in"), "an hour is over");

    // Somebody's own again.
    terminal.send("/shared-device", &[("shared", "no")]).await?;
    terminal.sign_in_with_password(name, &key, stage.now()).await?;
    stage.world.clock.advance(TimeDelta::hours(11));
    assert!(terminal.open("/me").await?.address.path().ends_with("/me"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_all_other_sessions_of_their_own_and_nobody_elses() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let own = Visit::new(&stage.world.public_url, "acme")?;
    let (_feed, key) = own.sign_in_with_code(&stage.code().await?, stage.now()).await?;
    stage.seconds_later(60);
    let lost = Visit::new(&stage.world.public_url, "acme")?;
    lost.sign_in_with_password(&stage.person.user_name, &key, stage.now()).await?;
    let boss = super::letter::administrator(&stage).await?;

    let me = own.send("/me/sessions/end-others", &[]).await?;
    assert!(me.address.path().ends_with("/me") && !me.text.contains("/me/sessions/end-others"), "{}", me.text);
    assert!(lost.open("/me").await?.address.path().ends_with("/sign-in"));
    assert!(boss.open("/me").await?.address.path().ends_with("/me"), "somebody else's session is theirs");

    let mut again = stage.world.line.person("acme", &stage.person.id).await?;
    let ended = again.auth.end_other_sessions(auth::EndOtherSessionsRequest {}).await.map_err(fault)?.into_inner();
    assert_eq!(ended.ended_count, 0, "a new claim has ended them all before");
    Ok(())
}
