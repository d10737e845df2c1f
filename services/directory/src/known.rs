//! What is stored of one directory, in the form in which it is compared.

use std::collections::BTreeSet;

use freehold_types::{DirectoryGroupId, PersonId};
use uuid::Uuid;

use crate::reading::Key;

/// A person as stored, without the record.
#[derive(Debug, Clone)]
pub(crate) struct KnownPerson {
    pub id: PersonId,
    pub key: Key,
    pub digest: Key,
    pub active: bool,
    pub manager: Option<PersonId>,
    pub administrator: bool,
}

/// A directory group as stored, without the record.
#[derive(Debug, Clone)]
pub(crate) struct KnownGroup {
    pub id: DirectoryGroupId,
    pub key: Key,
    pub digest: Key,
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

/// What is stored of one directory.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub people: Vec<KnownPerson>,
    pub groups: Vec<KnownGroup>,
    pub edges: BTreeSet<Edge>,
}
