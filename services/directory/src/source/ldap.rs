//! Reading a directory server: bind, then paged searches whose end is proved.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ldap3::asn1::{PL, StructureTag};
use ldap3::controls::{MakeCritical, PagedResults, RawControl};
use ldap3::{LdapError, LdapResult, Scope, SearchStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

use super::address::ServerAddress;
use super::ber::{self, Elements, INTEGER, OCTET_STRING, SEQUENCE};
use super::error::{SourceError, quote};
use super::frame::Outcome;
use super::guarded::{self, Guarded, Limits};
use super::{Complete, Entry, Listing, ProbeReport, Read, Reading, ServerKind, SourceSettings, tls};

/// Entries asked for at a time; Active Directory gives no more.
pub const PAGE_ENTRIES: i32 = 1000;
/// Entries of one reading.
pub const READ_ENTRIES_MAX: u64 = 5_000_000;
/// Pages of one reading; a server may give smaller pages than asked for, also empty ones.
pub const READ_PAGES_MAX: u64 = 100_000;

const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
const COOKIE_BYTES_MAX: usize = 64 * 1024;

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
}

struct Bound {
    server: ServerAddress,
    connection: Guarded,
    base: String,
    page_wait: Duration,
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
        Ok(Self { settings, servers, tls, limits, chosen: OnceLock::new() })
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
        Ok(ProbeReport {
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
        let bound = self.bind().await?;
        let (filter, attributes) = self.settings.search(listing);
        let query = Query::new(filter, attributes);
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

type Stream = SearchStream<'static, String, Vec<String>>;
type Sender = mpsc::Sender<Result<Read, SourceError>>;

/// What is asked for, page after page.
struct Query {
    filter: String,
    attributes: Vec<String>,
    /// The same in lower case, to drop what comes unasked.
    wanted: BTreeSet<String>,
}

impl Query {
    fn new(filter: String, attributes: Vec<String>) -> Self {
        let wanted = attributes.iter().map(|name| name.to_lowercase()).collect();
        Self { filter, attributes, wanted }
    }
}

impl Bound {
    async fn read_pages(mut self, query: &Query, sender: &Sender) -> Result<Complete, SourceError> {
        let mut complete = Complete::begun();
        let mut cookie = Vec::new();
        loop {
            if complete.pages >= READ_PAGES_MAX {
                return Err(SourceError::TooMany { what: "pages", limit: READ_PAGES_MAX });
            }
            let result = self.read_page(query, cookie, &mut complete, sender).await?;
            complete.pages += 1;
            if result.rc != 0 {
                return Err(self.refusal(&outcome(&result), complete.entries));
            }
            cookie = next_cookie(&result)
                .ok_or(SourceError::PagingLost { page: complete.pages, entries: complete.entries })?;
            if cookie.is_empty() {
                return Ok(complete);
            }
        }
    }

    async fn read_page(
        &mut self,
        query: &Query,
        cookie: Vec<u8>,
        complete: &mut Complete,
        sender: &Sender,
    ) -> Result<LdapResult, SourceError> {
        let base = self.base.clone();
        let control: RawControl = PagedResults { size: PAGE_ENTRIES, cookie }.critical().into();
        let attributes = query.attributes.clone();
        let mut stream =
            self.search(&base, Scope::Subtree, &query.filter, attributes, vec![control], complete.entries).await?;
        let mut left = self.page_wait;
        loop {
            let asked = Instant::now();
            let Ok(item) = timeout(left, stream.next()).await else {
                if self.connection.link.waits_for_reader() {
                    left = self.page_wait;
                    continue;
                }
                return Err(guarded::silent(&self.server, "reading a page", self.page_wait));
            };
            left = left.saturating_sub(asked.elapsed());
            let item =
                item.map_err(|error| self.connection.link.explain(&self.server, complete.entries, io_error(error)))?;
            let Some(found) = item else {
                self.connection.link.taken();
                return Ok(stream.finish().await);
            };
            if found.is_ref() {
                self.connection.link.taken();
                complete.references += 1;
                continue;
            }
            complete.entries += 1;
            if complete.entries > READ_ENTRIES_MAX {
                return Err(SourceError::TooMany { what: "entries", limit: READ_ENTRIES_MAX });
            }
            let entry = entry(found.0, &query.wanted);
            if let Some(cut) = entry.attributes.keys().find(|name| name.contains(";range=")) {
                let attribute = cut.split(';').next().unwrap_or_default().to_owned();
                return Err(SourceError::Cut { attribute });
            }
            if sender.send(Ok(Read::Entry(entry))).await.is_err() {
                return Err(SourceError::Stopped);
            }
        }
    }

    async fn search(
        &mut self,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: Vec<String>,
        controls: Vec<RawControl>,
        entries: u64,
    ) -> Result<Stream, SourceError> {
        let begun = self.connection.ldap.with_controls(controls).streaming_search(base, scope, filter, attributes);
        match timeout(self.page_wait, begun).await {
            Err(_elapsed) => Err(guarded::silent(&self.server, "sending a search", self.page_wait)),
            Ok(Err(LdapError::FilterParsing)) => Err(SourceError::BadFilter {
                filter: filter.to_owned(),
                position: 1,
                problem: "the LDAP client cannot read it".to_owned(),
            }),
            Ok(begun) => begun.map_err(|error| self.connection.link.explain(&self.server, entries, io_error(error))),
        }
    }

    /// One entry by its name, without paging; `None` when the server says success and shows nothing.
    async fn read_one(&mut self, name: &str, attributes: Vec<String>) -> Result<Option<Entry>, SourceError> {
        let wanted: BTreeSet<String> = attributes.iter().map(|name| name.to_lowercase()).collect();
        let mut found = None;
        let mut stream = self.search(name, Scope::Base, "(objectClass=*)", attributes, Vec::new(), 0).await?;
        let until_end = async {
            while let Some(item) = stream.next().await? {
                self.connection.link.taken();
                if !item.is_ref() {
                    found = Some(entry(item.0, &wanted));
                }
            }
            self.connection.link.taken();
            Ok::<LdapResult, LdapError>(stream.finish().await)
        };
        let result = timeout(self.page_wait, until_end)
            .await
            .map_err(|_elapsed| guarded::silent(&self.server, "reading one entry", self.page_wait))?
            .map_err(|error| self.connection.link.explain(&self.server, 0, io_error(error)))?;
        if result.rc == 0 { Ok(found) } else { Err(self.refusal(&outcome(&result), 0)) }
    }

    fn refusal(&self, outcome: &Outcome, entries: u64) -> SourceError {
        let base = self.base.clone();
        let answer = quote(outcome);
        match outcome.code {
            3 => SourceError::TimeLimit { entries },
            4 | 11 => SourceError::SizeLimit { entries },
            10 => SourceError::Referred { base },
            12 => SourceError::PagingRefused { answer },
            NO_SUCH_OBJECT | 34 => SourceError::BaseNotFound { base, offered: Vec::new() },
            code => SourceError::SearchRefused { entries, answer, passing: matches!(code, 51 | 52) },
        }
    }
}

fn outcome(result: &LdapResult) -> Outcome {
    Outcome { code: result.rc, text: result.text.clone() }
}

fn io_error(error: LdapError) -> Option<std::io::Error> {
    if let LdapError::Io { source } = error { Some(source) } else { None }
}

/// The cookie of the next page, empty at the end; `None` when the server says nothing of pages. Read here because the
/// client's own parser panics on what it does not expect and recurses without a limit.
fn next_cookie(result: &LdapResult) -> Option<Vec<u8>> {
    let control = result.ctrls.iter().find(|control| control.1.ctype == PAGED_RESULTS)?;
    let value = control.1.val.as_deref()?;
    ber::check_form(value).ok()?;
    let mut parts = Elements::new(Elements::new(value).expect(SEQUENCE, "page").ok()?);
    parts.expect(INTEGER, "page size").ok()?;
    let cookie = parts.expect(OCTET_STRING, "cookie").ok()?;
    (cookie.len() <= COOKIE_BYTES_MAX).then(|| cookie.to_vec())
}

/// Takes the entry over as it came, but for attributes nobody asked for: some servers send passwords unasked. The
/// guard has checked the form, so what does not fit here cannot happen and reads as absent.
fn entry(found: StructureTag, wanted: &BTreeSet<String>) -> Entry {
    let mut parts = constructed(found).into_iter();
    let name = parts.next().map(primitive).unwrap_or_default();
    let mut attributes: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for attribute in parts.next().map(constructed).unwrap_or_default() {
        let mut parts = constructed(attribute).into_iter();
        let name = String::from_utf8_lossy(&parts.next().map(primitive).unwrap_or_default()).to_lowercase();
        let name = name.strip_suffix(";range=0-*").unwrap_or(&name);
        if wanted.contains(name) || wanted.contains(name.split(';').next().unwrap_or_default()) {
            let values = parts.next().map(constructed).unwrap_or_default().into_iter().map(primitive);
            attributes.entry(name.to_owned()).or_default().extend(values);
        }
    }
    // A name that is not UTF-8 breaks the standard, but one such entry must not stop the others; it resolves nothing.
    Entry { dn: String::from_utf8_lossy(&name).into_owned(), attributes }
}

fn constructed(tag: StructureTag) -> Vec<StructureTag> {
    match tag.payload {
        PL::C(parts) => parts,
        PL::P(_) => Vec::new(),
    }
}

fn primitive(tag: StructureTag) -> Vec<u8> {
    match tag.payload {
        PL::P(bytes) => bytes,
        PL::C(_) => Vec::new(),
    }
}

fn texts(entry: &Entry, attribute: &str) -> Vec<String> {
    entry.values(attribute).iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

fn server_kind(root: &Entry) -> ServerKind {
    let vendor = texts(root, "vendorname").join(" ").to_lowercase();
    let version = texts(root, "vendorversion").join(" ").to_lowercase();
    if vendor.contains("samba") {
        ServerKind::Samba
    } else if texts(root, "supportedcapabilities").iter().any(|oid| oid == "1.2.840.113556.1.4.800") {
        ServerKind::ActiveDirectory
    } else if version.contains("389-directory") {
        ServerKind::Ds389
    } else if texts(root, "objectclass").iter().any(|class| class.eq_ignore_ascii_case("OpenLDAProotDSE")) {
        ServerKind::OpenLdap
    } else {
        ServerKind::Other
    }
}

#[cfg(test)]
mod tests;
