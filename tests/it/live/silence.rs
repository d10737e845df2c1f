//! Content in one process, auth in another, the rest in a third: what one of them ends, the others end; and nobody is let
//! in because nothing is heard.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use freehold::config::Config;
use freehold::serve::{self, Installation, Part};
use freehold_proto::auth::v1::EndSessionRequest;
use freehold_proto::content::v1::ListFeedRequest;
use freehold_tests::part::free_port;
use freehold_tests::wait::wait_until;
use freehold_types::{Clock, Reason, SetClock, SystemClock};
use freehold_wire::{Calls, fault};
use tonic::Code;

use super::{Ear, entries, found, publish, staff};
use crate::world::server::remote;
use crate::world::{Engine, Line, Place, manifest};

/// Between the choice of a free port and its use somebody else may take it.
const START_ATTEMPTS_MAX: usize = 5;
/// How long a refusal may take on a machine that is busy with other tests.
const REFUSED_LIMIT: Duration = Duration::from_secs(20);

/// Ports of content, auth, the rest, and the pages.
type Ports = [u16; 4];

struct Three {
    place: Place,
    clock: Arc<SetClock>,
    ports: Ports,
    content: Installation,
    auth: Installation,
    rest: Installation,
}

impl Three {
    async fn start(engine: Engine) -> Result<Self> {
        let (place, clock) = (Place::new(engine)?, Arc::new(SetClock::new(SystemClock.now())));
        let mut outcome = None;
        for _ in 0..START_ATTEMPTS_MAX {
            let ports = [free_port()?, free_port()?, free_port()?, free_port()?];
            let started = Self::start_on(&place, &clock, ports).await;
            let taken = started.as_ref().is_err_and(|error| format!("{error:#}").contains("cannot listen"));
            outcome = Some(started.map(|processes| (processes, ports)));
            if !taken {
                break;
            }
        }
        let ([content, auth, rest], ports) = outcome.context("nothing was started")??;
        Ok(Self { place, clock, ports, content, auth, rest })
    }

    async fn start_on(place: &Place, clock: &Arc<SetClock>, ports: Ports) -> Result<[Installation; 3]> {
        let start =
            async |part: usize| serve::start(&config(place, ports, part), &parts(part), clock.clone(), false).await;
        // The first to start makes keys and storage.
        let (rest, auth) = (start(2).await?, start(1).await?);
        Ok([start(0).await?, auth, rest])
    }

    fn line(&self, process: &Installation) -> Result<Line> {
        let clients = remote(&format!("http://{}", process.grpc))?;
        Ok(Line::new(clients, self.place.operator_token()?))
    }
}

fn parts(part: usize) -> BTreeSet<Part> {
    match part {
        0 => BTreeSet::from([Part::Content]),
        1 => BTreeSet::from([Part::Auth]),
        _ => BTreeSet::from([Part::Operator, Part::Directory, Part::Billing, Part::Gateway]),
    }
}

fn config(place: &Place, ports: Ports, part: usize) -> Config {
    let address = |part: usize| Some(format!("http://127.0.0.1:{}", ports[part]));
    let mut config = place.config(ports[3]);
    config.grpc.listen = ([127, 0, 0, 1], ports[part]).into();
    config.services.content = address(0);
    config.services.auth = address(1);
    (config.services.operator, config.services.directory, config.services.billing) =
        (address(2), address(2), address(2));
    config
}

async fn reads(calls: &Calls) -> Result<(), freehold_types::Fault> {
    calls.content.clone().list_feed(ListFeedRequest::default()).await.map(|_feed| ()).map_err(fault)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_ends_ends_in_the_others_on_postgresql() -> Result<()> {
    what_one_process_ends_ends_in_the_others(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_ends_ends_in_the_others_on_sqlite() -> Result<()> {
    what_one_process_ends_ends_in_the_others(Engine::Sqlite).await
}

async fn what_one_process_ends_ends_in_the_others(engine: Engine) -> Result<()> {
    let three = Three::start(engine).await?;
    let at_content = three.line(&three.content)?;
    let [anna, ..] = staff(&at_content, &three.place, "acme").await?;
    // Newer than the moment since which content hears of ends, so that nothing is asked.
    three.clock.advance(chrono::TimeDelta::seconds(2));
    let mut calls = at_content.person("acme", &anna).await?;
    let group = found(&mut calls, "three").await?;
    let mut ear = Ear::open(&calls).await?;
    let post = publish(&mut calls, &group, "heard").await?;
    assert_eq!(ear.hears().await?.post_id, post);
    let begun = Instant::now();
    calls.auth.end_session(EndSessionRequest::default()).await.map_err(fault)?;
    let end = ear.ends().await?;
    println!(
        "on {engine:?}, from the end of a session to the end of a stream of another process: {:?}",
        begun.elapsed()
    );
    assert_eq!(fault(end).reason(), Reason::TokenRefused);
    assert_eq!(reads(&calls).await.expect_err("a session that ended").reason(), Reason::TokenRefused);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d15_nobody_is_let_in_because_nothing_is_heard() -> Result<()> {
    let Three { place, clock, ports, content, auth, rest } = Three::start(Engine::Sqlite).await?;
    let clients = remote(&format!("http://{}", content.grpc))?;
    let at_content = Line::new(clients, place.operator_token()?);
    let [anna, ben, _] = staff(&at_content, &place, "acme").await?;
    clock.advance(chrono::TimeDelta::seconds(2));
    let (leaver, stayer) = (at_content.person("acme", &anna).await?, at_content.person("acme", &ben).await?);
    let mut ear = Ear::open(&leaver).await?;
    reads(&leaver).await?;
    auth.stop().await;

    // Anna leaves; nobody can tell auth, and auth cannot tell content.
    manifest::company_of_file("acme", &place, &entries(&["ben", "cleo"]))?;
    let begun = Instant::now();
    let refused =
        wait_until("content to refuse what it cannot check", REFUSED_LIMIT, async || Ok(reads(&leaver).await.err()));
    let refused = refused.await?;
    println!("without a word of auth, callers are refused after {:?}", begun.elapsed());
    assert_eq!(refused.reason(), Reason::ServiceUnavailable);
    assert_eq!(reads(&stayer).await.expect_err("nobody can say").reason(), Reason::ServiceUnavailable);
    assert_eq!(ear.ends().await?.code(), Code::Unavailable);

    let auth = serve::start(&config(&place, ports, 1), &parts(1), clock.clone(), false).await?;
    ensure!(
        at_content.sync("acme").await?.counts.is_some_and(|counts| counts.deactivated_count == 1),
        "Anna is let go"
    );
    wait_until("Ben to be let in again", REFUSED_LIMIT, async || Ok(reads(&stayer).await.ok())).await?;
    assert_eq!(reads(&leaver).await.expect_err("who left").reason(), Reason::TokenRefused);
    for process in [content, auth, rest] {
        process.stop().await;
    }
    Ok(())
}
