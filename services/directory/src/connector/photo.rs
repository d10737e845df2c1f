//! Photos through a connector, as the directory has them: what cannot be trusted is decoded by the installation only.

use std::collections::VecDeque;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::connector_observation::Observed as Wire;
use freehold_types::Fault;

use super::hub::{Answer, Answers};
use super::reader::OBSERVATIONS_MAX;
use super::told::{ENTRY_ID_BYTES_MAX, dn, entry_id, short};
use crate::fault;
use crate::origin::ListedPhoto;
use crate::source::PHOTO_BYTES_MAX;

/// How full a batch of photos may be before it is sent: little, because leavers come on the same line.
pub(super) const BATCH_BYTES: usize = 128 * 1024;

/// A photo as messages; more than one when it is larger than a batch, and none of an entry that nobody can know.
pub(super) fn render(listed: ListedPhoto) -> Vec<pb::ConnectorObservation> {
    let ListedPhoto { entry_id, dn, photo } = listed;
    if entry_id.len() > ENTRY_ID_BYTES_MAX {
        return Vec::new();
    }
    let mut parts = photo.iter().flat_map(|photo| photo.chunks(BATCH_BYTES)).map(<[u8]>::to_vec).peekable();
    let first = photo.as_ref().map(|_some| parts.next().unwrap_or_default());
    let more = parts.peek().is_some();
    let photo = pb::ObservedPhoto { entry_id, distinguished_name: short(&dn), photo: first, more };
    let mut told = vec![Wire::Photo(photo)];
    while let Some(part) = parts.next() {
        told.push(Wire::PhotoPart(pb::ObservedPhotoPart { part, more: parts.peek().is_some() }));
    }
    told.into_iter().map(|observed| pb::ConnectorObservation { observed: Some(observed) }).collect()
}

/// Puts photos together, message by message.
#[derive(Default)]
struct Assembler {
    /// A photo whose parts have not all come.
    open: Option<ListedPhoto>,
    /// Photos so far, further parts not counted.
    count: u64,
}

impl Assembler {
    /// What one message tells; nothing while a photo is not whole.
    fn take(&mut self, told: pb::ConnectorObservation) -> Result<Option<ListedPhoto>, String> {
        match (told.observed.ok_or("an observation is empty")?, self.open.take()) {
            (Wire::Photo(_), Some(_)) => Err("a photo broke off".to_owned()),
            (Wire::Photo(told), None) => {
                self.count = self.count.saturating_add(1);
                if self.count > OBSERVATIONS_MAX {
                    return Err("it tells of more than any directory has".to_owned());
                }
                let (entry_id, dn) = (entry_id(told.entry_id)?, dn(told.distinguished_name)?);
                self.put(ListedPhoto { entry_id, dn, photo: told.photo }, told.more)
            }
            (Wire::PhotoPart(_), None) => Err("a part belongs to no photo".to_owned()),
            (Wire::PhotoPart(further), Some(_)) if further.part.is_empty() => {
                Err("a part of a photo is empty".to_owned())
            }
            (Wire::PhotoPart(further), Some(mut open)) => {
                open.photo.get_or_insert_default().extend(further.part);
                self.put(open, further.more)
            }
            _ => Err("something else stands among photos".to_owned()),
        }
    }

    fn put(&mut self, listed: ListedPhoto, more: bool) -> Result<Option<ListedPhoto>, String> {
        if listed.photo.as_ref().is_some_and(|photo| photo.len() > PHOTO_BYTES_MAX) {
            return Err(format!("a photo has more than {PHOTO_BYTES_MAX} bytes"));
        }
        if more {
            self.open = Some(listed);
            return Ok(None);
        }
        Ok(Some(listed))
    }
}

/// An order's photos as they are used.
pub(crate) struct PhotoReader {
    answers: Answers,
    told: VecDeque<pb::ConnectorObservation>,
    assembler: Assembler,
}

impl PhotoReader {
    pub(crate) fn new(answers: Answers) -> Self {
        Self { answers, told: VecDeque::new(), assembler: Assembler::default() }
    }

    /// The next entry that was listed; nothing when that were all of them.
    pub(crate) async fn next(&mut self) -> Result<Option<ListedPhoto>, Fault> {
        loop {
            while let Some(told) = self.told.pop_front() {
                if let Some(listed) = self.assembler.take(told).map_err(|what| self.wrong(&what))? {
                    return Ok(Some(listed));
                }
            }
            match self.answers.next().await? {
                Answer::Batch(observations) => self.told.extend(observations),
                Answer::Complete(complete)
                    if self.assembler.open.is_some() || complete.observations_count != self.assembler.count =>
                {
                    return Err(self.wrong("it says that photos are all there, and something is missing"));
                }
                Answer::Complete(_) => return Ok(None),
                Answer::Check(_) | Answer::Failure(_) => return Err(self.wrong("it answers with something else")),
            }
        }
    }

    fn wrong(&self, what: &str) -> Fault {
        fault::connector_wrong(self.answers.directory(), what)
    }
}

#[cfg(test)]
mod tests;
