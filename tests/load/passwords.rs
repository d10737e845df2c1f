//! Signing in with a password, beside the password hash alone.

use std::sync::Arc;
use std::thread::{available_parallelism, scope};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, ensure};
use argon2::{Argon2, PasswordHasher as _};
use freehold_tests::company::{Company, Person};
use freehold_tests::part::Folder;
use freehold_tests::postgres;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::directory::{Directory, Kind};
use crate::figures::{Figures, processor_time};
use crate::server::Server;
use crate::visitor::{self, PASSWORD};

/// People of the company, all of whom sign in once a round.
const PEOPLE: usize = 200;
/// Browsers at the same time, for each processor.
const BROWSERS_PER_CORE: usize = 4;
/// How long the digits of an app are new (RFC 6238 section 4).
const STEP: Duration = Duration::from_secs(30);

/// Everybody signs in as fast as the installation takes them, then as many passwords are hashed with nothing around it.
pub fn sign_ins(repetitions: usize) -> Result<()> {
    let cores = available_parallelism()?.get();
    println!("\npasswords, {PEOPLE} people, {} browsers at a time", cores * BROWSERS_PER_CORE);
    let company = Company::of(PEOPLE);
    let directory = Directory::start(Kind::OpenLdap, &company)?;
    let folder = Folder::new("passwords")?;
    let server = Server::start(&folder, &postgres::database()?)?;
    server.declare(&folder, &directory, "follow = false\n")?;
    server.sync()?;
    let people: Vec<&Person> = company.people.iter().collect();
    let names: Vec<&str> = people.iter().map(|person| person.uid.as_str()).collect();
    let codes = server.access_codes(&names)?;

    let runtime = Runtime::new()?;
    let mut keys = Vec::with_capacity(PEOPLE);
    for (name, code) in names.iter().zip(&codes) {
        let claimed = runtime.block_on(visitor::claim(&visitor::client()?, &server.web(), code))?;
        keys.push(((*name).to_owned(), claimed.key));
    }
    let mut wall = Figures::per_second("sign-ins with password and app");
    let mut processor = Figures::per_second("  per core of freehold");
    let mut bare = Figures::per_second("Argon2id alone, same parameters");
    let mut bare_processor = Figures::per_second("  per core");
    for _ in 0..repetitions {
        // Digits are good once, so each round has a step of its own.
        next_step(&runtime)?;
        let (before, begun) = (server.processor_time()?, Instant::now());
        runtime.block_on(everybody(&server.web(), keys.clone(), cores * BROWSERS_PER_CORE))?;
        wall.add(rate(begun.elapsed().as_secs_f64()));
        processor.add(rate(server.processor_time()? - before));
        let (before, begun) = (processor_time(std::process::id())?, Instant::now());
        hash(cores)?;
        bare.add(rate(begun.elapsed().as_secs_f64()));
        bare_processor.add(rate(processor_time(std::process::id())? - before));
    }
    wall.print(Some(&bare));
    processor.print(Some(&bare_processor));
    bare.print(None);
    bare_processor.print(None);
    Ok(())
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a few hundred people")]
fn rate(seconds: f64) -> f64 {
    PEOPLE as f64 / seconds
}

#[expect(clippy::disallowed_methods, reason = "digits follow the clock of the machine")]
fn next_step(runtime: &Runtime) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let into = Duration::from_secs(now.as_secs() % STEP.as_secs());
    // One step more than the next: the digits of a claim are taken a step early, too.
    runtime.block_on(tokio::time::sleep(STEP + STEP.saturating_sub(into)));
    Ok(())
}

async fn everybody(web: &str, people: Vec<(String, String)>, browsers: usize) -> Result<()> {
    let people = Arc::new(tokio::sync::Mutex::new(people));
    let mut at_once = JoinSet::new();
    for _ in 0..browsers {
        let (people, web, client) = (Arc::clone(&people), web.to_owned(), visitor::client()?);
        at_once.spawn(async move {
            let mut count = 0_usize;
            loop {
                let Some((name, key)) = people.lock().await.pop() else { return anyhow::Ok(count) };
                visitor::sign_in(&client, &web, &name, &key).await.context(name)?;
                count += 1;
            }
        });
    }
    let mut count = 0;
    while let Some(done) = at_once.join_next().await {
        count += done??;
    }
    ensure!(count == PEOPLE, "{count} of {PEOPLE} came in");
    Ok(())
}

/// As many passwords as there are people, on all processors.
fn hash(cores: usize) -> Result<()> {
    let one = || {
        let hashed = Argon2::default().hash_password_with_salt(PASSWORD.as_bytes(), b"sixteen bytes it");
        hashed.map(|_hash| ()).map_err(|error| anyhow!("hashing: {error}"))
    };
    scope(|threads| {
        let all: Vec<_> = (0..cores)
            .map(|core| threads.spawn(move || (core..PEOPLE).step_by(cores).try_for_each(|_number| one())))
            .collect();
        all.into_iter().try_for_each(|thread| thread.join().map_err(|_panic| anyhow!("a thread panicked"))?)
    })
}
