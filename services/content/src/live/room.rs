//! Who watches, by tenant, and how far each group was seen.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Fault, GroupId, Kind, PersonId, Reason, TenantId};
use tokio::sync::{Notify, mpsc};

use super::{Ear, Message, Publication};

/// Streams of one person: more than anybody has devices and pages open.
const STREAMS_PER_PERSON_MAX: usize = 32;
/// Messages that a stream may be behind.
const BEHIND_MAX: usize = 64;
/// What was written so long before the last look may not have been committed by then, or comes from a machine whose
/// clock is behind.
const LATE_MAX: TimeDelta = TimeDelta::minutes(10);

#[derive(Default)]
pub(super) struct Rooms {
    by_tenant: Mutex<HashMap<TenantId, Room>>,
    hinted: Mutex<HashSet<TenantId>>,
    hint: Notify,
}

struct Room {
    /// The last place of each group that was told.
    heads: HashMap<GroupId, i64>,
    seen_at: DateTime<Utc>,
    watchers: Vec<(PersonId, Ear)>,
}

impl Rooms {
    /// Somebody watches from where the groups stand now.
    pub(super) fn enter(
        &self,
        tenant: TenantId,
        person: PersonId,
        heads: HashMap<GroupId, i64>,
        now: DateTime<Utc>,
    ) -> Result<mpsc::Receiver<Vec<Publication>>, Fault> {
        let mut rooms = self.rooms();
        let room = rooms.entry(tenant).or_insert_with(|| Room { heads, seen_at: now, watchers: Vec::new() });
        room.watchers.retain(|(_, ear)| !ear.is_closed());
        if room.watchers.iter().filter(|(watcher, _)| *watcher == person).count() >= STREAMS_PER_PERSON_MAX {
            return Err(too_many());
        }
        let (ear, told) = mpsc::channel(BEHIND_MAX);
        room.watchers.push((person, ear));
        Ok(told)
    }

    /// Tenants in which somebody watches. Rooms that everybody left are closed.
    pub(super) fn watched(&self) -> Vec<TenantId> {
        let mut rooms = self.rooms();
        rooms.retain(|_, room| {
            room.watchers.retain(|(_, ear)| !ear.is_closed());
            !room.watchers.is_empty()
        });
        rooms.keys().copied().collect()
    }

    /// Since when a tenant's groups have to be looked at; nothing when nobody watches.
    pub(super) fn seen_at(&self, tenant: TenantId) -> Option<DateTime<Utc>> {
        self.rooms().get(&tenant).map(|room| room.seen_at - LATE_MAX)
    }

    /// Groups that stand further than was told, each with the place after which it was not.
    pub(super) fn changed(&self, tenant: TenantId, heads: &HashMap<GroupId, i64>) -> Vec<(GroupId, i64)> {
        let rooms = self.rooms();
        let Some(room) = rooms.get(&tenant) else { return Vec::new() };
        let told = |group: &GroupId| room.heads.get(group).copied().unwrap_or_default();
        heads
            .iter()
            .map(|(group, last)| (*group, told(group), *last))
            .filter(|(_, told, last)| last > told)
            .map(|(group, told, _)| (group, told))
            .collect()
    }

    pub(super) fn people(&self, tenant: TenantId) -> Vec<PersonId> {
        let rooms = self.rooms();
        let mut people: Vec<PersonId> =
            rooms.get(&tenant).map_or_else(Vec::new, |room| room.watchers.iter().map(|(person, _)| *person).collect());
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Tells. Who is too far behind leaves.
    pub(super) fn tell(&self, tenant: TenantId, messages: &[Message]) {
        if messages.is_empty() {
            return;
        }
        let mut rooms = self.rooms();
        let Some(room) = rooms.get_mut(&tenant) else { return };
        room.watchers.retain(|(person, ear)| {
            let theirs: Vec<Publication> = messages
                .iter()
                .filter(|(readers, _)| readers.contains(person))
                .flat_map(|(_, publications)| publications.iter().cloned())
                .collect();
            theirs.is_empty() || ear.try_send(theirs).is_ok()
        });
    }

    /// Notes how far was looked.
    pub(super) fn seen(&self, tenant: TenantId, heads: &HashMap<GroupId, i64>, at: DateTime<Utc>) {
        if let Some(room) = self.rooms().get_mut(&tenant) {
            room.heads.extend(heads);
            room.seen_at = at;
        }
    }

    pub(super) fn hint(&self, tenant: TenantId) {
        if self.rooms().contains_key(&tenant) {
            self.hinted.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
            self.hint.notify_one();
        }
    }

    /// Waits for tenants in which something was published.
    pub(super) async fn hinted(&self) -> Vec<TenantId> {
        self.hint.notified().await;
        self.hinted.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<TenantId, Room>> {
        self.by_tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many() -> Fault {
    let message = format!("a person may watch with {STREAMS_PER_PERSON_MAX} streams at once");
    Fault::new(Kind::Exhausted, Reason::TooManyTries, message).cure("end one of them first")
}
