//! One search that is kept open.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use ldap3::{LdapError, ResultEntry, Scope};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::super::super::Entry;
use super::super::super::error::SourceError;
use super::super::super::guarded;
use super::super::bound::{Bound, Query, Stream};
use super::super::entry::{control_value, entry, io_error, outcome, texts};
use super::Search;
use super::message::{self, Info, SYNC_DONE, SYNC_STATE, State};

/// How often a connection on which nothing happens is asked whether it is still one.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// The server wants the whole content to be read again (RFC 4533 section 2.6).
const REFRESH_REQUIRED: u32 = 4096;
/// OpenLDAP says this to a cookie from its own future: somebody restored an old copy of the directory.
const UNWILLING: u32 = 53;

/// What a search says.
pub(super) enum Event {
    Entry {
        entry_id: String,
        entry: Entry,
        changed_at: Option<DateTime<Utc>>,
    },
    Gone {
        entry_id: String,
        changed_at: Option<DateTime<Utc>>,
    },
    Cookie(Vec<u8>),
    /// Everything up to now is told; from here on it is told when it happens.
    Refreshed,
    /// Nobody can tell any more what happened since the cookie.
    Lost(String),
}

/// A search and where it reports.
pub(super) struct Listener {
    pub search: Search,
    pub bound: Bound,
    pub query: Query,
    pub events: mpsc::Sender<(Search, Result<Event, SourceError>)>,
}

impl Listener {
    pub(super) async fn listen(mut self, cookie: Vec<u8>) {
        if let Err(error) = self.listen_until_end(cookie).await {
            // Nobody may be listening any more; then nobody needs to know.
            self.events.send((self.search, Err(error))).await.ok();
        }
    }

    async fn listen_until_end(&mut self, cookie: Vec<u8>) -> Result<(), SourceError> {
        let base = self.bound.base.clone();
        let (filter, attributes) = (self.query.filter.clone(), self.query.attributes.clone());
        self.bound.connection.link.begin_following();
        let controls = vec![message::request(&cookie)];
        let mut stream = self.bound.search(&base, Scope::Subtree, &filter, attributes, controls, 0).await?;
        let mut refreshed = false;
        let mut ticks = interval(KEEP_ALIVE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        loop {
            let item = if refreshed {
                tokio::select! {
                    item = stream.next() => item,
                    _ = ticks.tick() => {
                        self.bound.read_one("", vec!["1.1".to_owned()]).await?;
                        continue;
                    }
                }
            } else {
                timeout(self.bound.page_wait, stream.next()).await.map_err(|_elapsed| {
                    guarded::silent(&self.bound.server, "telling what changed", self.bound.page_wait)
                })?
            };
            self.bound.connection.link.taken();
            match item.map_err(|error| self.broken(error))? {
                None => return self.ended(stream).await,
                Some(found) if found.is_ref() => {}
                Some(found) => {
                    for event in self.read(found)? {
                        refreshed |= matches!(event, Event::Refreshed);
                        if self.events.send((self.search, Ok(event))).await.is_err() {
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    fn broken(&self, error: LdapError) -> SourceError {
        self.bound.connection.link.explain(&self.bound.server, 0, io_error(error))
    }

    /// A search that is kept open has no end of its own.
    async fn ended(&self, mut stream: Stream) -> Result<(), SourceError> {
        let result = stream.finish().await;
        let lost = match result.rc {
            REFRESH_REQUIRED => "the directory server forgot what changed since it was last read",
            UNWILLING => "the directory server is older than when it was last read; a backup may have been restored",
            0 if control_value(&result.ctrls, SYNC_DONE).is_some() => "the directory server stopped telling changes",
            _ => return Err(self.bound.refusal(&outcome(&result), 0)),
        };
        self.events.send((self.search, Ok(Event::Lost(lost.to_owned())))).await.ok();
        Ok(())
    }

    fn read(&self, found: ResultEntry) -> Result<Vec<Event>, SourceError> {
        let unreadable = || self.bound.connection.link.nonsense(&self.bound.server, "state of an entry (RFC 4533)");
        if found.is_intermediate() {
            return Ok(told(message::info(found.0).ok_or_else(unreadable)?));
        }
        let value = control_value(&found.1, SYNC_STATE).ok_or_else(unreadable)?;
        let (state, id, cookie) = message::state(value).ok_or_else(unreadable)?;
        let entry = entry(found.0, &self.query.wanted);
        let event = match state {
            State::Present => Event::Lost(FORGOTTEN.to_owned()),
            State::Deleted => Event::Gone {
                entry_id: text(id),
                changed_at: cookie.as_deref().and_then(|cookie| csn_time(&String::from_utf8_lossy(cookie))),
            },
            State::Changed => {
                if let Some(cut) = entry.attributes.keys().find(|name| name.contains(";range=")) {
                    return Err(SourceError::Cut { attribute: cut.split(';').next().unwrap_or_default().to_owned() });
                }
                let changed_at = texts(&entry, "entrycsn").pop().and_then(|csn| csn_time(&csn));
                Event::Entry { entry_id: text(id), entry, changed_at }
            }
        };
        Ok([Some(event), cookie.map(Event::Cookie)].into_iter().flatten().collect())
    }
}

const FORGOTTEN: &str = "the directory server does not remember what was deleted since it was last read";

fn text(id: Uuid) -> String {
    id.hyphenated().to_string()
}

fn told(info: Info) -> Vec<Event> {
    let (event, cookie, refreshed) = match info {
        Info::Cookie(cookie) => (None, Some(cookie), false),
        Info::Deleted { cookie, refreshed } => (None, cookie, refreshed),
        Info::Present { cookie, refreshed: true } => (None, cookie, true),
        Info::Present { .. } | Info::Ids { deleted: false, .. } => (Some(FORGOTTEN), None, false),
        Info::Ids { cookie, ids, .. } => {
            let gone = ids.into_iter().map(|id| Event::Gone { entry_id: text(id), changed_at: None });
            return gone.chain(cookie.map(Event::Cookie)).collect();
        }
    };
    let lost = event.map(|because| Event::Lost(because.to_owned()));
    let refreshed = refreshed.then_some(Event::Refreshed);
    [lost, cookie.map(Event::Cookie), refreshed].into_iter().flatten().collect()
}

/// The change sequence numbers in a cookie such as `rid=000,csn=A;B`, in order.
pub(super) fn csns(cookie: &str) -> Vec<String> {
    let named = cookie.split(',').find_map(|part| part.strip_prefix("csn="));
    let mut csns: Vec<String> = named.into_iter().flat_map(|csns| csns.split(';')).map(str::to_owned).collect();
    csns.sort();
    csns
}

/// The newest time in a change sequence number such as `20261122120000.123456Z#000000#000#000000`, or in a cookie
/// that holds some.
fn csn_time(text: &str) -> Option<DateTime<Utc>> {
    let csns = text.split_once("csn=").map_or(text, |(_, csns)| csns);
    let time = |csn: &str| {
        let stamp = csn.split('#').next()?.trim_end_matches('Z');
        NaiveDateTime::parse_from_str(stamp, "%Y%m%d%H%M%S%.f").ok().map(|time| time.and_utc())
    };
    csns.split(';').filter_map(time).max()
}

#[cfg(test)]
mod tests;
