//! A directory server that is followed: what changed since a place in its line of changes, and what changes while
//! somebody listens.

use chrono::{DateTime, Utc};
use prost::Message as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::error::SourceError;
use super::{Entry, Listing};

/// Changes that wait for whoever applies them; then the server waits.
const CHANGE_BUFFER: usize = 256;

/// A place in a server's line of changes.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Cursor {
    /// Of a server that speaks RFC 4533: how far each list was read.
    #[prost(message, optional, tag = "1")]
    pub syncrepl: Option<SyncreplPlace>,
    /// Of Active Directory: how far it was read.
    #[prost(message, optional, tag = "2")]
    pub dirsync: Option<DirsyncPlace>,
    /// Of a server that has no line of changes: how far it was read.
    #[prost(message, optional, tag = "3")]
    pub polled: Option<PolledPlace>,
}

/// Cookies of RFC 4533, one for each search that is kept open.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct SyncreplPlace {
    #[prost(bytes = "vec", tag = "1")]
    pub people: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub groups: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub containers: Vec<u8>,
}

/// A cookie of DirSync, and whose it is.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DirsyncPlace {
    #[prost(bytes = "vec", tag = "1")]
    pub cookie: Vec<u8>,
    /// Names the database of the server that gave it.
    #[prost(bytes = "vec", tag = "2")]
    pub invocation_id: Vec<u8>,
    /// How many changes that database had seen.
    #[prost(uint64, tag = "3")]
    pub highest_usn: u64,
}

/// A place in time, by the server's own clock.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct PolledPlace {
    /// The latest `modifyTimestamp` of what was read, in seconds since 1970.
    #[prost(int64, tag = "1")]
    pub changed_at: i64,
}

impl Cursor {
    /// As it is stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// Reads what [`Self::to_bytes`] gave; nothing when it is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
}

/// What a server that is followed says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An entry as it is now, whole.
    Entry {
        /// In which list.
        listing: Listing,
        /// As read.
        entry: Entry,
        /// When the directory changed it, by its own clock.
        changed_at: Option<DateTime<Utc>>,
    },
    /// An entry that is in no list any more.
    Gone {
        /// Its anchor in text form.
        entry_id: String,
        /// When the directory changed it, by its own clock.
        changed_at: Option<DateTime<Utc>>,
    },
    /// Everything that is there, and nothing else: of servers that do not tell what was deleted.
    Roll(Vec<Listed>),
    /// Everything before this is told; following can go on from here.
    InStep(Cursor),
    /// Only a whole reading tells what is there; nothing follows.
    ReadAgain {
        /// Why, in words.
        because: String,
    },
}

/// An entry that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its anchor in text form.
    pub entry_id: String,
    /// Its distinguished name.
    pub dn: String,
}

pub(super) type ChangeSender = mpsc::Sender<Result<Change, SourceError>>;

/// Changes while they come. Dropping it ends the connections.
#[derive(Debug)]
pub struct Following {
    receiver: mpsc::Receiver<Result<Change, SourceError>>,
    /// What fills it; aborted when it is dropped.
    pub(super) tasks: JoinSet<()>,
}

impl Following {
    pub(super) fn channel() -> (ChangeSender, Self) {
        let (sender, receiver) = mpsc::channel(CHANGE_BUFFER);
        (sender, Self { receiver, tasks: JoinSet::new() })
    }

    /// The next change; waits for one.
    ///
    /// # Errors
    /// Whatever ended the following.
    pub async fn next(&mut self) -> Result<Change, SourceError> {
        self.receiver.recv().await.unwrap_or(Err(SourceError::Stopped))
    }
}
