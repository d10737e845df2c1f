//! A connection that is bound: searches on it, page after page, and single entries.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ldap3::controls::{MakeCritical, PagedResults, RawControl};
use ldap3::{LdapError, LdapResult, Scope, SearchStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::super::address::ServerAddress;
use super::super::error::{SourceError, quote};
use super::super::frame::Outcome;
use super::super::guarded::{self, Guarded};
use super::super::{Complete, Entry, Read};
use super::entry::{entry, io_error, next_cookie, outcome, wants};
use super::ranges::{self, unranged};
use super::{NO_SUCH_OBJECT, PAGE_ENTRIES, READ_ENTRIES_MAX, READ_PAGES_MAX};

/// Entries that wait between the server and whoever takes them.
const BUFFER_ENTRIES: usize = 64;
/// Entries of one page whose values come in pieces.
const CUT_ENTRIES_MAX: usize = 10_000;

/// A bound connection and what is read over it.
pub(super) struct Bound {
    pub(super) server: ServerAddress,
    pub(super) connection: Guarded,
    pub(super) base: String,
    pub(super) page_wait: Duration,
}

pub(super) type Stream = SearchStream<'static, String, Vec<String>>;
pub(super) type Sender = mpsc::Sender<Result<Read, SourceError>>;

/// What is asked for, page after page.
pub(super) struct Query {
    pub(super) filter: String,
    pub(super) attributes: Vec<String>,
    /// The same in lower case, to drop what comes unasked.
    pub(super) wanted: BTreeSet<String>,
}

impl Query {
    pub(super) fn new(filter: String, attributes: Vec<String>) -> Self {
        let wanted = attributes.iter().map(|name| name.to_lowercase()).collect();
        Self { filter, attributes, wanted }
    }

    /// Whether an attribute, named in lower case and perhaps with options, was asked for.
    pub(super) fn wants(&self, attribute: &str) -> bool {
        wants(&self.wanted, attribute)
    }
}

impl Bound {
    pub(super) async fn read_pages(&mut self, query: &Query, sender: &Sender) -> Result<Complete, SourceError> {
        let mut complete = Complete::begun();
        let mut cookie = Vec::new();
        loop {
            if complete.pages >= READ_PAGES_MAX {
                return Err(SourceError::TooMany { what: "pages", limit: READ_PAGES_MAX });
            }
            let mut cut = Vec::new();
            let result = self.read_page(query, cookie, &mut complete, &mut cut, sender).await?;
            complete.pages += 1;
            if result.rc != 0 {
                return Err(self.refusal(&outcome(&result), complete.entries));
            }
            for name in cut {
                // One that is not there any more was removed meanwhile.
                if let Some(entry) = self.read_whole(&name, query).await? {
                    self.connection.link.once_more();
                    sender.send(Ok(Read::Entry(entry))).await.map_err(|_closed| SourceError::Stopped)?;
                }
            }
            cookie = next_cookie(&result)
                .ok_or(SourceError::PagingLost { page: complete.pages, entries: complete.entries })?;
            if cookie.is_empty() {
                return Ok(complete);
            }
        }
    }

    /// Reads a list to its end and gives every entry of it away.
    pub(super) async fn each(
        &mut self,
        query: &Query,
        take: &mut (dyn FnMut(Entry) + Send),
    ) -> Result<Complete, SourceError> {
        let (sender, mut read) = mpsc::channel(BUFFER_ENTRIES);
        let link = Arc::clone(&self.connection.link);
        let taking = async {
            while let Some(Ok(Read::Entry(entry))) = read.recv().await {
                link.taken();
                take(entry);
            }
        };
        let reading = async {
            let sender = sender;
            self.read_pages(query, &sender).await
        };
        let (complete, ()) = tokio::join!(reading, taking);
        complete
    }

    async fn read_page(
        &mut self,
        query: &Query,
        cookie: Vec<u8>,
        complete: &mut Complete,
        cut: &mut Vec<String>,
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
            if ranges::cut(&entry) {
                // Dropped, and read again when the page is there: so many beginnings of long lists need no memory.
                self.connection.link.taken();
                cut.push(ranges::lasting_name(&entry));
                if cut.len() > CUT_ENTRIES_MAX {
                    return Err(SourceError::PagingLost { page: complete.pages + 1, entries: complete.entries });
                }
                continue;
            }
            if sender.send(Ok(Read::Entry(entry))).await.is_err() {
                return Err(SourceError::Stopped);
            }
        }
    }

    pub(super) async fn search(
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
    pub(super) async fn read_one(&mut self, name: &str, attributes: Vec<String>) -> Result<Option<Entry>, SourceError> {
        self.read_base(name, "(objectClass=*)", attributes, Vec::new()).await
    }

    /// One entry by its name, if the filter lets it through.
    pub(super) async fn read_base(
        &mut self,
        name: &str,
        filter: &str,
        attributes: Vec<String>,
        controls: Vec<RawControl>,
    ) -> Result<Option<Entry>, SourceError> {
        let wanted: BTreeSet<String> =
            attributes.iter().map(|name| unranged(&name.to_lowercase()).to_owned()).collect();
        let mut found = None;
        let mut stream = self.search(name, Scope::Base, filter, attributes, controls, 0).await?;
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

    pub(super) fn refusal(&self, outcome: &Outcome, entries: u64) -> SourceError {
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
