//! Where people are told of, whatever it is: a server, a file. Every origin gives the same mapped records, so that one
//! engine compares, brakes, applies and writes down. Nothing here knows what is stored.

mod connector;
mod provisioned;
mod server;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use freehold_types::{Caller, Fault};

use crate::connector::photo::PhotoReader;
use crate::directory::Directory;
use crate::mapping::{MappedGroup, MappedPerson};
use crate::settings::Settings;
use crate::source::Listing;
use crate::source::change::Listed;
use crate::{Deps, fault};
use connector::Remote;
use provisioned::Provisioned;
use server::Server;

/// Something an origin says.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all of them are people; a box each would cost more than it saves"
)]
pub(crate) enum Observed {
    Person(MappedPerson),
    Group(MappedGroup),
    /// An entry that is there and cannot be used: whoever it is stays as they are.
    Unusable {
        listing: Listing,
        dn: String,
        /// Its immutable id, when at least that could be read.
        entry_id: Option<String>,
        because: String,
    },
    /// A value left out, a reference not followed.
    Note {
        dn: String,
        because: String,
    },
    /// In changes only: not in this directory, or not in its scope, any more.
    Gone {
        entry_id: String,
        /// When the directory says that this came about.
        changed_at: Option<DateTime<Utc>>,
    },
    /// In changes only: everything that is there. In one piece, because a part of it would make the rest leavers.
    Roll(Vec<Listed>),
}

/// What comes next out of a whole reading.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all of them are people; a box each would cost more than it saves"
)]
pub(crate) enum Step {
    Observed(Observed),
    Complete(Proof),
}

/// Says that a reading was whole: every list ended in a success and every page came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proof {
    /// Where to go on from, taken before the reading began; none when the origin cannot be followed.
    pub cursor: Option<Cursor>,
}

/// A place in an origin's line of changes. Only the origin knows what the bytes mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor(pub Vec<u8>);

/// What comes next out of an origin that is followed.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all of them are people; a box each would cost more than it saves"
)]
pub(crate) enum Change {
    Observed(Observed),
    /// Everything before this is one consistent batch; following can go on from here.
    InStep(Cursor),
    /// The line of changes broke: only a whole reading tells what is there.
    ReadAgain {
        because: String,
    },
}

/// An entry of people that was listed, and its photo as the directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedPhoto {
    pub entry_id: String,
    pub dn: String,
    pub photo: Option<Vec<u8>>,
}

/// A directory that can be read.
pub(crate) enum Origin {
    Server(Box<Server>),
    /// What an IdP pushed here.
    Provisioned(Box<Provisioned>),
    /// What a connector reads inside the company's network.
    Connector(Box<Remote>),
}

impl Origin {
    /// Opens the way to a directory; nothing is read yet.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub(crate) fn open(deps: &Deps, caller: &Caller, directory: &Directory) -> Result<Self, Fault> {
        if directory.settings.provisioned() {
            return Ok(Self::Provisioned(Box::new(Provisioned::open(deps, caller, directory))));
        }
        if directory.settings.connector {
            return Ok(Self::Connector(Box::new(Remote::new(deps, caller, directory))));
        }
        Self::here(&directory.settings)
    }

    /// Opens the way to a server or a file that this very process reads.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub(crate) fn here(settings: &Settings) -> Result<Self, Fault> {
        Ok(Self::Server(Box::new(Server::open(settings)?)))
    }

    /// Reads everything: people, then groups.
    pub(crate) async fn read(&self) -> Result<Observations<'_>, Fault> {
        match self {
            Self::Server(server) => Ok(Observations::Server(server.read().await?)),
            Self::Provisioned(store) => Ok(Observations::Provisioned(store.read(true).await?)),
            Self::Connector(remote) => Ok(Observations::Connector(remote.read().await?)),
        }
    }

    /// Reads the groups only.
    pub(crate) async fn read_groups(&self) -> Result<Observations<'_>, Fault> {
        match self {
            Self::Server(server) => Ok(Observations::Server(server.read_groups().await?)),
            Self::Provisioned(store) => Ok(Observations::Provisioned(store.read(false).await?)),
            Self::Connector(remote) => Ok(Observations::Connector(remote.read_groups().await?)),
        }
    }

    /// Reads the photos of everybody, or of those with these immutable ids.
    pub(crate) async fn photos(&self, only: Option<&BTreeSet<String>>) -> Result<Photos, Fault> {
        match self {
            Self::Server(server) => Ok(server.photos(only).await?.map_or(Photos::Nobody, Photos::Server)),
            Self::Connector(remote) => Ok(Photos::Connector(remote.photos(only).await?)),
            // Nobody pushes any.
            Self::Provisioned(_) => Ok(Photos::Nobody),
        }
    }

    /// Whether the origin says that nothing at all changed since a place. False when it cannot tell.
    pub(crate) async fn unchanged_since(&self, cursor: &Cursor) -> Result<bool, Fault> {
        match self {
            Self::Server(server) => server.unchanged_since(cursor).await,
            Self::Connector(_) | Self::Provisioned(_) => Ok(false),
        }
    }

    /// Goes on from a place: first what changed since, then what changes while somebody listens.
    ///
    /// # Errors
    /// When this origin cannot be followed.
    pub(crate) async fn follow(&self, cursor: &Cursor) -> Result<Following, Fault> {
        match self {
            Self::Server(server) => Ok(Following::Server(server.follow(cursor).await?)),
            Self::Connector(remote) => Ok(Following::Connector(remote.follow(cursor).await?)),
            // Every change is brought to the people when it is pushed; there is nothing to follow.
            Self::Provisioned(store) => Err(fault::not_followed(store.name())),
        }
    }
}

/// A whole reading while it goes on.
pub(crate) enum Observations<'a> {
    Server(server::Observations<'a>),
    Provisioned(provisioned::Observations),
    Connector(connector::Observations),
}

impl Observations<'_> {
    /// What is observed next, or the proof that this was everything.
    ///
    /// # Errors
    /// Whatever kept the reading from its end: what was not read to its end is no list of who is there.
    pub(crate) async fn next(&mut self) -> Result<Step, Fault> {
        match self {
            Self::Server(observations) => observations.next().await,
            Self::Provisioned(observations) => Ok(observations.next()),
            Self::Connector(observations) => observations.next().await,
        }
    }
}

/// Photos while they are read.
pub(crate) enum Photos {
    Server(server::Photos),
    Connector(PhotoReader),
    /// Of a directory that has none.
    Nobody,
}

impl Photos {
    /// The next entry that was listed; nothing when that were all of them.
    ///
    /// # Errors
    /// As [`Observations::next`].
    pub(crate) async fn next(&mut self) -> Result<Option<ListedPhoto>, Fault> {
        match self {
            Self::Server(photos) => photos.next().await,
            Self::Connector(photos) => photos.next().await,
            Self::Nobody => Ok(None),
        }
    }
}

/// Changes while they come.
pub(crate) enum Following {
    Server(server::Following),
    Connector(connector::Following),
}

impl Following {
    /// The next change up to the first moment in step, which is due.
    ///
    /// # Errors
    /// As [`Self::next`], and when a connector is silent.
    pub(crate) async fn due(&mut self) -> Result<Change, Fault> {
        match self {
            // Waits by itself no longer than a server may take.
            Self::Server(following) => following.next().await,
            Self::Connector(following) => following.due().await,
        }
    }

    /// The next change; waits for one.
    ///
    /// # Errors
    /// Whatever ended the following; it can be begun again from the last place.
    pub(crate) async fn next(&mut self) -> Result<Change, Fault> {
        match self {
            Self::Server(following) => following.next().await,
            Self::Connector(following) => following.next().await,
        }
    }
}
