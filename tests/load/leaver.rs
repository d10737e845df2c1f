//! From the moment somebody is taken out of the directory to the moment their session opens nothing, while the company
//! is at work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use freehold_tests::company::{Company, Person};
use freehold_tests::part::Folder;
use freehold_tests::postgres;
use reqwest::header::COOKIE;
use tokio::runtime::Runtime;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval, interval_at, timeout};

use crate::directory::{Directory, Kind};
use crate::figures::Figures;
use crate::server::Server;
use crate::visitor;

/// People of the company, and how many of them are signed in.
const PEOPLE: usize = 2_000;
const SIGNED_IN: usize = 1_000;
/// How many of those leave, one after the other: as one does in a company of that size, no burst that is judged as one.
const LEAVERS: usize = 100;
const LEAVE_EVERY: Duration = Duration::from_millis(3_500);
/// How often everybody who is signed in opens a page.
const PAGE_EVERY: Duration = Duration::from_secs(20);
/// How often a leaver's session is tried.
const TRY_EVERY: Duration = Duration::from_millis(5);
/// Longer than anybody may stay.
const LEAVE_LIMIT: Duration = Duration::from_secs(60);

/// Signs people in, lets them open pages, and takes some of them out of the directory.
pub fn sessions_end() -> Result<()> {
    println!("\nleavers, {SIGNED_IN} people signed in, each opening a page every {} s", PAGE_EVERY.as_secs());
    let company = Company::of(PEOPLE);
    let directory = Directory::start(Kind::OpenLdap, &company)?;
    let folder = Folder::new("leaver")?;
    let server = Server::start(&folder, &postgres::database()?)?;
    server.declare(&folder, &directory, "follow = true\n")?;
    server.sync()?;
    let people: Vec<&Person> = company.people.iter().rev().take(SIGNED_IN).collect();
    let names: Vec<&str> = people.iter().map(|person| person.uid.as_str()).collect();
    let codes = server.access_codes(&names)?;
    let leavers = people.iter().take(LEAVERS).map(|person| person.dn.clone()).collect();
    for figures in Runtime::new()?.block_on(leave(directory, server.web(), codes, leavers))? {
        figures.print(None);
        figures.print_percentile(99);
    }
    Ok(())
}

async fn leave(directory: Directory, web: String, codes: Vec<String>, leavers: Vec<String>) -> Result<[Figures; 2]> {
    let client = visitor::client()?;
    let mut sessions = Vec::with_capacity(codes.len());
    for code in codes {
        sessions.push(visitor::claim(&client, &web, &code).await?.session);
    }
    let mut at_work = JoinSet::new();
    // Everybody at a moment of their own.
    let everybody = u32::try_from(SIGNED_IN)?;
    for (session, number) in sessions.iter().skip(leavers.len()).cloned().zip(0..) {
        let first = tokio::time::Instant::now() + PAGE_EVERY * number / everybody;
        at_work.spawn(work(client.clone(), web.clone(), session, first));
    }
    let mut leave = interval(LEAVE_EVERY);
    let mut refused = Figures::seconds("directory to dead session");
    let mut cut_off = Figures::seconds("directory to the end of an open stream");
    let directory = Arc::new(directory);
    for (dn, session) in leavers.into_iter().zip(sessions) {
        leave.tick().await;
        let stream = client.get(format!("{web}/acme/events")).header(COOKIE, &session).send().await?;
        ensure!(stream.status().is_success(), "a stream answers {}", stream.status());
        let directory = Arc::clone(&directory);
        // The command that deletes is timed, too: its commit is somewhere inside.
        let begun = Instant::now();
        spawn_blocking(move || directory.delete(&dn)).await??;
        let both = async {
            let refused = async { ended(&client, &web, &session).await.map(|()| begun.elapsed()) };
            let cut_off = async { end_of(stream).await.map(|()| begun.elapsed()) };
            tokio::try_join!(refused, cut_off)
        };
        let (session, stream) = timeout(LEAVE_LIMIT, both).await.context("a session outlives its person")??;
        refused.add(session.as_secs_f64());
        cut_off.add(stream.as_secs_f64());
    }
    Ok([refused, cut_off])
}

/// Reads a stream to its end.
async fn end_of(mut stream: reqwest::Response) -> Result<()> {
    while stream.chunk().await?.is_some() {}
    Ok(())
}

/// Opens a page now and then, until the task is dropped.
async fn work(client: reqwest::Client, web: String, session: String, first: tokio::time::Instant) -> Result<()> {
    let mut ticks = interval_at(first, PAGE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        opens(&client, &web, &session).await?;
    }
}

async fn ended(client: &reqwest::Client, web: &str, session: &str) -> Result<()> {
    let mut ticks = interval(TRY_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while opens(client, web, session).await? {
        ticks.tick().await;
    }
    Ok(())
}

/// Whether a session opens the feed; without one, the answer leads to the sign-in page.
async fn opens(client: &reqwest::Client, web: &str, session: &str) -> Result<bool> {
    let answer = client.get(format!("{web}/acme")).header(COOKIE, session).send().await?;
    Ok(answer.status().is_success())
}
