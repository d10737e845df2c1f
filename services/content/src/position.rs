//! Where a list goes on: the positions inside page tokens. Ids, numbers and times only, never names.

use chrono::{DateTime, Utc};
use freehold_types::{Fault, GroupId, PersonId, PostId};
use uuid::Uuid;

use crate::fault;

const UUID_BYTES: usize = 16;
const NUMBER_BYTES: usize = 8;

/// A place in a list that a page token can stand for.
pub(crate) trait Position: Sized {
    fn to_bytes(&self) -> Vec<u8>;
    fn read(bytes: &[u8]) -> Option<Self>;

    /// Reads what [`Position::to_bytes`] wrote.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        Self::read(bytes).ok_or_else(fault::page_token_outdated)
    }
}

/// After the post or comment with this sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AfterSeq(pub(crate) i64);

impl Position for AfterSeq {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(i64::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// After this post of the feed. The time orders the feed, the id tells posts of one moment apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AfterPost {
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) id: PostId,
}

impl Position for AfterPost {
    fn to_bytes(&self) -> Vec<u8> {
        [moment_bytes(self.created_at).as_slice(), self.id.uuid().as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (moment, id) = bytes.split_at_checked(NUMBER_BYTES)?;
        Some(Self { created_at: moment_from(moment)?, id: PostId::from_uuid(uuid_from(id)?) })
    }
}

/// After this member: role, then the moment of joining, then the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AfterMember {
    pub(crate) role: i16,
    pub(crate) joined_at: DateTime<Utc>,
    pub(crate) person: PersonId,
}

impl Position for AfterMember {
    fn to_bytes(&self) -> Vec<u8> {
        let role = self.role.to_be_bytes();
        [role.as_slice(), &moment_bytes(self.joined_at), self.person.uuid().as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (role, rest) = bytes.split_at_checked(2)?;
        let (moment, person) = rest.split_at_checked(NUMBER_BYTES)?;
        Some(Self {
            role: i16::from_be_bytes(role.try_into().ok()?),
            joined_at: moment_from(moment)?,
            person: PersonId::from_uuid(uuid_from(person)?),
        })
    }
}

/// After this group. Its name is looked up when the list goes on: a token must not carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AfterGroup {
    /// Whether it stood among the caller's own ones.
    pub(crate) own: bool,
    pub(crate) id: GroupId,
}

impl Position for AfterGroup {
    fn to_bytes(&self) -> Vec<u8> {
        [[u8::from(self.own)].as_slice(), self.id.uuid().as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (own, id) = bytes.split_first()?;
        Some(Self { own: *own == 1, id: GroupId::from_uuid(uuid_from(id)?) })
    }
}

fn moment_bytes(moment: DateTime<Utc>) -> [u8; NUMBER_BYTES] {
    moment.timestamp_micros().to_be_bytes()
}

fn moment_from(bytes: &[u8]) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(i64::from_be_bytes(bytes.try_into().ok()?))
}

fn uuid_from(bytes: &[u8]) -> Option<Uuid> {
    let bytes: [u8; UUID_BYTES] = bytes.try_into().ok()?;
    Some(Uuid::from_bytes(bytes))
}

#[cfg(test)]
mod tests;
