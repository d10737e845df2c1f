//! Reading a directory server: bind, then paged searches whose end is proved.

mod bound;
mod dirsync;
mod entry;
mod polled;
mod ranges;
mod roll;
mod syncrepl;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use super::address::ServerAddress;
use super::change::{Cursor, Following};
use super::error::{SourceError, quote};
use super::guarded::{self, Limits};
use super::{Deletions, Listing, ProbeReport, Read, Reading, SourceKind, SourceSettings, tls};
use bound::{Bound, Query};
use dirsync::Pace;
use entry::{io_error, outcome, server_kind, texts};

/// Entries asked for at a time; Active Directory gives no more.
pub const PAGE_ENTRIES: i32 = 1000;
/// Entries of one reading.
pub const READ_ENTRIES_MAX: u64 = 5_000_000;
/// Pages of one reading; a server may give smaller pages than asked for, also empty ones.
pub const READ_PAGES_MAX: u64 = 100_000;

const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";

const INVALID_CREDENTIALS: u32 = 49;
const NO_SUCH_OBJECT: u32 = 32;

/// A directory server, or several that hold the same.
pub struct LdapSource {
    settings: SourceSettings,
    servers: Vec<ServerAddress>,
    tls: Arc<ClientConfig>,
    limits: Limits,
    /// The first server and address that let us in; all readings of this source go there, so that they agree.
    chosen: OnceLock<(ServerAddress, SocketAddr)>,
    pace: Pace,
}

impl LdapSource {
    /// Checks the settings; connects nowhere yet.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn new(settings: SourceSettings) -> Result<Self, SourceError> {
        Self::with_limits(settings, Limits::default())
    }

    pub(super) fn with_limits(settings: SourceSettings, limits: Limits) -> Result<Self, SourceError> {
        settings.check()?;
        if settings.bind_password.expose().is_empty() {
            return Err(SourceError::EmptyPassword);
        }
        if settings.bind_dn.trim().is_empty() {
            return Err(SourceError::Settings("bind_dn is empty".to_owned()));
        }
        let servers: Vec<ServerAddress> =
            settings.urls.iter().map(|url| ServerAddress::parse(url, settings.start_tls)).collect::<Result<_, _>>()?;
        if servers.is_empty() {
            return Err(SourceError::Settings("no url".to_owned()));
        }
        let tls = tls::client_config(&settings.ca_pem)?;
        Ok(Self { settings, servers, tls, limits, chosen: OnceLock::new(), pace: Pace::default() })
    }

    /// Binds, asks the server what it is, and looks at the base.
    ///
    /// # Errors
    /// Whatever would keep a reading from beginning.
    pub async fn probe(&self) -> Result<ProbeReport, SourceError> {
        let mut bound = self.bind().await?;
        let names = ["objectClass", "vendorName", "vendorVersion", "supportedCapabilities"];
        let attributes = names.into_iter().chain(["supportedControl", "namingContexts"]);
        let root = bound.read_one("", attributes.map(str::to_owned).collect()).await?.unwrap_or_default();
        let naming_contexts = texts(&root, "namingcontexts");
        let base = self.settings.base_dn.clone();
        match bound.read_one(&base, vec!["1.1".to_owned()]).await {
            Ok(Some(_)) => {}
            Ok(None) | Err(SourceError::BaseNotFound { .. }) => {
                return Err(SourceError::BaseNotFound { base, offered: naming_contexts });
            }
            Err(other) => return Err(other),
        }
        let mut deletions = Deletions::Seen;
        if self.settings.kind == SourceKind::ActiveDirectory
            && let Some(cure) = bound.deletions_cure(&self.settings.bind_dn).await?
        {
            deletions = Deletions::Unseen { cure };
        }
        Ok(ProbeReport {
            deletions,
            server: server_kind(&root),
            address: bound.server.to_string(),
            encryption: bound.connection.encryption,
            paged_results: texts(&root, "supportedcontrol").iter().any(|oid| oid == PAGED_RESULTS),
            naming_contexts,
        })
    }

    /// Begins to read one list.
    ///
    /// # Errors
    /// Whatever keeps it from beginning; what happens later comes out of the reading.
    pub async fn read(&self, listing: Listing) -> Result<Reading, SourceError> {
        let (filter, attributes) = self.settings.search(listing);
        self.read_query(Query::new(filter, attributes)).await
    }

    /// Where following would begin now; nothing when this server cannot be followed. To be asked before a reading
    /// begins, so that nothing falls between the two.
    ///
    /// # Errors
    /// Whatever keeps the server from being asked.
    pub async fn cursor(&self) -> Result<Option<Cursor>, SourceError> {
        let mut bound = self.bind().await?;
        let root = bound.read_one("", vec!["supportedControl".to_owned()]).await?.unwrap_or_default();
        let controls = texts(&root, "supportedcontrol");
        let offers = |oid: &str| controls.iter().any(|control| control == oid);
        Ok(match self.settings.kind {
            SourceKind::ActiveDirectory if offers(dirsync::DIRSYNC) => {
                let place = self.dirsync_place(&mut bound).await?;
                place.map(|place| Cursor { dirsync: Some(place), ..Cursor::default() })
            }
            SourceKind::OpenLdap | SourceKind::Ldap => {
                let offered = offers(syncrepl::SYNC_REQUEST);
                let syncrepl = if offered { self.syncrepl_place(&mut bound).await? } else { None };
                let polled = if syncrepl.is_none() { self.polled_place(&mut bound).await? } else { None };
                let some = syncrepl.is_some() || polled.is_some();
                some.then_some(Cursor { syncrepl, polled, ..Cursor::default() })
            }
            SourceKind::ActiveDirectory | SourceKind::Ldif | SourceKind::Csv | SourceKind::Xlsx => None,
        })
    }

    /// Goes on from a place: what changed since, then what changes.
    ///
    /// # Errors
    /// Whatever keeps it from beginning; what happens later comes out of the following.
    pub async fn follow(&self, cursor: &Cursor) -> Result<Following, SourceError> {
        match cursor {
            Cursor { dirsync: Some(place), .. } if self.settings.kind == SourceKind::ActiveDirectory => {
                self.follow_dirsync(place.clone()).await
            }
            Cursor { syncrepl: Some(place), .. } => self.follow_syncrepl(place.clone()).await,
            Cursor { polled: Some(place), .. } => self.follow_polled(place.clone()).await,
            Cursor { .. } => Err(SourceError::CannotFollow),
        }
    }

    /// Whether the server says that nothing at all changed since a place: one question, where following asks three.
    ///
    /// # Errors
    /// Whatever keeps the server from being asked.
    pub async fn unchanged_since(&self, cursor: &Cursor) -> Result<bool, SourceError> {
        let mut bound = self.bind().await?;
        match cursor {
            Cursor { dirsync: Some(place), .. } if self.settings.kind == SourceKind::ActiveDirectory => {
                Ok(bound.highest_usn().await? == place.highest_usn
                    && bound.invocation_id().await? == place.invocation_id)
            }
            Cursor { syncrepl: Some(place), .. } => bound.stands_at(place).await,
            Cursor { .. } => Ok(false),
        }
    }

    async fn read_query(&self, query: Query) -> Result<Reading, SourceError> {
        let mut bound = self.bind().await?;
        let (sender, mut reading) = Reading::channel();
        reading.link = Some(Arc::clone(&bound.connection.link));
        reading.tasks.spawn(async move {
            let ended = bound.read_pages(&query, &sender).await;
            // Nobody may be listening any more; then nobody needs to know.
            drop(sender.send(ended.map(Read::Complete)).await);
        });
        Ok(reading)
    }

    async fn bind(&self) -> Result<Bound, SourceError> {
        if let Some((server, address)) = self.chosen.get() {
            return self.bind_to(server, Some(*address)).await;
        }
        let mut first_error = None;
        for server in &self.servers {
            match self.bind_to(server, None).await {
                Ok(bound) => {
                    self.chosen.get_or_init(|| (server.clone(), bound.connection.peer));
                    return Ok(bound);
                }
                // The same wrong password at every server would lock the account.
                Err(error @ (SourceError::WrongPassword { .. } | SourceError::BindRefused { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::debug!(server = %server, error = %error, "directory server passed over");
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or(SourceError::Stopped))
    }

    async fn bind_to(&self, server: &ServerAddress, pinned: Option<SocketAddr>) -> Result<Bound, SourceError> {
        let mut connection = guarded::connect(server, &self.tls, pinned, &self.limits).await?;
        let settings = &self.settings;
        let bind = connection.ldap.simple_bind(&settings.bind_dn, settings.bind_password.expose());
        let result = timeout(self.limits.bind, bind)
            .await
            .map_err(|_elapsed| guarded::silent(server, "binding", self.limits.bind))?
            .map_err(|error| connection.link.explain(server, 0, io_error(error)))?;
        let url = server.to_string();
        let answer = quote(&outcome(&result));
        match result.rc {
            0 => connection.link.begin_searches(),
            INVALID_CREDENTIALS => return Err(SourceError::WrongPassword { url, answer }),
            _ => return Err(SourceError::BindRefused { url, answer }),
        }
        let base = settings.base_dn.clone();
        Ok(Bound { server: server.clone(), connection, base, page_wait: self.limits.page })
    }
}

#[cfg(test)]
mod tests;
