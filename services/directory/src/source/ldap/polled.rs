//! Following a server that has no line of changes: what has a later `modifyTimestamp` is asked for again and again, and
//! the roll tells what is not there any more, or stands elsewhere.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Clock as _, SystemClock};
use tokio::time::{Instant, sleep};

use super::super::change::{Change, ChangeSender, Cursor, Following, PolledPlace};
use super::super::error::SourceError;
use super::super::{AnchorForm, Entry, Listing};
use super::LdapSource;
use super::bound::{Bound, Query};
use super::dirsync::{CHANGED_ENTRIES_MAX, Pace};
use super::entry::time;

const CHANGED_AT: &str = "modifyTimestamp";
/// How long before the latest change is asked for again: one made on another server of the company may come late, with
/// the time at which it was made.
const LATE: TimeDelta = TimeDelta::minutes(10);

impl LdapSource {
    /// The time of the latest change; nothing when the server keeps none, or cannot find entries by it.
    pub(super) async fn polled_place(&self, bound: &mut Bound) -> Result<Option<PolledPlace>, SourceError> {
        let mut latest = None;
        let filters = [Listing::People, Listing::Groups].map(|listing| self.settings.search(listing).0);
        for filter in &filters {
            let query = Query::new(filter.clone(), vec![CHANGED_AT.to_owned()]);
            bound.each(&query, &mut |entry| latest = latest.max(changed_at(&entry))).await?;
        }
        let Some(latest) = latest else { return Ok(None) };
        for filter in &filters {
            let query = Query::new(since(filter, latest), vec!["1.1".to_owned()]);
            if bound.each(&query, &mut drop).await?.entries() > 0 {
                return Ok(Some(PolledPlace { changed_at: not_ahead(latest.timestamp()) }));
            }
        }
        Ok(None)
    }

    /// Goes on from a place.
    pub(super) async fn follow_polled(&self, place: PolledPlace) -> Result<Following, SourceError> {
        let bound = self.bind().await?;
        let (sender, mut following) = Following::channel();
        let lists = [Listing::People, Listing::Groups].map(|listing| (listing, self.settings.search(listing)));
        let (anchor, form) = (self.settings.kind.anchor(), self.settings.kind.anchor_form());
        let watch = Watch { bound, lists, anchor, form, place, pace: self.pace, told: BTreeMap::new(), sender };
        following.tasks.spawn(watch.run());
        Ok(following)
    }
}

/// Looks again and again.
struct Watch {
    bound: Bound,
    /// Filter and attributes of both lists.
    lists: [(Listing, (String, Vec<String>)); 2],
    anchor: &'static str,
    form: AnchorForm,
    place: PolledPlace,
    pace: Pace,
    /// What was told of entries that will be asked for again: when it changed, and a hash of it.
    told: BTreeMap<String, (DateTime<Utc>, u64)>,
    sender: ChangeSender,
}

impl Watch {
    async fn run(mut self) {
        let last = match self.watch().await {
            Ok(TooMany) => {
                Ok(Change::ReadAgain { because: format!("more than {CHANGED_ENTRIES_MAX} entries changed") })
            }
            Err(error) => Err(error),
        };
        // Nobody may be listening any more; then nobody needs to know.
        drop(self.sender.send(last).await);
    }

    async fn watch(&mut self) -> Result<TooMany, SourceError> {
        let (mut called_at, mut told_at) = (None::<Instant>, None::<Instant>);
        loop {
            let changed = self.changed().await?;
            if changed.len() > CHANGED_ENTRIES_MAX {
                return Ok(TooMany);
            }
            let mut told = !changed.is_empty();
            for change in changed {
                self.say(change).await?;
            }
            if called_at.is_none_or(|called_at| called_at.elapsed() >= self.pace.roll) {
                let filters = self.lists.each_ref().map(|(_, (filter, _))| filter.as_str());
                let roll = self.bound.roll(filters, self.anchor, self.form).await?;
                self.say(Change::Roll(roll)).await?;
                (called_at, told) = (Some(Instant::now()), true);
            }
            // A stored place must not grow old although nothing happens.
            if told || told_at.is_none_or(|told_at| told_at.elapsed() >= self.pace.keep_alive) {
                let here = Cursor { polled: Some(self.place.clone()), ..Cursor::default() };
                self.say(Change::InStep(here)).await?;
                told_at = Some(Instant::now());
            }
            sleep(self.pace.look).await;
        }
    }

    /// What changed since the place and was not told yet; not all of it when it is too much.
    async fn changed(&mut self) -> Result<Vec<Change>, SourceError> {
        let since_when = DateTime::from_timestamp(self.place.changed_at, 0).unwrap_or_default() - LATE;
        self.told.retain(|_, (at, _)| *at >= since_when);
        let (mut latest, mut changed) = (self.place.changed_at, Vec::new());
        for (listing, (filter, attributes)) in &self.lists {
            let asked = attributes.iter().cloned().chain([CHANGED_AT.to_owned()]);
            let query = Query::new(since(filter, since_when), asked.collect());
            let told = &mut self.told;
            let mut take = |entry: Entry| {
                let changed_at = changed_at(&entry);
                latest = changed_at.map_or(latest, |at| latest.max(at.timestamp()));
                let content = hash(&entry);
                let before = told.insert(entry.dn.clone(), (changed_at.unwrap_or(since_when), content));
                if before.is_none_or(|(_, before)| before != content) && changed.len() <= CHANGED_ENTRIES_MAX {
                    changed.push(Change::Entry { listing: *listing, entry, changed_at });
                }
            };
            self.bound.each(&query, &mut take).await?;
        }
        self.place.changed_at = not_ahead(latest);
        Ok(changed)
    }

    async fn say(&self, change: Change) -> Result<(), SourceError> {
        self.sender.send(Ok(change)).await.map_err(|_closed| SourceError::Stopped)
    }
}

/// So much changed that a whole reading is faster.
struct TooMany;

/// A clock that was ahead for a while leaves times behind; what changes after it was set right has earlier ones.
fn not_ahead(latest: i64) -> i64 {
    latest.min(SystemClock.now().timestamp())
}

fn changed_at(entry: &Entry) -> Option<DateTime<Utc>> {
    time(entry, "modifytimestamp")
}

/// The filter, for what changed at that second or later.
fn since(filter: &str, when: DateTime<Utc>) -> String {
    format!("(&{filter}({CHANGED_AT}>={}))", when.format("%Y%m%d%H%M%SZ"))
}

fn hash(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    entry.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
