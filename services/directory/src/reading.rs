//! What one read of a directory gave, made ready to be compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{GroupRecord, Record};
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

/// Everything a complete read of a directory gave.
#[derive(Debug, Default)]
pub(crate) struct Reading {
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
