//! Following a server by content synchronization (RFC 4533), as OpenLDAP and its relatives speak it: three searches
//! kept open, for people, for groups, and for the containers above them, whose renaming moves everybody below without
//! a word about anybody.

mod listen;
mod message;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::super::change::{Change, ChangeSender, Cursor, Following, SyncreplPlace};
use super::super::error::SourceError;
use super::super::{Entry, Listing, Read};
use super::entry::texts;
use super::{Bound, LdapSource, Query};
use listen::{Event, Listener};

pub(super) const SYNC_REQUEST: &str = "1.3.6.1.4.1.4203.1.9.1.1";
/// What people and groups stand in.
const CONTAINERS: &str = "(|(objectClass=organizationalUnit)(objectClass=organization)(objectClass=container)\
    (objectClass=domain)(objectClass=locality)(objectClass=country))";
/// Events that wait between the searches and what puts them in order.
const EVENT_BUFFER: usize = 64;

/// What one of the three searches is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Search {
    People,
    Groups,
    Containers,
}

const SEARCHES: [Search; 3] = [Search::People, Search::Groups, Search::Containers];

impl LdapSource {
    /// Where following would begin now: the `contextCSN` of the tree, made into a cookie. Nothing when the server
    /// does not say, or does not tell changes.
    pub(super) async fn syncrepl_place(&self, bound: &mut Bound) -> Result<Option<SyncreplPlace>, SourceError> {
        let csns = bound.context_csns().await?;
        if csns.is_empty() {
            return Ok(None);
        }
        let cookie = format!("rid=000,csn={}", csns.join(";")).into_bytes();
        // A server may know how, and not do it for this tree.
        let once = vec![message::request_once(&cookie)];
        match bound.read_base(&self.settings.base_dn, "(objectClass=*)", vec!["1.1".to_owned()], once).await {
            Err(SourceError::PagingRefused { answer }) => {
                tracing::debug!(answer, "directory server does not tell changes of this tree");
                return Ok(None);
            }
            other => drop(other?),
        }
        Ok(Some(SyncreplPlace { people: cookie.clone(), groups: cookie.clone(), containers: cookie }))
    }

    /// Goes on from a place.
    pub(super) async fn follow_syncrepl(&self, place: SyncreplPlace) -> Result<Following, SourceError> {
        let names = self.containers().await?;
        let (events, waiting) = mpsc::channel(EVENT_BUFFER);
        let mut listeners = JoinSet::new();
        for search in SEARCHES {
            let bound = self.bind().await?;
            let (query, cookie) = match search {
                Search::People => (self.followed(Listing::People), place.people.clone()),
                Search::Groups => (self.followed(Listing::Groups), place.groups.clone()),
                Search::Containers => (containers_query(), place.containers.clone()),
            };
            listeners.spawn(Listener { search, bound, query, events: events.clone() }.listen(cookie));
        }
        drop(events);
        let (sender, mut following) = Following::channel();
        let refresh = Refresh::default();
        let teller = Teller { place, names, refresh, sender, _listeners: listeners };
        following.tasks.spawn(teller.tell(waiting));
        Ok(following)
    }

    fn followed(&self, listing: Listing) -> Query {
        let (filter, mut attributes) = self.settings.search(listing);
        attributes.extend(["entryUUID", "entryCSN", "modifyTimestamp"].map(str::to_owned));
        Query::new(filter, attributes)
    }

    /// Names of all containers by their ids.
    async fn containers(&self) -> Result<BTreeMap<String, String>, SourceError> {
        let mut reading = self.read_query(containers_query()).await?;
        let mut names = BTreeMap::new();
        while let Read::Entry(entry) = reading.next().await? {
            if let Some(id) = texts(&entry, "entryuuid").pop() {
                names.insert(id, entry.dn);
            }
        }
        Ok(names)
    }
}

fn containers_query() -> Query {
    Query::new(CONTAINERS.to_owned(), vec!["entryUUID".to_owned()])
}

impl Bound {
    /// The last change of the tree at each of its servers, in order; none when the server does not say.
    async fn context_csns(&mut self) -> Result<Vec<String>, SourceError> {
        let Some(context) = self.naming_context().await? else { return Ok(Vec::new()) };
        let top = self.read_one(&context, vec!["contextCSN".to_owned()]).await?.unwrap_or_default();
        let mut csns = texts(&top, "contextcsn");
        csns.sort();
        Ok(csns)
    }

    /// Whether the tree is where all three searches were told that it is.
    pub(super) async fn stands_at(&mut self, place: &SyncreplPlace) -> Result<bool, SourceError> {
        let csns = self.context_csns().await?;
        let here = |cookie: &Vec<u8>| listen::csns(&String::from_utf8_lossy(cookie)) == csns;
        Ok(!csns.is_empty() && [&place.people, &place.groups, &place.containers].into_iter().all(here))
    }
}

/// What is told of the time before somebody listened. A search then also calls those gone who changed and never were
/// in it: a person is no group. So whoever is gone is told once every search has said who is there.
#[derive(Default)]
struct Refresh {
    /// By which search.
    there: BTreeMap<String, Search>,
    gone: BTreeMap<String, Option<DateTime<Utc>>>,
}

impl Refresh {
    fn there(&mut self, search: Search, entry_id: String) {
        self.gone.remove(&entry_id);
        self.there.insert(entry_id, search);
    }

    fn gone(&mut self, search: Search, entry_id: String, changed_at: Option<DateTime<Utc>>) {
        if self.there.get(&entry_id).is_none_or(|by| *by == search) {
            self.there.remove(&entry_id);
            let known = self.gone.entry(entry_id).or_default();
            *known = (*known).max(changed_at);
        }
    }
}

/// Puts what the three searches say into one line.
struct Teller {
    place: SyncreplPlace,
    /// Distinguished names of the containers by their ids.
    names: BTreeMap<String, String>,
    refresh: Refresh,
    sender: ChangeSender,
    _listeners: JoinSet<()>,
}

impl Teller {
    async fn tell(mut self, mut waiting: mpsc::Receiver<(Search, Result<Event, SourceError>)>) {
        let mut refreshing: Vec<Search> = SEARCHES.to_vec();
        while let Some((search, event)) = waiting.recv().await {
            let change = match event {
                Err(error) => Some(Err(error)),
                Ok(event) => {
                    if matches!(event, Event::Refreshed) {
                        refreshing.retain(|other| *other != search);
                    }
                    self.change(search, event, !refreshing.is_empty()).map(Ok)
                }
            };
            let last = matches!(change, Some(Err(_) | Ok(Change::ReadAgain { .. })));
            if let Some(change) = change
                && (self.sender.send(change).await.is_err() || last)
            {
                return;
            }
            let gone = if refreshing.is_empty() { std::mem::take(&mut self.refresh.gone) } else { BTreeMap::new() };
            for (entry_id, changed_at) in gone {
                if self.sender.send(Ok(Change::Gone { entry_id, changed_at })).await.is_err() {
                    return;
                }
            }
            if refreshing.is_empty() && waiting.is_empty() {
                let here = Cursor { syncrepl: Some(self.place.clone()), ..Cursor::default() };
                if self.sender.send(Ok(Change::InStep(here))).await.is_err() {
                    return;
                }
            }
        }
    }

    fn change(&mut self, search: Search, event: Event, refreshing: bool) -> Option<Change> {
        let listing = match search {
            Search::People => Some(Listing::People),
            Search::Groups => Some(Listing::Groups),
            Search::Containers => None,
        };
        match (event, listing) {
            (Event::Refreshed, _) => None,
            (Event::Cookie(cookie), _) => {
                match search {
                    Search::People => self.place.people = cookie,
                    Search::Groups => self.place.groups = cookie,
                    Search::Containers => self.place.containers = cookie,
                }
                None
            }
            (Event::Lost(because), _) => Some(Change::ReadAgain { because }),
            (Event::Entry { entry_id, entry, changed_at }, Some(listing)) => {
                if refreshing {
                    self.refresh.there(search, entry_id);
                }
                Some(Change::Entry { listing, entry, changed_at })
            }
            (Event::Gone { entry_id, changed_at }, Some(_)) if refreshing => {
                self.refresh.gone(search, entry_id, changed_at);
                None
            }
            (Event::Gone { entry_id, changed_at }, Some(_)) => Some(Change::Gone { entry_id, changed_at }),
            (Event::Entry { entry_id, entry, .. }, None) => self.container(&entry_id, &entry, refreshing),
            (Event::Gone { entry_id, .. }, None) => {
                self.names.remove(&entry_id);
                None
            }
        }
    }

    /// A container with another name moved everybody below it. What was it called while nobody listened? Nobody can
    /// say, so then any change of one counts.
    fn container(&mut self, entry_id: &str, entry: &Entry, refreshing: bool) -> Option<Change> {
        let before = self.names.insert(entry_id.to_owned(), entry.dn.clone());
        let moved = if refreshing { before.is_some() } else { before.is_some_and(|before| before != entry.dn) };
        moved.then(|| Change::ReadAgain { because: format!("{} was moved or renamed", entry.dn) })
    }
}

#[cfg(test)]
mod tests;
