//! From what an origin observes to a reading.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::{
    DIRECTORY_GROUP_ENTRY, DIRECTORY_GROUP_RECORD_DIGEST, DIRECTORY_GROUP_SID, ENTRY_DN, PERSON_ENTRY,
    PERSON_RECORD_DIGEST,
};
use freehold_types::Fault;
use freehold_vault::TenantKeys;
use prost::Message as _;

use super::{Key, Reading, Scope, SeenGroup, SeenPerson, normalise};
use crate::mapping::{MappedGroup, MappedPerson};
use crate::origin::{Cursor, Observations, Observed, Step};
use crate::progress::Progress;
use crate::source::Listing;
use crate::source::change::Listed;

/// How often progress is told, in entries.
pub(crate) const PROGRESS_ENTRIES: u64 = 500;

/// Takes what an origin observes and makes a reading of it.
pub(crate) struct Collector {
    keys: TenantKeys,
    reading: Reading,
    places: Places,
}

/// Where in a part something stands. Of a part the last word counts; in a whole reading an id that stands twice is a
/// mistake, so both stay and neither is used.
#[derive(Default)]
struct Places(BTreeMap<Key, usize>);

impl Places {
    fn put<T>(&mut self, scope: Scope, list: &mut Vec<T>, key: Key, seen: T) {
        let place = (scope == Scope::Part).then(|| *self.0.entry(key).or_insert(list.len()));
        match place.and_then(|place| list.get_mut(place)) {
            Some(earlier) => *earlier = seen,
            None => list.push(seen),
        }
    }
}

impl Collector {
    /// For everything an origin has to say.
    pub(crate) fn whole(keys: TenantKeys) -> Self {
        Self { reading: Reading::new(keys.clone(), Scope::Whole), keys, places: Places::default() }
    }

    /// For changes: what is not observed is as it was.
    pub(crate) fn part(keys: TenantKeys) -> Self {
        Self { reading: Reading::new(keys.clone(), Scope::Part), keys, places: Places::default() }
    }

    /// Takes one thing that was observed.
    pub(crate) fn take(&mut self, observed: Observed) {
        let reading = &mut self.reading;
        match observed {
            Observed::Person(person) => {
                reading.people_read_count = reading.people_read_count.saturating_add(1);
                self.person(person);
            }
            Observed::Group(group) => {
                reading.groups_read_count = reading.groups_read_count.saturating_add(1);
                self.group(group);
            }
            Observed::Unusable { listing, dn, entry_id, because } => {
                let count = match listing {
                    Listing::People => &mut reading.people_read_count,
                    Listing::Groups => &mut reading.groups_read_count,
                };
                *count = count.saturating_add(1);
                self.unusable(listing, &dn, entry_id.as_deref(), because);
            }
            Observed::Note { dn, because } => reading.skips.push(&dn, because),
            Observed::Gone { entry_id, changed_at } => self.gone(&entry_id, changed_at),
            Observed::Roll(roll) => self.reading.roll = Some(self.roll(roll)),
        }
    }

    /// Reads an origin to its end. How many people there are nobody knows before: `expected_people` are about as many as
    /// there were before, 0 when nobody was read yet.
    pub(crate) async fn drain(
        &mut self,
        mut observations: Observations<'_>,
        expected_people: u64,
        progress: &Progress,
    ) -> Result<Option<Cursor>, Fault> {
        loop {
            match observations.next().await? {
                Step::Observed(observed) => self.take(observed),
                Step::Complete(proof) => {
                    let (people, groups) = (self.reading.people_read_count, self.reading.groups_read_count);
                    progress.tell("reading people", people, people);
                    progress.tell("reading groups", groups, groups);
                    return Ok(proof.cursor);
                }
            }
            let people = self.reading.people_read_count;
            if self.reading.groups_read_count == 0 && people.is_multiple_of(PROGRESS_ENTRIES) {
                progress.tell("reading people", people, if people < expected_people { expected_people } else { 0 });
            }
        }
    }

    /// Everything that was taken, ready to be compared.
    ///
    /// # Errors
    /// When a record cannot be read back.
    pub(crate) fn finish(mut self) -> Result<Reading, Fault> {
        let gone = &self.reading.gone;
        self.reading.people.retain(|seen| !gone.contains_key(&seen.key));
        self.reading.groups.retain(|seen| !gone.contains_key(&seen.key));
        self.reading.settle_duplicates()?;
        Ok(self.reading)
    }

    /// What an origin says last of an entry counts, whatever it said before.
    fn gone(&mut self, entry_id: &str, changed_at: Option<DateTime<Utc>>) {
        let person = self.keys.index(PERSON_ENTRY, entry_id.as_bytes());
        let group = self.keys.index(DIRECTORY_GROUP_ENTRY, entry_id.as_bytes());
        self.reading.gone.extend([(person, changed_at), (group, changed_at)]);
    }

    fn roll(&self, listed: Vec<Listed>) -> BTreeMap<Key, Option<Key>> {
        let mut roll = BTreeMap::new();
        for Listed { entry_id, dn } in listed {
            let dn = self.dn(&normalise(&dn).unwrap_or(dn));
            for field in [PERSON_ENTRY, DIRECTORY_GROUP_ENTRY] {
                let key = self.keys.index(field, entry_id.as_bytes());
                roll.entry(key)
                    .and_modify(|name: &mut Option<Key>| *name = name.filter(|name| *name == dn))
                    .or_insert(Some(dn));
            }
        }
        roll
    }

    fn dn(&self, normalised: &str) -> Key {
        self.keys.index(ENTRY_DN, normalised.as_bytes())
    }

    fn person(&mut self, person: MappedPerson) {
        let Some(dn) = normalise(&person.record.distinguished_name) else {
            return self.nameless(Listing::People, &person.record.distinguished_name, &person.record.entry_id);
        };
        let key = self.keys.index(PERSON_ENTRY, person.record.entry_id.as_bytes());
        let encoded = person.record.encode_to_vec();
        let seen = SeenPerson {
            key,
            digest: self.keys.index(PERSON_RECORD_DIGEST, &encoded),
            dn: self.dn(&dn),
            // A manager whose name cannot be read is one that is not found; the comparison reports it.
            manager_dn: person.manager.map(|dn| self.dn(&normalise(&dn).unwrap_or(dn))),
            primary_group: sid(&self.keys, &person.record.primary_group),
            enabled: person.enabled,
            changed_at: person.changed_at,
            record: self.reading.records.put(&encoded),
        };
        self.reading.gone.remove(&key);
        self.places.put(self.reading.people_scope, &mut self.reading.people, key, seen);
    }

    fn group(&mut self, group: MappedGroup) {
        let Some(dn) = normalise(&group.record.distinguished_name) else {
            return self.nameless(Listing::Groups, &group.record.distinguished_name, &group.record.entry_id);
        };
        let key = self.keys.index(DIRECTORY_GROUP_ENTRY, group.record.entry_id.as_bytes());
        let seen = SeenGroup {
            key,
            digest: self.keys.index(DIRECTORY_GROUP_RECORD_DIGEST, &group.record.encode_to_vec()),
            dn: self.dn(&dn),
            member_dns: group.members.into_iter().map(|dn| self.dn(&normalise(&dn).unwrap_or(dn))).collect(),
            sid: sid(&self.keys, &group.record.sid),
            record: group.record,
        };
        self.reading.gone.remove(&key);
        self.places.put(self.reading.groups_scope, &mut self.reading.groups, key, seen);
    }

    fn nameless(&mut self, listing: Listing, dn: &str, entry_id: &str) {
        self.unusable(listing, dn, Some(entry_id), "its distinguished name cannot be read (RFC 4514)".to_owned());
    }

    /// Reports an entry that cannot be used. Whoever it is stays as they are.
    fn unusable(&mut self, listing: Listing, dn: &str, entry_id: Option<&str>, because: String) {
        let field = match listing {
            Listing::People => PERSON_ENTRY,
            Listing::Groups => DIRECTORY_GROUP_ENTRY,
        };
        self.reading.kept.extend(entry_id.map(|id| self.keys.index(field, id.as_bytes())));
        self.reading.skips.push(dn, because);
    }
}

fn sid(keys: &TenantKeys, sid: &str) -> Option<Key> {
    (!sid.is_empty()).then(|| keys.index(DIRECTORY_GROUP_SID, sid.as_bytes()))
}
