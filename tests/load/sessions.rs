//! What it costs to look whether a session still holds, beside an answer that looks at nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use freehold_tests::company::Company;
use freehold_tests::part::Folder;
use freehold_tests::postgres;
use reqwest::StatusCode;
use reqwest::header::COOKIE;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::directory::{Directory, Kind};
use crate::figures::Figures;
use crate::server::Server;
use crate::visitor;

/// People who are signed in.
const PEOPLE: usize = 100;
/// Browsers at the same time, for each processor.
const BROWSERS_PER_CORE: usize = 4;
/// Requests of one round.
const REQUESTS: usize = 5_000;
const MILLISECONDS: f64 = 1_000.0;

/// Everybody opens the sign-in page again and again: whoever is signed in is sent on, and nothing else is done there.
pub fn check(repetitions: usize) -> Result<()> {
    let browsers = available_parallelism()?.get() * BROWSERS_PER_CORE;
    println!("\nsession checks, {PEOPLE} people, {browsers} browsers at a time, {REQUESTS} requests a round");
    let company = Company::of(PEOPLE);
    let directory = Directory::start(Kind::OpenLdap, &company)?;
    let folder = Folder::new("sessions")?;
    let server = Server::start(&folder, &postgres::database()?)?;
    server.declare(&folder, &directory, "follow = false\n")?;
    server.sync()?;
    let names: Vec<&str> = company.people.iter().map(|person| person.uid.as_str()).collect();
    let codes = server.access_codes(&names)?;
    let runtime = Runtime::new()?;
    let mut sessions = Vec::with_capacity(PEOPLE);
    for code in &codes {
        sessions.push(runtime.block_on(visitor::claim(&visitor::client()?, &server.web(), code))?.session);
    }
    let sessions = Arc::new(sessions);

    let mut time = Figures::milliseconds("session check through the gateway");
    let mut rate = Figures::per_second("session checks");
    let mut per_core = Figures::per_second("  per core of freehold");
    let mut bare_time = Figures::milliseconds("answer that looks at nothing");
    let mut bare_rate = Figures::per_second("answers that look at nothing");
    let mut bare_per_core = Figures::per_second("  per core");
    for _ in 0..repetitions {
        for (path, wanted, time, rate, per_core) in [
            ("/acme/sign-in", StatusCode::SEE_OTHER, &mut time, &mut rate, &mut per_core),
            ("/live", StatusCode::OK, &mut bare_time, &mut bare_rate, &mut bare_per_core),
        ] {
            let (before, begun) = (server.processor_time()?, Instant::now());
            let address = format!("{}{path}", server.web());
            for taken in runtime.block_on(ask(&address, wanted, &sessions, browsers))? {
                time.add(taken.as_secs_f64() * MILLISECONDS);
            }
            rate.add(per_second(begun.elapsed().as_secs_f64()));
            per_core.add(per_second(server.processor_time()? - before));
        }
    }
    for (figures, peer) in [(&time, &bare_time), (&rate, &bare_rate), (&per_core, &bare_per_core)] {
        figures.print(Some(peer));
    }
    time.print_percentile(99);
    for figures in [&bare_time, &bare_rate, &bare_per_core] {
        figures.print(None);
    }
    bare_time.print_percentile(99);
    Ok(())
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a few thousand requests")]
fn per_second(seconds: f64) -> f64 {
    REQUESTS as f64 / seconds
}

async fn ask(address: &str, wanted: StatusCode, sessions: &Arc<Vec<String>>, browsers: usize) -> Result<Vec<Duration>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut at_once = JoinSet::new();
    for _ in 0..browsers {
        let (client, address) = (visitor::client()?, address.to_owned());
        let (sessions, next) = (Arc::clone(sessions), Arc::clone(&next));
        at_once.spawn(async move {
            let mut times = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let session = sessions.get(number % sessions.len()).filter(|_session| number < REQUESTS);
                let Some(session) = session else { return anyhow::Ok(times) };
                let begun = Instant::now();
                let answer = client.get(&address).header(COOKIE, session).send().await?;
                ensure!(answer.status() == wanted, "{address} answers {}", answer.status());
                times.push(begun.elapsed());
            }
        });
    }
    let mut times = Vec::with_capacity(REQUESTS);
    while let Some(done) = at_once.join_next().await {
        times.extend(done??);
    }
    Ok(times)
}
