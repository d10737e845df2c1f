//! A directory that a connector reads inside the company's network.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::connector_order::Wanted;
use freehold_types::{Caller, Fault};

use super::{Change, Cursor, Proof, Step};
use crate::check::Check;
use crate::connector::hub::{Answer, Answers};
use crate::connector::photo::PhotoReader;
use crate::connector::reader::{Reader, When, parse_check};
use crate::directory::Directory;
use crate::{Deps, fault, store};

/// Within this time a connector that was seen by another process is taken for attached there.
const SEEN_LATELY: TimeDelta = TimeDelta::seconds(45);

/// The way to a directory's connectors.
pub(crate) struct Remote {
    deps: Deps,
    caller: Caller,
    directory: Directory,
}

impl Remote {
    pub(crate) fn new(deps: &Deps, caller: &Caller, directory: &Directory) -> Self {
        Self { deps: deps.clone(), caller: *caller, directory: directory.clone() }
    }

    async fn order(&self, wanted: Wanted) -> Result<Answers, Fault> {
        let name = &self.directory.settings.name;
        if let Some(answers) = self.deps.connectors.hub.order(self.directory.id, name, &wanted) {
            return Ok(answers);
        }
        if matches!(wanted, Wanted::ReadPhotos(_)) && self.deps.connectors.hub.has_without_photos(self.directory.id) {
            return Err(fault::connector_without_photos(name));
        }
        let tx = self.deps.tenancy.begin(&self.caller).await?;
        let connectors = store::connector::all(&tx, self.directory.id).await?;
        let last_seen_at = connectors.into_iter().filter_map(|connector| connector.last_seen_at).max();
        let lately = last_seen_at.is_some_and(|at| self.deps.mint.now() - at < SEEN_LATELY);
        // One that left this process was seen lately too; then it is on its way back.
        Err(if lately && !self.deps.connectors.hub.was_here(self.directory.id) {
            fault::connector_elsewhere(name)
        } else {
            fault::connector_away(name, last_seen_at)
        })
    }

    pub(crate) async fn check(&self) -> Result<Check, Fault> {
        let mut answers = self.order(Wanted::Check(pb::OrderCheck {})).await?;
        match answers.next().await? {
            Answer::Check(check) => parse_check(&self.directory.settings.name, check),
            Answer::Batch(_) | Answer::Complete(_) | Answer::Failure(_) => {
                Err(fault::connector_wrong(answers.directory(), "it answers a check with something else"))
            }
        }
    }

    pub(crate) async fn read(&self) -> Result<Observations, Fault> {
        Ok(Observations(Reader::new(self.order(Wanted::Read(pb::OrderRead {})).await?)))
    }

    pub(crate) async fn read_groups(&self) -> Result<Observations, Fault> {
        Ok(Observations(Reader::new(self.order(Wanted::ReadGroups(pb::OrderReadGroups {})).await?)))
    }

    pub(crate) async fn photos(&self, only: Option<&BTreeSet<String>>) -> Result<PhotoReader, Fault> {
        let entry_ids = only.into_iter().flatten().cloned().collect();
        Ok(PhotoReader::new(self.order(Wanted::ReadPhotos(pb::OrderReadPhotos { entry_ids })).await?))
    }

    pub(crate) async fn follow(&self, cursor: &Cursor) -> Result<Following, Fault> {
        let wanted = Wanted::Follow(pb::OrderFollow { cursor: cursor.0.clone() });
        let mut reader = Reader::new(self.order(wanted).await?);
        reader.begin().await?;
        Ok(Following(reader))
    }
}

/// A whole reading.
pub(crate) struct Observations(Reader);

impl Observations {
    pub(crate) async fn next(&mut self) -> Result<Step, Fault> {
        Ok(match self.0.step().await? {
            Ok(observed) => Step::Observed(observed),
            Err(cursor) => Step::Complete(Proof { cursor }),
        })
    }
}

/// Changes while they come.
pub(crate) struct Following(Reader);

impl Following {
    pub(crate) async fn due(&mut self) -> Result<Change, Fault> {
        self.0.change(When::Due).await
    }

    pub(crate) async fn next(&mut self) -> Result<Change, Fault> {
        self.0.change(When::Ever).await
    }
}
