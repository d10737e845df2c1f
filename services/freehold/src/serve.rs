//! Starts the services this process runs, leads the lines to the others, and listens.

mod doctor;
mod listen;
mod parts;

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use freehold_tenancy::{Storage, Tenancy};
use freehold_types::{Mint, SharedClock, SystemClock};
use freehold_vault::Vault;
use freehold_wire::Clients;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;

pub use doctor::{Finding, doctor};

/// How long calls and connections get to end when the process is told to stop.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// What a process can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The operator's service.
    Operator,
    /// Directory sync.
    Directory,
    /// Sign-in; brings the operator's service along unless another process runs it.
    Auth,
    /// Groups and posts.
    Content,
    /// Metering and invoices.
    Billing,
    /// The pages.
    Gateway,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Operator, Self::Directory, Self::Auth, Self::Content, Self::Billing, Self::Gateway];

    /// As it is written behind `--only`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Directory => "directory",
            Self::Auth => "auth",
            Self::Content => "content",
            Self::Billing => "billing",
            Self::Gateway => "gateway",
        }
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|part| part.name() == text);
        found.ok_or_else(|| format!("must be one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// What `freehold serve` was told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// Only these parts; empty: all.
    pub only: Vec<Part>,
}

/// Serves until the process is told to stop.
///
/// # Errors
/// When the configuration is wrong, the storage or the key cannot be used, or an address is taken.
pub async fn run(options: Options) -> Result<()> {
    let config = Config::load(options.config.as_deref())?;
    log(&config)?;
    let parts = chosen(&config, &options.only);
    let installation = start(&config, &parts, Arc::new(SystemClock), false).await?;
    if let Some(web) = installation.web {
        tracing::info!(web = %web, url = config.public_url(), "pages are served");
    }
    tracing::info!(grpc = %installation.grpc, parts = %names(&parts), "contracts are served");
    asked_to_stop().await?;
    tracing::info!("stopping");
    installation.stop().await;
    Ok(())
}

/// The parts to run: `--only`, or all. The operator's service goes with sign-in unless the configuration says where it
/// is.
fn chosen(config: &Config, only: &[Part]) -> BTreeSet<Part> {
    if only.is_empty() {
        return Part::ALL.into_iter().collect();
    }
    let mut parts: BTreeSet<_> = only.iter().copied().collect();
    if parts.contains(&Part::Auth) && config.services.operator.is_none() {
        parts.insert(Part::Operator);
    }
    parts
}

fn names(parts: &BTreeSet<Part>) -> String {
    parts.iter().map(|part| part.name()).collect::<Vec<_>>().join(", ")
}

fn log(config: &Config) -> Result<()> {
    let level: tracing::Level =
        config.log.level.parse().map_err(|_unknown| {
            anyhow!("log.level is {:?}; it must be error, warn, info or debug", config.log.level)
        })?;
    let builder = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    let set = if config.log.json { builder.json().try_init() } else { builder.try_init() };
    set.map_err(|error| anyhow!("the log cannot be set up: {error}"))
}

async fn asked_to_stop() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}

/// A running installation, or the part of one that this process runs.
pub struct Installation {
    /// Where pages are served, if they are here.
    pub web: Option<SocketAddr>,
    /// Where contracts are served.
    pub grpc: SocketAddr,
    /// Calls into it without a socket.
    pub clients: Clients,
    /// The storage, when this process opens it.
    pub tenancy: Option<Tenancy>,
    stopping: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Installation {
    /// Stops taking calls, lets those under way end, and stops the work in the background.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_GRACE, ended).await.is_err() {
            tracing::warn!("some connections did not end in time; they are cut off");
            self.tasks.shutdown().await;
        }
    }
}

/// Starts the given parts.
///
/// # Errors
/// When the storage or the key cannot be used, an address is taken, or a needed service's address is missing.
pub async fn start(
    config: &Config,
    parts: &BTreeSet<Part>,
    clock: SharedClock,
    sign_in_links: bool,
) -> Result<Installation> {
    let mint = Mint::new(clock);
    let (stopping, stopped) = watch::channel(false);
    let needs_storage = parts.iter().any(|part| *part != Part::Gateway);
    let (clients, tenancy, contracts) = if needs_storage {
        let (vault, tenancy) = open(config, &mint).await?;
        let (clients, contracts) =
            parts::with_storage(config, parts, &vault, &tenancy, &stopped, sign_in_links).await?;
        (clients, Some(tenancy), contracts)
    } else {
        let (clients, contracts) = parts::without_storage(config).await?;
        (clients, None, contracts)
    };
    let mut tasks = JoinSet::new();
    for job in contracts.jobs {
        tasks.spawn(job);
    }
    let (grpc, grpc_listener) = listen::bind(config.grpc.listen).await?;
    tasks.spawn(listen::contracts(grpc_listener, contracts.routes, stopped.clone()));
    let web = if parts.contains(&Part::Gateway) {
        let (web, listener) = listen::bind(config.web.listen).await?;
        let public_url = config.web.public_url.clone().unwrap_or_else(|| format!("http://{web}"));
        let trusted_proxies = config.web.proxies()?;
        let pages = freehold_gateway::Config { public_url, sign_in_links, trusted_proxies };
        let router = freehold_gateway::router(pages, clients.clone(), mint);
        tasks.spawn(listen::pages(listener, router, stopped));
        Some(web)
    } else {
        None
    };
    Ok(Installation { web, grpc, clients, tenancy, stopping, tasks })
}

/// Opens key and storage, making both at the first start.
async fn open(config: &Config, mint: &Mint) -> Result<(Vault, Tenancy)> {
    if let Some(folder) = config.keys.file.parent() {
        private_folder(folder)?;
    }
    if let Some(folder) = config.storage.url.strip_prefix("sqlite://") {
        private_folder(Path::new(folder))?;
    }
    let vault =
        Vault::load_or_create(&config.keys.file).map_err(|error| anyhow!(freehold_types::Fault::from(error)))?;
    let storage = Storage::new(config.storage.url.clone());
    let tenancy = Tenancy::connect(&storage, vault.clone(), mint.clone()).await?;
    Ok((vault, tenancy))
}

fn private_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}
