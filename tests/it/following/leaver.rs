//! Somebody is disabled in a real directory while a stream and a page are open.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use freehold_proto::content::v1::ListFeedRequest;
use freehold_types::Reason;
use freehold_wire::fault;
use reqwest::StatusCode;
use tonic::Code;

use super::Followed;
use crate::live::{Ear, WebEar, twice};
use crate::world::Engine;

/// What D12 allows.
const GONE_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn d12_a_leavers_streams_and_page_and_caller_token_end_on_postgresql() -> Result<()> {
    d12_a_leavers_streams_and_page_and_caller_token_end(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn d12_a_leavers_streams_and_page_and_caller_token_end_on_sqlite() -> Result<()> {
    d12_a_leavers_streams_and_page_and_caller_token_end(Engine::Sqlite).await
}

async fn d12_a_leavers_streams_and_page_and_caller_token_end(engine: Engine) -> Result<()> {
    let followed = Followed::with(engine, 40).await?;
    let line = &followed.world.line;
    let leaver = &followed.company.people[30];
    let people = line.people("acme").await?;
    let id = &people.iter().find(|person| person.user_name == leaver.uid).context("the leaver is known")?.id;
    // The second sign-in is newer than the moment since which ends are heard of, so its caller token alone would do.
    let (visit, calls) = twice(&followed.world, id, &leaver.uid).await?;
    let (mut ear, mut at_web) = (Ear::open(&calls).await?, WebEar::open(&visit).await?);
    ensure!(visit.open("").await?.status == StatusCode::OK, "the page is open");
    calls.content.clone().list_feed(ListFeedRequest::default()).await.map_err(fault)?;

    followed.slapd.delete(&leaver.dn)?;
    let committed = Instant::now();
    let (end, at_page) = tokio::join!(ear.ends(), at_web.ends());
    let gone = committed.elapsed();
    println!("on {engine:?}, from the directory's commit to the end of both streams: {gone:?}");
    at_page?;
    let end = end?;
    assert_eq!((end.code(), fault(end).reason()), (Code::Unauthenticated, Reason::TokenRefused));
    let refused = calls.content.clone().list_feed(ListFeedRequest::default()).await.expect_err("a leaver's token");
    assert_eq!(fault(refused).reason(), Reason::TokenRefused);
    ensure!(visit.open("").await?.address.path().ends_with("/sign-in"), "the next page is the sign-in page");
    ensure!(gone < GONE_WITHIN, "{gone:?} is too late");
    Ok(())
}
