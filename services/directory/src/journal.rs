//! What a run did, batch by batch, so that it can be undone.
//!
//! A tag is never used twice; an old row must open for as long as it is kept.

use chrono::TimeDelta;
use freehold_types::{DirectoryGroupId, PersonId};
use uuid::Uuid;

use crate::known::{Edge, Member};

/// How long a journal is kept.
pub(crate) const KEPT: TimeDelta = TimeDelta::days(30);
/// How long that is, in words.
pub(crate) const KEPT_WORDS: &str = "30 days";

/// One batch.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Batch {
    /// The moment that stands on every row the batch wrote: who carries a later one has changed since. Microseconds.
    #[prost(int64, tag = "1")]
    pub written_at: i64,
    #[prost(message, repeated, tag = "2")]
    pub people: Vec<PersonBefore>,
    #[prost(message, repeated, tag = "3")]
    pub groups: Vec<GroupBefore>,
    /// Memberships, one after the other.
    #[prost(bytes = "vec", tag = "4")]
    pub added: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    pub removed: Vec<u8>,
}

/// How a person was before a batch; nothing but an id when the batch created the person.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct PersonBefore {
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    pub before: Option<PersonState>,
}

/// A person's row.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct PersonState {
    #[prost(bool, tag = "1")]
    pub active: bool,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub manager: Option<Vec<u8>>,
    #[prost(bool, tag = "3")]
    pub administrator: bool,
    /// None when the batch left it as it was.
    #[prost(message, optional, tag = "4")]
    pub record: Option<crate::record::Record>,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub missing_manager: Option<Vec<u8>>,
    /// Microseconds.
    #[prost(int64, optional, tag = "6")]
    pub deactivated_at: Option<i64>,
    /// The directory that told of the person; none when the batch left it to the same one.
    #[prost(bytes = "vec", optional, tag = "7")]
    pub directory: Option<Vec<u8>>,
}

/// How a directory group was before a batch; nothing but an id when the batch created it.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct GroupBefore {
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    pub record: Option<crate::record::GroupRecord>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub dn: Option<Vec<u8>>,
}

/// How many bytes a membership takes: a group, a kind and a member.
const EDGE_BYTES: usize = 33;
const PERSON: u8 = 1;
const GROUP: u8 = 2;

/// Memberships as bytes.
pub(crate) fn encode(edges: &[Edge]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(edges.len().saturating_mul(EDGE_BYTES));
    for (group, member) in edges {
        bytes.extend_from_slice(group.uuid().as_bytes());
        bytes.push(match member {
            Member::Person(_) => PERSON,
            Member::Group(_) => GROUP,
        });
        bytes.extend_from_slice(member.uuid().as_bytes());
    }
    bytes
}

/// The memberships that [`encode`] wrote.
pub(crate) fn decode(bytes: &[u8]) -> Vec<Edge> {
    let (edges, _rest) = bytes.as_chunks::<EDGE_BYTES>();
    edges.iter().filter_map(|edge| decode_one(edge)).collect()
}

fn decode_one(bytes: &[u8]) -> Option<Edge> {
    let (group, rest) = bytes.split_first_chunk::<16>()?;
    let (kind, member) = rest.split_first()?;
    let member = Uuid::from_slice(member).ok()?;
    let member = match *kind {
        PERSON => Member::Person(PersonId::from_uuid(member)),
        GROUP => Member::Group(DirectoryGroupId::from_uuid(member)),
        _ => return None,
    };
    Some((DirectoryGroupId::from_uuid(Uuid::from_bytes(*group)), member))
}
