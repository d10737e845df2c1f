//! The leaver clock: from the directory's change to the word of auth that the person's last session ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::PersonId;
use tokio::sync::Notify;
use tokio::time::timeout;

/// How long a run waits for the word about its last leavers; another task of this process may be fetching it.
const WORD_MAX: Duration = Duration::from_secs(1);

/// How long before a run a session that ended counts as ended by it: a burst waits for a minute.
const BEFORE_MAX: TimeDelta = TimeDelta::minutes(2);

/// How fast access ended; stored with the run.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub(crate) struct LeaverClock {
    /// Leavers whose sessions are known to have ended.
    #[prost(int64, tag = "1")]
    pub people: i64,
    #[prost(int64, tag = "2")]
    pub median_ms: i64,
    #[prost(int64, tag = "3")]
    pub worst_ms: i64,
}

/// One who leaves.
#[derive(Debug, Clone, Copy)]
struct Leaver {
    changed_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

/// Everybody who leaves by a run of this process.
#[derive(Clone, Default)]
pub(crate) struct Leavers(Arc<Shared>);

#[derive(Default)]
struct Shared {
    people: Mutex<BTreeMap<PersonId, Leaver>>,
    /// Whose sessions ended before the run that takes them out, which may never come.
    before: Mutex<BTreeMap<PersonId, DateTime<Utc>>>,
    word: Notify,
}

/// The leavers of one run; they are watched for as long as it lives.
pub(crate) struct Watched {
    all: Leavers,
    people: Vec<PersonId>,
}

impl Leavers {
    fn people(&self) -> MutexGuard<'_, BTreeMap<PersonId, Leaver>> {
        self.0.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn before(&self) -> MutexGuard<'_, BTreeMap<PersonId, DateTime<Utc>>> {
        self.0.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that somebody's sessions ended before their leaving was judged.
    pub(crate) fn ended_before(&self, id: PersonId, now: DateTime<Utc>) {
        let mut before = self.before();
        before.retain(|_, at| (now - *at).abs() < BEFORE_MAX);
        before.insert(id, now);
    }

    /// Starts the clocks of people who leave, at the moment the directory changed.
    pub(crate) fn watch(&self, leavers: impl Iterator<Item = (PersonId, DateTime<Utc>)>) -> Watched {
        let mut before = self.before();
        let mut people = self.people();
        let watched = leavers.map(|(id, changed_at)| {
            people.insert(id, Leaver { changed_at, ended_at: before.remove(&id) });
            id
        });
        let watched = watched.collect();
        drop(people);
        drop(before);
        Watched { all: self.clone(), people: watched }
    }

    /// Stops the clocks of people whose sessions have ended.
    pub(crate) fn ended(&self, ids: &[String], now: DateTime<Utc>) {
        let mut people = self.people();
        for id in ids.iter().filter_map(|id| id.parse::<PersonId>().ok()) {
            if let Some(leaver) = people.get_mut(&id) {
                leaver.ended_at.get_or_insert(now);
            }
        }
        drop(people);
        self.0.word.notify_waiters();
    }
}

impl Watched {
    /// What the clocks say; nothing when nobody left.
    pub(crate) async fn read(&self) -> Option<LeaverClock> {
        let all_ended = async {
            loop {
                let word = self.all.0.word.notified();
                tokio::pin!(word);
                // Listening before looking, so that no word comes in between.
                word.as_mut().enable();
                if self.times().len() == self.people.len() {
                    return;
                }
                word.await;
            }
        };
        // Who has no word by then is not counted.
        timeout(WORD_MAX, all_ended).await.ok();
        measure(self.times())
    }

    /// Milliseconds of everybody whose clock stopped.
    fn times(&self) -> Vec<i64> {
        let people = self.all.people();
        let leavers = self.people.iter().filter_map(|id| people.get(id));
        let time = |leaver: &Leaver| leaver.ended_at.map(|ended| (ended - leaver.changed_at).num_milliseconds().max(0));
        leavers.filter_map(time).collect()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut people = self.all.people();
        for id in &self.people {
            people.remove(id);
        }
    }
}

fn measure(mut times: Vec<i64>) -> Option<LeaverClock> {
    times.sort_unstable();
    let worst_ms = *times.last()?;
    let median_ms = *times.get(times.len().saturating_sub(1) / 2)?;
    Some(LeaverClock { people: i64::try_from(times.len()).unwrap_or(i64::MAX), median_ms, worst_ms })
}

#[cfg(test)]
mod tests;
