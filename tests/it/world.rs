//! Whole installations to test: real services on a real storage, real parts around them, and words to speak of them.

pub mod claim;
pub mod client;
pub mod manifest;
pub mod raw;
pub mod server;
pub mod visit;

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, TimeDelta, Utc};
use freehold::config::{Config, read_secret};
use freehold::serve::{self, Installation, Part};
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1 as tenant;
use freehold_tests::part::{Folder, free_port};
use freehold_tests::postgres;
use freehold_types::{Clock, SetClock, SystemClock};
use freehold_wire::{Calls, Clients, fault};
use tokio_stream::StreamExt;

/// Between the choice of a free port and its use somebody else may take it.
const START_ATTEMPTS_MAX: usize = 5;

/// What a storage is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Postgres,
    Sqlite,
}

/// A folder for keys and tokens, and a fresh storage.
pub struct Place {
    pub folder: Folder,
    pub storage_url: String,
}

impl Place {
    pub fn new(engine: Engine) -> Result<Self> {
        let folder = Folder::new("installation")?;
        let storage_url = match engine {
            Engine::Postgres => postgres::database()?,
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("data").display()),
        };
        Ok(Self { folder, storage_url })
    }

    /// A configuration whose contracts are on any free port and whose pages are on `web_port`.
    pub fn config(&self, web_port: u16) -> Config {
        let mut config = Config::default();
        config.storage.url.clone_from(&self.storage_url);
        config.keys.file = self.folder.path().join("master.key");
        config.operator.token_file = Some(self.folder.path().join("operator.token"));
        config.web.listen = ([127, 0, 0, 1], web_port).into();
        config.grpc.listen = ([127, 0, 0, 1], 0).into();
        config
    }

    pub fn operator_token(&self) -> Result<String> {
        read_secret(&self.folder.path().join("operator.token"))
    }

    /// Everything the storage holds, as a thief would carry it away: a dump, or the files with their journals.
    pub fn stored(&self) -> Result<Vec<u8>> {
        let Some(data) = self.storage_url.strip_prefix("sqlite://") else { return postgres::dump(&self.storage_url) };
        let mut copy = Vec::new();
        let mut open = vec![data.into()];
        while let Some(folder) = open.pop() {
            for item in fs::read_dir(&folder).with_context(|| format!("cannot read {folder:?}"))? {
                let path: std::path::PathBuf = item?.path();
                match path.is_dir() {
                    true => open.push(path),
                    false => copy.extend(fs::read(&path)?),
                }
            }
        }
        Ok(copy)
    }
}

/// A running installation in this process.
pub struct World {
    pub place: Place,
    pub clock: Arc<SetClock>,
    pub installation: Installation,
    /// Where browsers find the pages.
    pub public_url: String,
    pub line: Line,
}

impl World {
    /// All services in one, at the machine's present time.
    pub async fn start(engine: Engine) -> Result<Self> {
        Self::start_at(engine, SystemClock.now()).await
    }

    /// All services in one, at a time of the test's choice.
    pub async fn start_at(engine: Engine, now: DateTime<Utc>) -> Result<Self> {
        Self::start_in(Place::new(engine)?, Arc::new(SetClock::new(now)), "127.0.0.1").await
    }

    /// The same, reached under a name: browsers have passkeys only there.
    pub async fn start_named(engine: Engine) -> Result<Self> {
        Self::start_in(Place::new(engine)?, Arc::new(SetClock::new(SystemClock.now())), "localhost").await
    }

    /// Ends as a service that is told to, and starts on the same storage.
    pub async fn start_again(self) -> Result<Self> {
        let Self { place, clock, installation, .. } = self;
        installation.stop().await;
        Self::start_in(place, clock, "127.0.0.1").await
    }

    async fn start_in(place: Place, clock: Arc<SetClock>, host: &str) -> Result<Self> {
        let mut outcome = None;
        for _ in 0..START_ATTEMPTS_MAX {
            let web_port = free_port()?;
            let mut config = place.config(web_port);
            config.web.public_url = Some(format!("http://{host}:{web_port}"));
            let started = serve::start(&config, &BTreeSet::from(Part::ALL), clock.clone(), false).await;
            let taken = started.as_ref().is_err_and(|error| format!("{error:#}").contains("cannot listen"));
            outcome = Some(started.map(|installation| (installation, config.public_url())));
            if !taken {
                break;
            }
        }
        let (installation, public_url) = outcome.context("nothing was started")??;
        let line = Line::new(installation.clients.clone(), place.operator_token()?);
        Ok(Self { place, clock, installation, public_url, line })
    }

    /// Moves the clock to so many days later.
    pub fn days_later(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }

    /// Stops everything and answers what the storage holds.
    pub async fn stop(self) -> Result<Vec<u8>> {
        self.installation.stop().await;
        self.place.stored()
    }
}

/// A line to an installation, whether in this process or in another, and the operator's token.
#[derive(Clone)]
pub struct Line {
    pub clients: Clients,
    pub operator_token: String,
    /// Who is signed in at which company, and with which token.
    sessions: Arc<Mutex<HashMap<(String, String), String>>>,
}

impl Line {
    pub fn new(clients: Clients, operator_token: String) -> Self {
        Self { clients, operator_token, sessions: Arc::default() }
    }

    /// As the operator of the installation.
    pub fn operator(&self) -> Result<Calls> {
        Ok(self.clients.bearer(&self.operator_token)?)
    }

    /// As the operator inside one company. The token lives for two minutes, so each use asks for a new one.
    pub async fn inside(&self, company: &str) -> Result<Calls> {
        Ok(self.clients.bearer(&self.token_inside(company).await?)?)
    }

    pub async fn token_inside(&self, company: &str) -> Result<String> {
        let request = tenant::IssueCallerTokenRequest { name: company.to_owned() };
        let answer = self.operator()?.operator.issue_caller_token(request).await.map_err(fault)?;
        Ok(answer.into_inner().caller_token)
    }

    /// Makes a company what its manifest says; what was said on the way.
    pub async fn declare(&self, manifest: tenant::TenantManifest) -> Result<Vec<String>> {
        use tenant::apply_tenant_response::Event;
        let request = tenant::ApplyTenantRequest { manifest: Some(manifest), validate_only: false };
        let mut events = self.operator()?.operator.apply_tenant(request).await.map_err(fault)?.into_inner();
        let mut said = Vec::new();
        let mut done = false;
        while let Some(event) = events.next().await {
            match event.map_err(fault)?.event.context("an empty event")? {
                Event::Step(words) | Event::Change(words) => said.push(words),
                Event::Tenant(_) => done = true,
            }
        }
        anyhow::ensure!(done, "the last message is not the tenant");
        Ok(said)
    }

    /// Runs a sync of the company's one directory to whatever end.
    pub async fn sync(&self, company: &str) -> Result<directory::SyncRun> {
        self.sync_as(company, directory::SyncDirectoryRequest::default()).await
    }

    pub async fn sync_as(&self, company: &str, request: directory::SyncDirectoryRequest) -> Result<directory::SyncRun> {
        use directory::sync_directory_response::Event;
        let mut calls = self.inside(company).await?;
        let mut events = calls.directory.sync_directory(request).await.map_err(fault)?.into_inner();
        let mut run = None;
        while let Some(event) = events.next().await {
            if let Some(Event::Run(ended)) = event.map_err(fault)?.event {
                run = Some(ended);
            }
        }
        run.context("the sync run said nothing")
    }

    /// Runs a sync that must work.
    pub async fn synced(&self, company: &str) -> Result<directory::ChangeCounts> {
        let run = self.sync(company).await?;
        if run.state() != directory::SyncRunState::Done {
            bail!("the sync run is {:?}: {} {:?}", run.state(), run.error, run.skips);
        }
        run.counts.context("a run has counts")
    }

    /// Everybody the company knows, gone or not, with their directory groups.
    pub async fn people(&self, company: &str) -> Result<Vec<directory::Person>> {
        let mut calls = self.inside(company).await?;
        let mut people = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = directory::ListPeopleRequest {
                page_size: 100,
                page_token,
                with_directory_groups: true,
                ..Default::default()
            };
            let page = calls.directory.list_people(request).await.map_err(fault)?.into_inner();
            people.extend(page.people);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(people);
            }
        }
    }

    /// A code for one person, as an administrator would print it.
    pub async fn access_code(&self, company: &str, person_id: &str) -> Result<String> {
        let request = auth::IssueAccessCodesRequest { person_ids: vec![person_id.to_owned()], valid_days: 0 };
        let answer = self.inside(company).await?.auth.issue_access_codes(request).await.map_err(fault)?.into_inner();
        Ok(answer.access_codes.into_iter().next().context("no code was issued")?.code)
    }

    /// A person's session token. Whoever signed in over this line before, and still is, has the same one: a new code
    /// would end what the person had.
    pub async fn session(&self, company: &str, person_id: &str) -> Result<String> {
        let who = (company.to_owned(), person_id.to_owned());
        let known = self.sessions.lock().map_err(|_poisoned| anyhow!("another test failed"))?.get(&who).cloned();
        if let Some(known) = known
            && self.authenticate(company, &known).await.is_ok()
        {
            return Ok(known);
        }
        let code = self.access_code(company, person_id).await?;
        let session = claim::complete(self, company, &code).await?.session_token;
        self.keep_session(company, person_id, &session)?;
        Ok(session)
    }

    /// Goes on with a session that somebody opened otherwise.
    pub fn keep_session(&self, company: &str, person_id: &str, session_token: &str) -> Result<()> {
        let who = (company.to_owned(), person_id.to_owned());
        let mut sessions = self.sessions.lock().map_err(|_poisoned| anyhow!("another test failed"))?;
        sessions.insert(who, session_token.to_owned());
        Ok(())
    }

    /// The caller token of a session, or the refusal.
    pub async fn authenticate(
        &self,
        company: &str,
        session_token: &str,
    ) -> Result<auth::AuthenticateResponse, tonic::Status> {
        let request =
            auth::AuthenticateRequest { company_address: company.to_owned(), session_token: session_token.to_owned() };
        Ok(self.clients.anonymous().auth.authenticate(request).await?.into_inner())
    }

    /// Signs a person in and answers their caller token.
    pub async fn token_of(&self, company: &str, person_id: &str) -> Result<String> {
        let session = self.session(company, person_id).await?;
        Ok(self.authenticate(company, &session).await.map_err(fault)?.caller_token)
    }

    /// Calls as a person who has just signed in.
    pub async fn person(&self, company: &str, person_id: &str) -> Result<Calls> {
        Ok(self.clients.bearer(&self.token_of(company, person_id).await?)?)
    }
}
