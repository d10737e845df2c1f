//! Whoever has no approved key for this very directory learns nothing and reads nothing.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use freehold_proto::directory::v1 as pb;
use freehold_tests::wait::wait_until;
use freehold_types::Reason;
use freehold_wire::fault;
use tonic::{Code, Status};

use super::peer::{Peer, Stream};
use super::{approve, company, connectors};
use crate::world::{Engine, World, manifest};

/// How soon streams that ended are room again.
const ROOM_LIMIT: Duration = Duration::from_secs(10);

#[track_caller]
fn assert_refused(answer: Result<Stream, Status>) -> (String, Vec<u8>) {
    let status = answer.err().expect("the stream is refused");
    assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    let fault = fault(status);
    assert_eq!(fault.reason(), Reason::ConnectorRefused);
    (fault.message().to_owned(), fault.how_to_cure().unwrap_or_default().as_bytes().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_approved_key_attaches_and_only_to_its_directory() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let line = &world.line;
    line.declare(company("acme")).await?;
    line.declare(company("beta")).await?;

    let peer = Peer::new(1);
    let unknown = assert_refused(peer.attach(line).await);
    peer.enrol(line).await?;
    peer.enrol(line).await?;
    let waiting = connectors(line).await?;
    assert_eq!(waiting.len(), 1, "a key waits once");
    let words = assert_refused(peer.attach(line).await);
    assert_eq!(words, unknown, "a refusal does not tell whether the key is known");
    approve(line, &waiting[0].fingerprint).await?;

    let mut nonce = Vec::new();
    let stream = peer.attach_with(line, |given| {
        nonce = given.to_vec();
        peer.sign(given)
    });
    let mut stream = stream.await.map_err(fault)?;
    // What was signed for one stream is worth nothing for the next.
    assert_refused(peer.attach_with(line, |_other| peer.sign(&nonce)).await);
    assert_refused(peer.attach_with(line, |given| Peer::new(2).sign(given)).await);
    assert_refused(peer.attach_with(line, |_none| Vec::new()).await);
    let elsewhere = [("beta", "head-office"), ("acme", "plant"), ("nobody", "head-office")];
    for (company, directory) in elsewhere {
        let other = Peer { company: company.to_owned(), directory: directory.to_owned(), ..Peer::new(1) };
        assert_eq!(assert_refused(other.attach(line).await), unknown, "{company} {directory}");
        other.enrol(line).await?;
    }
    assert_eq!(connectors(line).await?.len(), 1);

    let request = pb::RemoveConnectorRequest { fingerprint: waiting[0].fingerprint.clone(), ..Default::default() };
    let removed = Instant::now();
    line.inside("acme").await?.connectors.remove_connector(request).await.map_err(fault)?;
    let ended = stream.hear().await.expect_err("the stream ends with the approval");
    assert!(removed.elapsed() < Duration::from_secs(1), "{:?}", removed.elapsed());
    assert_eq!(ended.code(), Code::Unauthenticated);
    assert_refused(peer.attach(line).await);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_fill_the_list() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(company("acme")).await?;
    for seed in 1..=20 {
        Peer::new(seed).enrol(&world.line).await?;
    }
    assert_eq!(connectors(&world.line).await?.len(), 8);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_stream_of_a_key_takes_the_place_of_the_first_and_another_key_takes_over() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let line = &world.line;
    line.declare(company("acme")).await?;
    let (peer, mut first) = Peer::approved(line, 1).await?;
    let second = peer.attach(line).await.map_err(fault)?;
    first.hear().await.expect_err("the older stream ends");
    let (_other, mut spare) = Peer::approved(line, 2).await?;
    drop(second);
    super::wait_for_connector(line, "the first to be gone", |one| !one.attached).await?;
    let run = super::begun(line, pb::SyncDirectoryRequest::default());
    spare.order().await.context("the spare one gets the order")?;
    drop(spare);
    let run = super::ended(run).await?;
    assert!(run.error.contains("went away"), "{}", run.error);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_connectors_do_not_read_any_more_has_none_attached() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(company("acme")).await?;
    let (peer, mut stream) = Peer::approved(&world.line, 1).await?;
    world.line.declare(manifest::company("acme")).await?;
    let ended = stream.hear().await.expect_err("the stream ends with the directory");
    assert_eq!(ended.code(), Code::Unauthenticated);
    assert_refused(peer.attach(&world.line).await);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_never_say_who_they_are_cost_no_more_than_their_room() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(company("acme")).await?;
    let (peer, mut attached) = Peer::approved(&world.line, 1).await?;
    let mut silent = Vec::new();
    for _ in 0..128 {
        silent.push(peer.knock(&world.line).await?);
    }
    let status = peer.attach(&world.line).await.err().expect("there is no room");
    assert_eq!(fault(status).reason(), Reason::TooManyTries);
    let run = super::begun(&world.line, pb::SyncDirectoryRequest::default());
    attached.order().await.context("who is attached stays so")?;
    drop((attached, run));
    drop(silent);
    let room = wait_until("room for who comes next", ROOM_LIMIT, async || Ok(peer.attach(&world.line).await.ok()));
    room.await.map(drop)
}
