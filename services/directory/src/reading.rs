//! What one read of a directory gave, made ready to be compared.

mod collector;
mod records;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use freehold_types::Fault;
use freehold_vault::TenantKeys;

pub(crate) use collector::{Collector, PROGRESS_ENTRIES};
pub(crate) use records::{RecordAt, Records};

use crate::known::Known;
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
    pub record: RecordAt,
    /// Blind index of the normalised distinguished name, by which references are resolved.
    pub dn: Key,
    pub manager_dn: Option<Key>,
    /// Blind index of the primary group's security identifier.
    pub primary_group: Option<Key>,
    /// False when the directory itself says that access ended.
    pub enabled: bool,
    /// When the directory last changed the entry, if it says so.
    pub changed_at: Option<DateTime<Utc>>,
}

/// A group seen in the directory.
#[derive(Debug, Clone)]
pub(crate) struct SeenGroup {
    pub key: Key,
    pub digest: Key,
    pub record: GroupRecord,
    /// Blind index of the normalised distinguished name.
    pub dn: Key,
    /// The same of its direct members.
    pub member_dns: Vec<Key>,
    /// Blind index of its security identifier, when people may have it as their primary group.
    pub sid: Option<Key>,
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
    /// Whether the next one is told in words.
    pub(crate) const fn are_told(&self) -> bool {
        self.first.len() < SKIPS_KEPT_MAX
    }

    pub(crate) fn push(&mut self, distinguished_name: &str, because: impl Into<String>) {
        self.count = self.count.saturating_add(1);
        if self.are_told() {
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
#[derive(Debug)]
pub(crate) struct Reading {
    /// How much it says of people.
    pub people_scope: Scope,
    /// How much it says of groups.
    pub groups_scope: Scope,
    /// People and groups that are not in the directory any more, and when the directory says that this came about;
    /// only a part says so.
    pub gone: BTreeMap<Key, Option<DateTime<Utc>>>,
    /// Everything that is there, with the blind index of its name, or none when two entries have that id; only a part
    /// may say so.
    pub roll: Option<BTreeMap<Key, Option<Key>>>,
    pub people: Vec<SeenPerson>,
    /// Those of the people.
    pub records: Records,
    pub groups: Vec<SeenGroup>,
    /// People whose entry was there but could not be used: they stay as they are.
    pub kept: BTreeSet<Key>,
    pub skips: Skips,
    pub people_read_count: u64,
    pub groups_read_count: u64,
}

impl Reading {
    /// A reading that says nothing yet.
    pub(crate) const fn new(keys: TenantKeys, scope: Scope) -> Self {
        Self {
            people_scope: scope,
            groups_scope: scope,
            gone: BTreeMap::new(),
            roll: None,
            people: Vec::new(),
            records: Records::new(keys),
            groups: Vec::new(),
            kept: BTreeSet::new(),
            skips: Skips { count: 0, first: Vec::new() },
            people_read_count: 0,
            groups_read_count: 0,
        }
    }

    /// The record of somebody who was seen.
    ///
    /// # Errors
    /// When it cannot be read back.
    pub(crate) fn record(&self, seen: &SeenPerson) -> Result<Record, Fault> {
        self.records.get(seen.record)
    }

    /// Reports something of somebody who was seen.
    ///
    /// # Errors
    /// When the record cannot be read back.
    pub(crate) fn skip(&self, seen: &SeenPerson, because: &str, skips: &mut Skips) -> Result<(), Fault> {
        let dn = if skips.are_told() { self.record(seen)?.distinguished_name } else { String::new() };
        skips.push(&dn, because);
        Ok(())
    }

    /// Whether it says nothing at all, as a part does when nothing changed.
    pub(crate) fn says_nothing(&self) -> bool {
        self.people_scope == Scope::Part
            && self.groups_scope == Scope::Part
            && self.people.is_empty()
            && self.groups.is_empty()
            && self.gone.is_empty()
            && self.roll.is_none()
    }

    /// Whether something that is not mentioned is in the directory all the same. An entry that could not be used is
    /// one: an error is never an absence.
    pub(crate) fn leaves_alone(&self, scope: Scope, key: &Key) -> bool {
        self.kept.contains(key) || (scope == Scope::Part && !self.gone.contains_key(key))
    }

    /// Calls the roll: whoever is stored and not on it is gone. False when a name on it is another than the stored one,
    /// because its container was renamed, when somebody on it was gone, or an id stands twice; then only a whole reading
    /// tells.
    pub(crate) fn call_roll(&mut self, known: &Known) -> bool {
        let Some(roll) = self.roll.take() else { return true };
        let told = self.people.iter().map(|seen| seen.key).chain(self.groups.iter().map(|seen| seen.key));
        let told: BTreeSet<Key> = told.chain(self.kept.iter().copied()).collect();
        let people = known.people.iter().map(|person| (person.key, person.dn));
        let groups = known.groups.iter().map(|group| (group.key, group.dn));
        let links = known.links.iter().map(|link| (link.key, Some(link.dn)));
        let stored = people.chain(groups).chain(links);
        let mut same_names = roll.values().all(Option::is_some);
        for (key, dn) in stored.filter(|(key, _)| !told.contains(key)) {
            match (roll.get(&key), dn) {
                (None, Some(_)) => drop(self.gone.entry(key).or_insert(None)),
                (Some(now), Some(before)) => same_names &= *now == Some(before),
                // Whoever was missed before is there again.
                (Some(_), None) => same_names = false,
                (None, None) => {}
            }
        }
        if !same_names {
            self.roll = Some(roll);
        }
        same_names
    }

    /// Takes the groups of a whole reading of groups in place of its own.
    pub(crate) fn with_groups_of(&mut self, groups: Self) {
        self.groups = groups.groups;
        self.groups_scope = Scope::Whole;
        self.groups_read_count = groups.groups_read_count;
        self.kept.extend(groups.kept);
        for skip in groups.skips.first {
            self.skips.push(&skip.distinguished_name, skip.because);
        }
    }

    /// Takes out people and groups whose immutable id stands on more than one entry: which of them it is nobody can
    /// say, so nothing about them changes.
    ///
    /// # Errors
    /// When a record cannot be read back.
    pub(crate) fn settle_duplicates(&mut self) -> Result<(), Fault> {
        let twice = keys_standing_twice(self.people.iter().map(|person| person.key));
        let doubles: Vec<_> = self.people.extract_if(.., |person| twice.contains(&person.key)).collect();
        let mut skips = std::mem::take(&mut self.skips);
        for person in &doubles {
            self.skip(person, "another entry has the same immutable id; neither is used", &mut skips)?;
        }
        self.skips = skips;
        self.kept.extend(twice);
        let twice = keys_standing_twice(self.groups.iter().map(|group| group.key));
        for group in self.groups.extract_if(.., |group| twice.contains(&group.key)) {
            self.skips
                .push(&group.record.distinguished_name, "another entry has the same immutable id; neither is used");
        }
        self.kept.extend(twice);
        Ok(())
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

#[cfg(test)]
mod tests;
