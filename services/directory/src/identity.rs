//! Who is one person although two directories list them.
//!
//! A directory tells of its own people. An entry that is somebody of another directory, by the explicit rule
//! `same_person` and never by chance, is a link: of a person's directories the one that stands first in the manifest
//! tells of them, and the next one goes on when that one lists them no more. So nobody who moves between two
//! directories leaves, and nobody is two people.

use std::collections::{BTreeMap, BTreeSet};

use freehold_schema::field::directory::{PERSON_EMAIL, PERSON_EMPLOYEE_NUMBER};
use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryId, Fault, PersonId};
use freehold_vault::TenantKeys;

use crate::directory::Directory;
use crate::known::{Known, KnownPerson, Member};
use crate::reading::{Key, Reading, SeenPerson, Skips};
use crate::record::Record;
use crate::settings::SamePerson;
use crate::store;

/// How many people are asked for at once.
const ASK_MAX: usize = 500;

/// An entry of a directory that is a person of whom another directory tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub directory: DirectoryId,
    /// Blind index of the entry's immutable id.
    pub key: Key,
    pub person: PersonId,
    /// Blind index of the entry's distinguished name.
    pub dn: Key,
    /// Whether that directory would let the person in.
    pub enabled: bool,
}

/// What a run does to links, besides what it does to people.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub put: Vec<Link>,
    /// People whom this directory does not list any more beside the one that tells of them.
    pub gone: Vec<PersonId>,
    /// People whom this directory does not list any more, and the link of the directory that goes on.
    pub handed_over: Vec<Link>,
}

impl Links {
    pub(crate) const fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty() && self.handed_over.is_empty()
    }

    /// For the digest of the change set.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        let mut lines: Vec<_> = self.handed_over.iter().map(|link| link.key).collect();
        lines.extend(self.put.iter().map(|link| link.key));
        lines.sort_unstable();
        lines.into_flattened()
    }
}

/// A person of another directory.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    pub directory: DirectoryId,
    pub person: KnownPerson,
}

/// Takes those entries out of a reading that are people of other directories, or makes those people this one's: what
/// is left is compared as if there were no other directory.
pub(crate) async fn settle(
    tx: &TenantTx,
    directory: &Directory,
    reading: &mut Reading,
    known: &mut Known,
    skips: &mut Skips,
) -> Result<Links, Fault> {
    let rule = directory.settings.same_person();
    if rule.is_none() && known.links.is_empty() {
        return Ok(Links::default());
    }
    let directories = store::directory::all(tx).await?;
    let there = reading.people.iter().map(|seen| seen.key).collect();
    let mut settling = Settling { ours: directory, directories, there, links: Links::default(), skips };
    settling.hand_over(tx, reading, known).await?;
    let mut taken_out = BTreeSet::new();
    for (place, found) in settling.matches(tx, rule, reading, known).await? {
        if let Some(seen) = reading.people.get(place)
            && settling.meet(reading, seen, known, found)?
        {
            taken_out.insert(place);
        }
    }
    settling.forget(reading, known);
    let mut place = 0..;
    reading.people.retain(|_seen| place.next().is_none_or(|place| !taken_out.contains(&place)));
    Ok(settling.links)
}

struct Settling<'a> {
    ours: &'a Directory,
    directories: Vec<Directory>,
    /// Keys of all people of the reading.
    there: BTreeSet<Key>,
    links: Links,
    skips: &'a mut Skips,
}

/// Whom a rule finds.
enum Found {
    Nobody,
    One(Box<Elsewhere>),
    Several,
}

impl Settling<'_> {
    fn directory(&self, id: DirectoryId) -> Option<&Directory> {
        self.directories.iter().find(|directory| directory.id == id)
    }

    fn name(&self, id: DirectoryId) -> &str {
        self.directory(id).map_or("", |directory| directory.settings.name.as_str())
    }

    /// Which of several directories tells of a person; one that is not read any more comes last.
    fn rank(&self, id: DirectoryId) -> (bool, u32) {
        self.directory(id).map_or((true, u32::MAX), |directory| (directory.retired, directory.settings.place))
    }

    fn lists(&self, reading: &Reading, key: &Key) -> bool {
        self.there.contains(key) || reading.leaves_alone(reading.people_scope, key)
    }

    /// Whom this directory lists no more and another one does.
    async fn hand_over(&mut self, tx: &TenantTx, reading: &Reading, known: &mut Known) -> Result<(), Fault> {
        let mut next = BTreeMap::<PersonId, &Link>::new();
        for link in known.links.iter().filter(|link| link.directory != self.ours.id && link.enabled) {
            let best = next.entry(link.person).or_insert(link);
            if self.rank(link.directory) < self.rank(best.directory) {
                *best = link;
            }
        }
        let leaves = |person: &KnownPerson| person.dn.is_some() && !self.lists(reading, &person.key);
        let leave: BTreeSet<PersonId> = known.people.iter().filter(|person| leaves(person)).map(|p| p.id).collect();
        let handed_over: Vec<Link> =
            next.into_iter().filter(|(id, _)| leave.contains(id)).map(|(_, link)| link.clone()).collect();
        let ids: Vec<PersonId> = handed_over.iter().map(|link| link.person).collect();
        for part in ids.chunks(ASK_MAX) {
            for person in store::person::list(tx, part).await? {
                let link = handed_over.iter().find(|link| link.person == person.id);
                let next = link.map_or("", |link| self.name(link.directory));
                let because = format!("it is not there any more; directory {next} goes on telling of the same person");
                self.skips.push(&person.record.distinguished_name, because);
            }
        }
        known.people.retain(|person| !ids.contains(&person.id));
        self.links.handed_over = handed_over;
        Ok(())
    }

    /// Whom the entries are that are nobody of this directory, with their places.
    async fn matches(
        &mut self,
        tx: &TenantTx,
        rule: Option<SamePerson>,
        reading: &Reading,
        known: &Known,
    ) -> Result<Vec<(usize, Found)>, Fault> {
        let links = known.links.iter().filter(|link| link.directory == self.ours.id);
        let linked: BTreeMap<Key, PersonId> = links.map(|link| (link.key, link.person)).collect();
        let ours: BTreeSet<Key> = known.people.iter().map(|person| person.key).collect();
        let mut by_link = Vec::new();
        let mut by_rule = Vec::new();
        for (place, seen) in reading.people.iter().enumerate().filter(|(_, seen)| !ours.contains(&seen.key)) {
            if let Some(person) = linked.get(&seen.key) {
                by_link.push((place, *person));
            } else if let Some(rule) = rule.filter(|_| seen.enabled)
                && let Some(value) = value(tx.keys(), rule, &reading.record(seen)?)
            {
                by_rule.push((place, value));
            }
        }
        let mut people = BTreeMap::new();
        let ids: Vec<PersonId> = by_link.iter().map(|(_, id)| *id).collect();
        for part in ids.chunks(ASK_MAX) {
            people.extend(store::person::with_ids(tx, part).await?.into_iter().map(|found| (found.person.id, found)));
        }
        let one = |id| people.get(&id).map_or(Found::Nobody, |found| Found::One(Box::new(Elsewhere::clone(found))));
        let mut matches: Vec<(usize, Found)> = by_link.into_iter().map(|(place, id)| (place, one(id))).collect();
        if let Some(rule) = rule {
            self.by_rule(tx, rule, by_rule, &mut matches).await?;
        }
        Ok(matches)
    }

    /// Whom the rule finds for these values.
    async fn by_rule(
        &self,
        tx: &TenantTx,
        rule: SamePerson,
        wanted: Vec<(usize, Key)>,
        matches: &mut Vec<(usize, Found)>,
    ) -> Result<(), Fault> {
        let mut candidates = BTreeMap::<Key, Vec<Elsewhere>>::new();
        let values: Vec<Key> = wanted.iter().map(|(_, value)| *value).collect();
        for part in values.chunks(ASK_MAX) {
            for (value, found) in store::person::elsewhere_with(tx, self.ours.id, rule, part).await? {
                candidates.entry(value).or_default().push(found);
            }
        }
        let mut times = BTreeMap::<Key, u32>::new();
        for (_, value) in &wanted {
            let count = times.entry(*value).or_default();
            *count = count.saturating_add(1);
        }
        for (place, value) in wanted {
            let found = candidates.get(&value).map_or(Found::Nobody, |found| the_one(found));
            let twice = times.get(&value).is_some_and(|count| *count > 1);
            matches.push((place, if twice && !matches!(found, Found::Nobody) { Found::Several } else { found }));
        }
        Ok(())
    }

    /// Makes an entry the person that was found. True when this directory has nothing more to say of the entry.
    fn meet(&mut self, reading: &Reading, seen: &SeenPerson, known: &mut Known, found: Found) -> Result<bool, Fault> {
        let word = self.ours.settings.same_person().map_or("id", SamePerson::words);
        let found = match found {
            Found::Nobody => return Ok(false),
            Found::Several => {
                let because = format!("several people have its {word}; which of them it is nobody can say");
                reading.skip(seen, &because, self.skips)?;
                return Ok(true);
            }
            Found::One(found) => found,
        };
        let Elsewhere { directory, person } = *found;
        if seen.enabled && (person.dn.is_none() || self.rank(self.ours.id) < self.rank(directory)) {
            // The record says so in any case: it has another id now.
            known.people.push(KnownPerson { key: seen.key, digest: Key::default(), ..person });
            return Ok(false);
        }
        let link =
            Link { directory: self.ours.id, key: seen.key, person: person.id, dn: seen.dn, enabled: seen.enabled };
        known.elsewhere.insert(link.dn, Member::Person(person.id));
        if !known.links.contains(&link) {
            if !known.links.iter().any(|known| known.directory == link.directory && known.person == link.person) {
                let name = self.name(directory);
                let because = format!("directory {name} comes first and tells of the person with this {word}");
                reading.skip(seen, &because, self.skips)?;
            }
            self.links.put.push(link);
        }
        Ok(true)
    }

    /// Links to entries that are not there any more, and to people who are this directory's now.
    fn forget(&mut self, reading: &Reading, known: &Known) {
        let ours: BTreeSet<PersonId> = known.people.iter().map(|person| person.id).collect();
        let links = known.links.iter().filter(|link| link.directory == self.ours.id);
        let gone = links.filter(|link| ours.contains(&link.person) || !self.lists(reading, &link.key));
        self.links.gone = gone.map(|link| link.person).collect();
    }
}

/// The active one, or the only one.
fn the_one(found: &[Elsewhere]) -> Found {
    let active: Vec<&Elsewhere> = found.iter().filter(|found| found.person.active).collect();
    match (active.as_slice(), found) {
        ([one], _) => Found::One(Box::new(Elsewhere::clone(one))),
        ([], [one]) => Found::One(Box::new(one.clone())),
        ([], []) => Found::Nobody,
        (_, _) => Found::Several,
    }
}

/// What the rule compares; none when the entry has nothing of it.
fn value(keys: &TenantKeys, rule: SamePerson, record: &Record) -> Option<Key> {
    let (field, value) = match rule {
        SamePerson::EmployeeNumber => (PERSON_EMPLOYEE_NUMBER, record.employee_number.clone()),
        SamePerson::Email => (PERSON_EMAIL, record.email.to_lowercase()),
    };
    (!value.is_empty()).then(|| keys.index(field, value.as_bytes()))
}
