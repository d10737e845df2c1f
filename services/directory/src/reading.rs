//! What one read of a directory gave, made ready to be compared.

use std::collections::{BTreeMap, BTreeSet};

use freehold_schema::field::directory::{
    DIRECTORY_GROUP_ENTRY, DIRECTORY_GROUP_RECORD_DIGEST, PERSON_ENTRY, PERSON_RECORD_DIGEST,
};
use freehold_types::Fault;
use freehold_vault::TenantKeys;
use prost::Message as _;

use crate::mapping::{MappedGroup, MappedPerson};
use crate::origin::{Cursor, Observations, Observed, Step};
use crate::progress::Progress;
use crate::record::{GroupRecord, Record};
use crate::source::Listing;
use crate::source::dn::Dn;

/// A blind index: who or what an entry is, without saying it.
pub(crate) type Key = [u8; 16];

/// How many skips are kept in words; the rest is only counted.
pub(crate) const SKIPS_KEPT_MAX: usize = 100;

/// A person seen in the directory.
#[derive(Debug, Clone)]
pub(crate) struct SeenPerson {
    pub key: Key,
    pub digest: Key,
    pub record: Record,
    /// Normalised distinguished name, by which references are resolved.
    pub dn: String,
    pub manager_dn: Option<String>,
    /// False when the directory itself says that access ended.
    pub enabled: bool,
}

/// A group seen in the directory.
#[derive(Debug, Clone)]
pub(crate) struct SeenGroup {
    pub key: Key,
    pub digest: Key,
    pub record: GroupRecord,
    /// Normalised distinguished name.
    pub dn: String,
    /// Normalised distinguished names of its direct members.
    pub member_dns: Vec<String>,
}

/// An entry, a reference or a value that could not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skip {
    pub distinguished_name: String,
    pub because: String,
}

/// All skips of a run: counted all, told in words up to a limit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Skips {
    pub count: u64,
    pub first: Vec<Skip>,
}

impl Skips {
    pub(crate) fn push(&mut self, distinguished_name: &str, because: impl Into<String>) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < SKIPS_KEPT_MAX {
            self.first.push(Skip { distinguished_name: distinguished_name.to_owned(), because: because.into() });
        }
    }
}

/// How much a reading says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything: what is not mentioned is not there.
    #[default]
    Whole,
    /// Changes: what is not mentioned is as it was.
    Part,
}

/// What reading a directory gave.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub scope: Scope,
    /// People and groups that are not in the directory any more; only a part says so.
    pub gone: BTreeSet<Key>,
    pub people: Vec<SeenPerson>,
    pub groups: Vec<SeenGroup>,
    /// People whose entry was there but could not be used: they stay as they are.
    pub kept: BTreeSet<Key>,
    pub skips: Skips,
    pub people_read_count: u64,
    pub groups_read_count: u64,
}

impl Reading {
    /// Takes out people and groups whose immutable id stands on more than one entry: which of them it is nobody can
    /// say, so nothing about them changes.
    pub(crate) fn settle_duplicates(&mut self) {
        let twice = keys_standing_twice(self.people.iter().map(|person| person.key));
        for person in self.people.extract_if(.., |person| twice.contains(&person.key)) {
            self.skips
                .push(&person.record.distinguished_name, "another entry has the same immutable id; neither is used");
        }
        self.kept.extend(twice);
        let twice = keys_standing_twice(self.groups.iter().map(|group| group.key));
        for group in self.groups.extract_if(.., |group| twice.contains(&group.key)) {
            self.skips
                .push(&group.record.distinguished_name, "another entry has the same immutable id; neither is used");
        }
        self.kept.extend(twice);
    }
}

/// How often progress is told, in entries.
const PROGRESS_ENTRIES: u64 = 500;

/// Takes what an origin observes and makes a reading of it.
pub(crate) struct Collector {
    keys: TenantKeys,
    reading: Reading,
}

impl Collector {
    /// For everything an origin has to say.
    pub(crate) fn whole(keys: TenantKeys) -> Self {
        Self { keys, reading: Reading::default() }
    }

    /// For changes: what is not observed is as it was.
    pub(crate) fn part(keys: TenantKeys) -> Self {
        Self { keys, reading: Reading { scope: Scope::Part, ..Reading::default() } }
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
            Observed::Gone { entry_id, changed_at: _ } => {
                for field in [PERSON_ENTRY, DIRECTORY_GROUP_ENTRY] {
                    reading.gone.insert(self.keys.index(field, entry_id.as_bytes()));
                }
            }
        }
    }

    /// Reads an origin to its end.
    pub(crate) async fn drain(
        &mut self,
        mut observations: Observations<'_>,
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
                progress.tell("reading people", people, 0);
            }
        }
    }

    /// Everything that was taken, ready to be compared.
    pub(crate) fn finish(mut self) -> Reading {
        self.reading.settle_duplicates();
        self.reading
    }

    fn person(&mut self, person: MappedPerson) {
        let Some(dn) = normalise(&person.record.distinguished_name) else {
            return self.nameless(Listing::People, &person.record.distinguished_name, &person.record.entry_id);
        };
        self.reading.people.push(SeenPerson {
            key: self.keys.index(PERSON_ENTRY, person.record.entry_id.as_bytes()),
            digest: self.keys.index(PERSON_RECORD_DIGEST, &person.record.encode_to_vec()),
            dn,
            // A manager whose name cannot be read is one that is not found; the comparison reports it.
            manager_dn: person.manager.map(|dn| normalise(&dn).unwrap_or(dn)),
            enabled: person.enabled,
            record: person.record,
        });
    }

    fn group(&mut self, group: MappedGroup) {
        let Some(dn) = normalise(&group.record.distinguished_name) else {
            return self.nameless(Listing::Groups, &group.record.distinguished_name, &group.record.entry_id);
        };
        self.reading.groups.push(SeenGroup {
            key: self.keys.index(DIRECTORY_GROUP_ENTRY, group.record.entry_id.as_bytes()),
            digest: self.keys.index(DIRECTORY_GROUP_RECORD_DIGEST, &group.record.encode_to_vec()),
            dn,
            member_dns: group.members.into_iter().map(|dn| normalise(&dn).unwrap_or(dn)).collect(),
            record: group.record,
        });
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

/// A distinguished name as it is compared (RFC 4514, RFC 4518); nothing when it is none.
pub(crate) fn normalise(dn: &str) -> Option<String> {
    Dn::parse(dn).ok().map(|dn| dn.as_str().to_owned())
}

fn keys_standing_twice(keys: impl Iterator<Item = Key>) -> BTreeSet<Key> {
    let mut counts = BTreeMap::<Key, u32>::new();
    for key in keys {
        let count = counts.entry(key).or_default();
        *count = count.saturating_add(1);
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key).collect()
}
