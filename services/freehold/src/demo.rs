//! `freehold demo`: the main job on a sample company, with nothing else installed.
//!
//! It walks through the same calls that the command line and the pages make; nothing is done behind the services'
//! backs but setting the clock, because a bill is for a month that has ended.

mod clock;
mod company;
mod people;
mod story;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use freehold::config::{self, Config};
use freehold::serve::{self, Installation, Part};
use freehold_proto::billing::v1 as billing;
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1 as tenant;
use freehold_types::{Clock as _, Period, SystemClock};
use freehold_wire::{Calls, fault};
use serde::Serialize;
use tokio_stream::StreamExt as _;

use crate::print;
use clock::OffsetClock;

/// The sample company's address.
const NAME: &str = "moulin";
/// How many people it has when nobody says.
const PEOPLE_DEFAULT: usize = 60;
/// More than a demo can be patient for.
const PEOPLE_MAX: usize = 5_000;

/// What `freehold demo` was told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Folder to keep the data in; a new temporary one when none.
    pub data: Option<PathBuf>,
    /// Address of the pages.
    pub web: Option<SocketAddr>,
    /// Address of the contracts.
    pub grpc: Option<SocketAddr>,
    /// How many people the company has.
    pub people: Option<usize>,
    /// Stop after the walk.
    pub once: bool,
    /// Print one JSON document.
    pub json: bool,
}

/// What the walk came to.
#[derive(Debug, Serialize)]
struct Outcome {
    tenant: String,
    people: i64,
    groups: usize,
    posts: usize,
    active_people: i64,
    invoice: InvoiceOutcome,
}

#[derive(Debug, Serialize)]
struct InvoiceOutcome {
    number: String,
    total_minor: i64,
    currency: String,
}

/// The installation of the demo and the clock it goes by.
pub(crate) struct Demo {
    installation: Installation,
    clock: Arc<OffsetClock>,
    operator_token: String,
    json: bool,
}

impl Demo {
    /// Calls as the operator of the installation.
    fn as_operator(&self) -> Result<Calls> {
        Ok(self.installation.clients.bearer(&self.operator_token)?)
    }

    /// Calls as the operator inside the sample company. The token lives for two minutes, so it is asked for each time.
    async fn inside(&self) -> Result<Calls> {
        let request = tenant::IssueCallerTokenRequest { name: NAME.to_owned() };
        let answer = self.as_operator()?.operator.issue_caller_token(request).await.map_err(fault)?;
        Ok(self.installation.clients.bearer(&answer.into_inner().caller_token)?)
    }

    /// Tells the person who watches; silent when a program does.
    fn say(&self, line: &str) {
        if !self.json {
            print::line(line);
        }
    }
}

/// Walks, and serves until Ctrl-C unless told to stop.
///
/// # Errors
/// When a step of the walk fails.
pub async fn run(options: Options) -> Result<()> {
    let count = options.people.unwrap_or(PEOPLE_DEFAULT);
    if !(3..=PEOPLE_MAX).contains(&count) {
        bail!("--people must be from 3 to {PEOPLE_MAX}");
    }
    let temporary = match &options.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("freehold-demo-").tempdir().context("cannot make a folder")?),
    };
    let folder = match (&options.data, &temporary) {
        (Some(folder), _) => std::path::absolute(folder)?,
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => bail!("there is no folder for the data"),
    };
    let demo = start(&folder, &options).await?;
    demo.say(&format!("Data       {} (SQLite, sealed under {}'s own key)", folder.display(), NAME));

    let outcome = walk(&demo, &folder, count).await?;
    if options.json {
        print::json(&outcome)?;
    }
    if options.once {
        demo.installation.stop().await;
        return Ok(());
    }
    invite(&demo, &outcome).await?;
    tokio::signal::ctrl_c().await.context("cannot listen for Ctrl-C")?;
    demo.installation.stop().await;
    Ok(())
}

async fn start(folder: &Path, options: &Options) -> Result<Demo> {
    let mut config = Config::default();
    config.storage.url = format!("sqlite://{}", folder.display());
    config.keys.file = folder.join("master.key");
    config.web.listen = options.web.map_or_else(|| free_or(config.web.listen, options.once), Ok)?;
    config.grpc.listen = options.grpc.map_or_else(|| free_or(config.grpc.listen, options.once), Ok)?;
    let clock = Arc::new(OffsetClock::default());
    let installation = serve::start(&config, &Part::ALL.into_iter().collect(), clock.clone(), true).await?;
    let operator_token = config::read_secret(&config.token_file())?;
    Ok(Demo { installation, clock, operator_token, json: options.json })
}

/// The usual address, or a free one when it is taken or nobody will look.
fn free_or(usual: SocketAddr, nobody_looks: bool) -> Result<SocketAddr> {
    let any = SocketAddr::new(usual.ip(), 0);
    let taken = || std::net::TcpListener::bind(usual).is_err();
    Ok(if nobody_looks || taken() { any } else { usual })
}

async fn walk(demo: &Demo, folder: &Path, count: usize) -> Result<Outcome> {
    let now = SystemClock.now();
    let month = Period::of(now).previous();
    let first_day = month.starts_at() + chrono::TimeDelta::days(8) + chrono::TimeDelta::hours(9);
    demo.clock.move_to(first_day, now);

    let samples = company::people(count);
    let file = folder.join("people.ldif");
    fs::write(&file, company::ldif(&samples)).context("cannot write the sample directory")?;
    declare(demo, &file).await?;
    let people = sync(demo).await?;

    let members = people::all(demo).await?;
    demo.say(&format!("Clock      {} (a bill is for a month that has ended)", first_day.format("%-d %B %Y")));
    let story = story::first_day(demo, &members).await?;
    demo.clock.move_to(first_day + chrono::TimeDelta::days(1), now);
    story::second_day(demo, &members, &story).await?;
    demo.say(&format!("Two days   {} people signed in, {} posts", story.active, story.posts.len()));

    demo.clock.move_to(now, now);
    let closed = close(demo, month).await?;
    let invoice = closed.invoice.context("the month was closed without an invoice")?;
    let money = format!("{}.{:02} {}", invoice.total_minor / 100, invoice.total_minor % 100, invoice.currency);
    demo.say(&format!(
        "Bill       {month}: {} active people, invoice {}, {money}",
        closed.active_people_count, invoice.number
    ));
    Ok(Outcome {
        tenant: NAME.to_owned(),
        people,
        groups: story.groups,
        posts: story.posts.len(),
        active_people: closed.active_people_count,
        invoice: InvoiceOutcome {
            number: invoice.number,
            total_minor: invoice.total_minor,
            currency: invoice.currency,
        },
    })
}

async fn declare(demo: &Demo, ldif: &Path) -> Result<()> {
    let manifest = company::manifest(NAME, ldif);
    let request = tenant::ApplyTenantRequest { manifest: Some(manifest), validate_only: false };
    let mut events = demo.as_operator()?.operator.apply_tenant(request).await.map_err(fault)?.into_inner();
    while let Some(event) = events.next().await {
        match event.map_err(fault)?.event {
            Some(tenant::apply_tenant_response::Event::Step(step)) => demo.say(&format!("Company    {step}")),
            Some(tenant::apply_tenant_response::Event::Change(change)) => demo.say(&format!("Company    {change}")),
            Some(tenant::apply_tenant_response::Event::Tenant(_)) | None => {}
        }
    }
    Ok(())
}

async fn sync(demo: &Demo) -> Result<i64> {
    let request = directory::SyncDirectoryRequest::default();
    let mut events = demo.inside().await?.directory.sync_directory(request).await.map_err(fault)?.into_inner();
    let bar = print::progress(!demo.json);
    let mut ended = None;
    while let Some(event) = events.next().await {
        match event.map_err(fault)?.event {
            Some(directory::sync_directory_response::Event::Progress(step)) => bar.tell(&step),
            Some(directory::sync_directory_response::Event::Run(run)) => ended = Some(run),
            None => {}
        }
    }
    bar.end();
    let run = ended.context("the sync run said nothing")?;
    if run.state() != directory::SyncRunState::Done {
        bail!("the sync run did not finish: {}", run.error);
    }
    let counts = run.counts.unwrap_or_default();
    demo.say(&format!(
        "Directory  {} people read, {} joined, {} changed, {} memberships",
        counts.people_read_count, counts.joined_count, counts.changed_count, counts.memberships_added_count
    ));
    Ok(counts.people_read_count)
}

async fn close(demo: &Demo, month: Period) -> Result<billing::ClosedPeriod> {
    let request = billing::ClosePeriodRequest { period: month.to_string(), company_addresses: vec![NAME.to_owned()] };
    let answer = demo.as_operator()?.billing.close_period(request).await.map_err(fault)?.into_inner();
    answer.closed_periods.into_iter().next().context("no period was closed")
}

/// Prints the way in for three people.
async fn invite(demo: &Demo, outcome: &Outcome) -> Result<()> {
    let web = demo.installation.web.context("the pages are not served")?;
    let members = people::all(demo).await?;
    let chosen = people::samples(&members);
    let codes = people::codes(demo, &chosen).await?;
    let tell = |line: &str| if demo.json { print::progress_line(line) } else { print::line(line) };
    tell(&format!("\nOpen       http://{web}/{}", outcome.tenant));
    for (person, code) in chosen.iter().zip(codes) {
        let role = if person.administrator { ", administrator" } else { "" };
        tell(&format!(
            "Sign in as {} ({}{role}): http://{web}/{NAME}/claim?code={code}",
            person.display_name, person.title
        ));
    }
    tell("Stop with Ctrl-C.");
    Ok(())
}
