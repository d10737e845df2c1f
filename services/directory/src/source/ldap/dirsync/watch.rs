//! Asks what changed whenever the bell rings, and tells it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::super::super::change::{Change, ChangeSender, Cursor, DirsyncPlace};
use super::super::super::dn::Dn;
use super::super::super::error::SourceError;
use super::super::super::{AnchorForm, Entry, Listing};
use super::super::bound::{Bound, Query};
use super::super::entry::{texts, time};
use super::super::ranges::guid_name;
use super::bell::{self, Rung};
use super::{ANY, CHANGED_ENTRIES_MAX, Ended, Pace, ROUNDS_MAX, UNAVAILABLE_CRITICAL_EXTENSION, message};

pub(super) const WENT_BACK: &str = "the directory server is older than when it was last read; a backup may have been \
    restored";
const FORGOTTEN: &str = "the directory server does not know any more what changed since it was last read";
/// What people and groups stand in.
const CONTAINERS: [&str; 6] =
    ["organizationalunit", "container", "builtindomain", "organization", "domaindns", "locality"];

/// Follows one partition over one connection.
pub(super) struct Watch {
    pub bound: Bound,
    pub context: String,
    pub base: Dn,
    pub people: Query,
    pub groups: Query,
    /// What a change has to name.
    pub asked: Vec<String>,
    pub place: DirsyncPlace,
    pub sees_deletions: bool,
    pub pace: Pace,
    pub sender: ChangeSender,
}

/// What a change says of an entry, besides that it changed.
#[derive(Default)]
struct Mark {
    /// It has a name or a place that it did not have.
    moved: bool,
    /// It is new, so that nothing was below it before.
    created: bool,
}

/// Why only a whole reading tells what is there.
struct Lost(String);

impl Watch {
    pub(super) async fn run(mut self, bell: Bound) {
        let last = match self.watch(bell).await {
            Ok(Lost(because)) => Ok(Change::ReadAgain { because }),
            Err(error) => Err(error),
        };
        // Nobody may be listening any more; then nobody needs to know.
        drop(self.sender.send(last).await);
    }

    async fn watch(&mut self, bell: Bound) -> Result<Lost, SourceError> {
        let (ring, mut rung) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(bell::listen(bell, self.context.clone(), self.pace.keep_alive, ring));
        let (mut called_at, mut told_at) = (None, None);
        let mut refused = false;
        // The bell may not hang yet when the first changes are asked for.
        let mut wait = self.pace.poll;
        loop {
            if let Some(lost) = self.catch_up(&mut called_at, &mut told_at).await? {
                return Ok(lost);
            }
            if refused {
                sleep(self.pace.poll).await;
                continue;
            }
            match timeout(wait, rung.recv()).await {
                Err(_) | Ok(Some(Ok(Rung::Changed))) => {}
                Ok(Some(Ok(Rung::Refused)) | None) => refused = true,
                Ok(Some(Err(error))) => return Err(error),
            }
            wait = if self.sees_deletions { self.pace.idle } else { self.pace.idle.min(self.pace.roll) };
        }
    }

    /// Tells everything up to now.
    async fn catch_up(
        &mut self,
        called_at: &mut Option<Instant>,
        told_at: &mut Option<Instant>,
    ) -> Result<Option<Lost>, SourceError> {
        let highest_usn = self.bound.highest_usn().await?;
        if highest_usn < self.place.highest_usn {
            return Ok(Some(Lost(WENT_BACK.to_owned())));
        }
        let mut changed = BTreeMap::new();
        if told_at.is_none() || highest_usn > self.place.highest_usn {
            match self.changed(&mut changed).await? {
                Ok(cookie) => self.place.cookie = cookie,
                Err(lost) => return Ok(Some(lost)),
            }
        }
        self.place.highest_usn = highest_usn;
        for (guid, mark) in &changed {
            if let Some(lost) = self.tell(guid, mark).await? {
                return Ok(Some(lost));
            }
        }
        let call = !self.sees_deletions && called_at.is_none_or(|called_at| called_at.elapsed() >= self.pace.roll);
        if call {
            let filters = [self.people.filter.as_str(), self.groups.filter.as_str()];
            let roll = self.bound.roll(filters, "objectGUID", AnchorForm::Guid).await?;
            self.say(Change::Roll(roll)).await?;
            *called_at = Some(Instant::now());
        }
        // A stored place must not grow old although nothing happens.
        if call || !changed.is_empty() || told_at.is_none_or(|told_at| told_at.elapsed() >= self.pace.keep_alive) {
            self.say(Change::InStep(Cursor { dirsync: Some(self.place.clone()), ..Cursor::default() })).await?;
            *told_at = Some(Instant::now());
        }
        Ok(None)
    }

    /// Which entries changed since the place, and the place after that.
    async fn changed(&mut self, changed: &mut BTreeMap<Vec<u8>, Mark>) -> Result<Result<Vec<u8>, Lost>, SourceError> {
        let mut cookie = self.place.cookie.clone();
        for _round in 0..ROUNDS_MAX {
            let mut take = |entry: Entry| {
                if let [guid] = entry.values("objectguid")
                    && guid.len() == 16
                {
                    let mark: &mut Mark = changed.entry(guid.clone()).or_default();
                    mark.moved |= entry.attributes.contains_key("name") || entry.attributes.contains_key("parentguid");
                    mark.created |= !entry.values("objectclass").is_empty();
                }
            };
            let asked = self.asked.clone();
            match self.bound.round(&self.context, ANY, asked, &cookie, &mut take).await? {
                Ended::Round(round) if !round.more => return Ok(Ok(round.cookie)),
                Ended::Round(round) => cookie = round.cookie,
                Ended::Refused(outcome) if outcome.code == UNAVAILABLE_CRITICAL_EXTENSION => {
                    return Ok(Err(Lost(FORGOTTEN.to_owned())));
                }
                Ended::Refused(outcome) => return Err(self.bound.refusal(&outcome, 0)),
            }
            if changed.len() > CHANGED_ENTRIES_MAX {
                return Ok(Err(Lost(format!("more than {CHANGED_ENTRIES_MAX} entries changed"))));
            }
        }
        Err(SourceError::TooMany { what: "rounds", limit: u64::from(ROUNDS_MAX) })
    }

    /// Tells what one entry is now.
    async fn tell(&mut self, guid: &[u8], mark: &Mark) -> Result<Option<Lost>, SourceError> {
        let name = guid_name(guid);
        for (listing, query) in [(Listing::People, &self.people), (Listing::Groups, &self.groups)] {
            let found = self.bound.read_whole(&name, query).await?;
            if let Some(entry) = found.filter(|entry| within(&entry.dn, &self.base)) {
                let changed_at = when_changed(&entry);
                self.say(Change::Entry { listing, entry, changed_at }).await?;
                return Ok(None);
            }
        }
        let asked = ["objectClass", "isDeleted", "whenChanged"].map(str::to_owned).to_vec();
        let found = match self.bound.read_base(&name, ANY, asked, vec![message::show_deleted()]).await {
            Err(SourceError::BaseNotFound { .. }) => None,
            other => other?,
        };
        let found = found.unwrap_or_default();
        let container = texts(&found, "objectclass").iter().any(|class| CONTAINERS.contains(&&*class.to_lowercase()));
        if container && mark.moved && !mark.created && found.values("isdeleted").is_empty() {
            return Ok(Some(Lost(format!("{} was moved or renamed", found.dn))));
        }
        self.tell_gone(guid, when_changed(&found)).await?;
        Ok(None)
    }

    async fn tell_gone(&self, guid: &[u8], changed_at: Option<DateTime<Utc>>) -> Result<(), SourceError> {
        let Some(entry_id) = AnchorForm::Guid.entry_id(guid) else { return Ok(()) };
        self.say(Change::Gone { entry_id, changed_at }).await
    }

    async fn say(&self, change: Change) -> Result<(), SourceError> {
        self.sender.send(Ok(change)).await.map_err(|_closed| SourceError::Stopped)
    }
}

/// Whether an entry stands at or below the base. What cannot be read as a name is left to the server's word.
fn within(name: &str, base: &Dn) -> bool {
    Dn::parse(name).map_or(true, |name| name.within(base))
}

/// When the server that was asked saw the change.
fn when_changed(entry: &Entry) -> Option<DateTime<Utc>> {
    time(entry, "whenchanged")
}
