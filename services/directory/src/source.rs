//! Where entries come from: directory servers, LDIF files and tables, read as streams that end in a proof that they are whole.
//!
//! What is read here is untrusted: names, sizes and encodings are whatever the other side sends, within the limits of
//! the frame guard. Nothing here decides what an entry means.

mod address;
mod anchor;
mod ber;
pub mod change;
pub mod dn;
pub mod error;
pub mod filter;
mod frame;
mod guarded;
mod kind;
pub mod ldap;
pub mod ldif;
mod probe;
#[cfg(test)]
mod slapd;
pub mod table;
pub(crate) mod tls;
mod windows;

use std::collections::BTreeMap;
use std::sync::Arc;

use freehold_types::Secret;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use anchor::AnchorForm;
use change::{Cursor, Following};
use dn::Dn;
use error::SourceError;
use filter::Filter;
pub(crate) use frame::PHOTO_BYTES_MAX;
use guarded::Link;
pub use kind::SourceKind;
use ldap::LdapSource;
use ldif::LdifSource;
pub use probe::{Deletions, ProbeReport, ServerKind};
use table::TableSource;

/// Entries that wait between the server and whoever maps them.
const READ_BUFFER_ENTRIES: usize = 256;
const ATTRIBUTE_NAME_CHARS_MAX: usize = 100;

/// Everything needed to read one directory.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// How it speaks.
    pub kind: SourceKind,
    /// Servers in order of preference; for LDIF the one path of the file.
    pub urls: Vec<String>,
    /// Whether to begin TLS on `ldap://`.
    pub start_tls: bool,
    /// Certificates of the private authority, PEM; empty for the public ones.
    pub ca_pem: String,
    /// Name to bind with; unused for LDIF.
    pub bind_dn: String,
    /// Its password; unused for LDIF.
    pub bind_password: Secret<String>,
    /// Where reading begins; for LDIF it may be empty, which means the whole file.
    pub base_dn: String,
    /// RFC 4515; empty for the default of the kind.
    pub people_filter: String,
    /// RFC 4515; empty for the default of the kind.
    pub group_filter: String,
    /// What to read of people, besides the object classes, the anchor and the name.
    pub attributes: Vec<String>,
    /// Attributes that are not read with the people, and whose change is told all the same.
    pub watched: Vec<String>,
    /// For a table: headings by the field they fill, where they are not the usual.
    pub columns: BTreeMap<String, String>,
    /// What a CSV file is written in; empty for UTF-8.
    pub encoding: String,
}

/// The lists a directory is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// By the people filter, with the configured attributes.
    People,
    /// By the group filter, with names and members.
    Groups,
}

const GROUP_ATTRIBUTES: [&str; 8] =
    ["cn", "displayName", "description", "member", "uniqueMember", "owner", "groupType", "objectSid"];

impl SourceSettings {
    /// Filter and attributes of a list.
    fn search(&self, listing: Listing) -> (String, Vec<String>) {
        let or_default = |filter: &str, default: &str| {
            if filter.trim().is_empty() { default.to_owned() } else { filter.trim().to_owned() }
        };
        let (filter, attributes): (String, Vec<String>) = match listing {
            Listing::People => (or_default(&self.people_filter, self.kind.people_filter()), self.attributes.clone()),
            Listing::Groups => (
                or_default(&self.group_filter, self.kind.group_filter()),
                GROUP_ATTRIBUTES.iter().copied().map(str::to_owned).collect(),
            ),
        };
        let always = ["objectClass", "entryDN", self.kind.anchor()].map(str::to_owned);
        (filter, always.into_iter().chain(attributes).collect())
    }

    fn check(&self) -> Result<(), SourceError> {
        if !(self.kind == SourceKind::Ldif && self.base_dn.trim().is_empty()) {
            let base = Dn::parse(&self.base_dn)
                .map_err(|error| SourceError::Settings(format!("base_dn {:?}: {error}", self.base_dn)))?;
            if base.is_root() {
                return Err(SourceError::Settings("base_dn is empty".to_owned()));
            }
        }
        for listing in [Listing::People, Listing::Groups] {
            Filter::parse(&self.search(listing).0)?;
        }
        for name in self.attributes.iter().chain(&self.watched) {
            let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';');
            if name.is_empty() || name.len() > ATTRIBUTE_NAME_CHARS_MAX || !name.chars().all(word) {
                return Err(SourceError::Settings(format!("{name:?} is not the name of an attribute")));
            }
            let base = name.split(';').next().unwrap_or_default();
            if ["userPassword", "unicodePwd", "sambaNTPassword"].iter().any(|secret| base.eq_ignore_ascii_case(secret))
            {
                return Err(SourceError::Settings(format!("{name} is never read")));
            }
        }
        Ok(())
    }
}

/// One record as read, before mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Its distinguished name as the source writes it; compare with [`Dn`].
    pub dn: String,
    /// Values by attribute name in lower case, options included (`cn;lang-fr`).
    pub attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// All values of an attribute, named in lower case; none when it is absent.
    #[must_use]
    pub fn values(&self, attribute: &str) -> &[Vec<u8>] {
        self.attributes.get(attribute).map_or(&[], Vec::as_slice)
    }
}

/// Proof that a list was read to its end: the final result was a success and every page came. It cannot be made
/// outside of this module. References to other servers are counted, not followed: what they stand for was not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complete {
    entries: u64,
    pages: u64,
    references: u64,
}

impl Complete {
    const fn begun() -> Self {
        Self { entries: 0, pages: 0, references: 0 }
    }

    /// How many entries came.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// In how many pages; 1 for a file.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// How many references to other servers came in between.
    #[must_use]
    pub const fn references(&self) -> u64 {
        self.references
    }
}

/// What comes next out of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// An entry.
    Entry(Entry),
    /// The end, proved.
    Complete(Complete),
}

/// A list while it is being read, with back-pressure: the server is asked for no more than is taken out here.
/// Dropping it ends the connection.
#[derive(Debug)]
pub struct Reading {
    receiver: mpsc::Receiver<Result<Read, SourceError>>,
    complete: Option<Complete>,
    /// The connection behind it, which sends on when something is taken out here.
    link: Option<Arc<Link>>,
    /// What fills it; aborted when it is dropped.
    tasks: JoinSet<()>,
}

impl Reading {
    fn channel() -> (mpsc::Sender<Result<Read, SourceError>>, Self) {
        Self::channel_of(READ_BUFFER_ENTRIES)
    }

    fn channel_of(entries: usize) -> (mpsc::Sender<Result<Read, SourceError>>, Self) {
        let (sender, receiver) = mpsc::channel(entries);
        (sender, Self { receiver, complete: None, link: None, tasks: JoinSet::new() })
    }

    /// The next entry, or the proof of the end, again and again once it is reached.
    ///
    /// # Errors
    /// Whatever kept the list from being read to its end.
    pub async fn next(&mut self) -> Result<Read, SourceError> {
        if let Some(complete) = self.complete {
            return Ok(Read::Complete(complete));
        }
        let read = self.receiver.recv().await.unwrap_or(Err(SourceError::Stopped))?;
        match (&read, &self.link) {
            (Read::Complete(complete), _) => {
                let (entries, pages, references) = (complete.entries(), complete.pages(), complete.references());
                tracing::debug!(entries, pages, references, "list read to its end");
                self.complete = Some(*complete);
            }
            (Read::Entry(_), Some(link)) => link.taken(),
            (Read::Entry(_), None) => {}
        }
        Ok(read)
    }
}

/// A directory to read from.
pub enum Source {
    /// A server.
    Ldap(Box<LdapSource>),
    /// A file of entries.
    Ldif(Box<LdifSource>),
    /// A file of rows.
    Table(Box<TableSource>),
}

impl Source {
    /// Checks the settings; opens nothing yet.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn new(settings: SourceSettings) -> Result<Self, SourceError> {
        match settings.kind {
            SourceKind::ActiveDirectory | SourceKind::OpenLdap | SourceKind::Ldap => {
                LdapSource::new(settings).map(|source| Self::Ldap(Box::new(source)))
            }
            SourceKind::Ldif => LdifSource::new(settings).map(|source| Self::Ldif(Box::new(source))),
            SourceKind::Csv | SourceKind::Xlsx => {
                TableSource::new(&settings).map(|source| Self::Table(Box::new(source)))
            }
        }
    }

    /// Tries everything a reading needs, short of reading.
    ///
    /// # Errors
    /// Whatever would keep a reading from beginning.
    pub async fn probe(&self) -> Result<ProbeReport, SourceError> {
        match self {
            Self::Ldap(source) => source.probe().await,
            Self::Ldif(source) => source.probe().await,
            Self::Table(source) => source.probe().await,
        }
    }

    /// The people.
    ///
    /// # Errors
    /// Whatever keeps the reading from beginning.
    pub async fn people(&self) -> Result<Reading, SourceError> {
        self.read(Listing::People).await
    }

    /// The directory groups, each with all its members.
    ///
    /// # Errors
    /// Whatever keeps the reading from beginning.
    pub async fn groups(&self) -> Result<Reading, SourceError> {
        self.read(Listing::Groups).await
    }

    /// Where following would begin now; nothing when the source has no line of changes. To be asked before a reading
    /// begins.
    ///
    /// # Errors
    /// Whatever keeps it from being asked.
    pub async fn cursor(&self) -> Result<Option<Cursor>, SourceError> {
        match self {
            Self::Ldap(source) => source.cursor().await,
            Self::Ldif(_) | Self::Table(_) => Ok(None),
        }
    }

    /// Goes on from a place: what changed since, then what changes while somebody listens.
    ///
    /// # Errors
    /// Whatever keeps it from beginning.
    pub async fn follow(&self, cursor: &Cursor) -> Result<Following, SourceError> {
        match self {
            Self::Ldap(source) => source.follow(cursor).await,
            Self::Ldif(_) | Self::Table(_) => Err(SourceError::CannotFollow),
        }
    }

    /// Whether the source says that nothing at all changed since a place. False when it cannot tell.
    ///
    /// # Errors
    /// Whatever keeps it from being asked.
    pub async fn unchanged_since(&self, cursor: &Cursor) -> Result<bool, SourceError> {
        match self {
            Self::Ldap(source) => source.unchanged_since(cursor).await,
            Self::Ldif(_) | Self::Table(_) => Ok(false),
        }
    }

    async fn read(&self, listing: Listing) -> Result<Reading, SourceError> {
        match self {
            Self::Ldap(source) => source.read(listing).await,
            Self::Ldif(source) => Ok(source.read(listing)),
            Self::Table(source) => Ok(source.read(listing)),
        }
    }
}
