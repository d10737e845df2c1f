//! What is stored of one directory, in the form in which it is compared.

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::{DirectoryGroupId, PersonId};
use uuid::Uuid;

use crate::identity::Link;
use crate::reading::Key;

/// A person as stored, without the record.
#[derive(Debug, Clone)]
pub(crate) struct KnownPerson {
    pub id: PersonId,
    pub key: Key,
    pub digest: Key,
    pub active: bool,
    pub manager: Option<PersonId>,
    /// A manager that the directory names and that was not found.
    pub missing_manager: Option<Key>,
    pub administrator: bool,
    /// The distinguished name; none when the directory does not list the person any more.
    pub dn: Option<Key>,
    /// The primary group's security identifier, when memberships of it are read.
    pub primary_group: Option<Key>,
    /// An undo made the person what the directory does not say.
    pub restored: bool,
}

/// A directory group as stored, without the record.
#[derive(Debug, Clone)]
pub(crate) struct KnownGroup {
    pub id: DirectoryGroupId,
    pub key: Key,
    pub digest: Key,
    pub dn: Option<Key>,
    /// Its security identifier, when people may have it as their primary group.
    pub sid: Option<Key>,
}

/// A member of a directory group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Member {
    Person(PersonId),
    Group(DirectoryGroupId),
}

impl Member {
    pub(crate) fn uuid(self) -> Uuid {
        match self {
            Self::Person(id) => id.uuid(),
            Self::Group(id) => id.uuid(),
        }
    }
}

/// One membership, as it is listed in the directory.
pub(crate) type Edge = (DirectoryGroupId, Member);

/// What is stored of one directory, and what else can be referred to.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub people: Vec<KnownPerson>,
    pub groups: Vec<KnownGroup>,
    pub edges: BTreeSet<Edge>,
    /// People and groups of the tenant's other directories by distinguished name: domains of one forest refer to each
    /// other.
    pub elsewhere: BTreeMap<Key, Member>,
    /// Entries, of all directories, that are people of whom another directory tells.
    pub links: Vec<Link>,
    /// Memberships of groups of other directories.
    pub edges_elsewhere: BTreeSet<Edge>,
    /// Whether a reference goes with an entry that gets another name, as in Active Directory.
    pub references_follow: bool,
    /// Set when only those people were loaded whom a part is about: how many active people and administrators there are
    /// in all.
    pub totals: Option<Totals>,
}

/// Counts of people of one directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub active: u64,
    pub administrators: usize,
}

impl Known {
    /// Active people and administrators.
    pub(crate) fn totals(&self) -> Totals {
        self.totals.unwrap_or_else(|| {
            let active = self.people.iter().filter(|person| person.active);
            Totals {
                active: u64::try_from(active.clone().count()).unwrap_or(u64::MAX),
                administrators: active.filter(|person| person.administrator).count(),
            }
        })
    }
}
