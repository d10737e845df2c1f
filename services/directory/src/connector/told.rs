//! What a connector tells, between the contract's messages and what an origin observes. What comes in is checked as the
//! mapping would: sizes, control characters, what must not be empty.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::connector_observation::Observed as Wire;
use freehold_types::{Fault, Kind, Reason};
use freehold_wire::time::{from_proto, to_proto};
use prost::Message as _;

use super::MESSAGE_BYTES_MAX;
use crate::fault;
use crate::mapping::{MappedGroup, MappedPerson, VALUE_CHARS_MAX, clean};
use crate::origin::{Change, Cursor, Observed};
use crate::record::{GroupRecord, Record};
use crate::source::Listing;
use crate::source::change::Listed;

/// The longest distinguished name, in bytes.
const DN_BYTES_MAX: usize = 8 * 1024;
/// The longest immutable id, in bytes.
pub(super) const ENTRY_ID_BYTES_MAX: usize = 200;
/// The longest explanation, in characters.
const WORDS_CHARS_MAX: usize = 500;
/// The longest cursor, in bytes.
const CURSOR_BYTES_MAX: usize = 256 * 1024;
/// How many members one directory group may have.
const MEMBERS_MAX: usize = 1_000_000;
/// How many entries a roll may list.
const ROLL_MAX: usize = 5_000_000;
/// How many bytes of members go into one message.
const MEMBERS_BYTES: usize = MESSAGE_BYTES_MAX / 8;
/// How full a message may be before it is sent.
pub(super) const BATCH_BYTES: usize = MESSAGE_BYTES_MAX / 2;

/// A failure as the installation tells it.
pub(super) fn failure(directory: &str, failure: pb::ConnectorFailure) -> Fault {
    let (kind, reason) = match (failure.not_followed, failure.passing) {
        (true, _) => return fault::not_followed(directory),
        (false, true) => (Kind::Unavailable, Reason::DirectoryUnreachable),
        (false, false) => (Kind::Conflict, Reason::DirectoryRefused),
    };
    let told =
        Fault::new(kind, reason, format!("the connector of directory {directory} says: {}", words(&failure.message)));
    if failure.cure.is_empty() { told } else { told.cure(words(&failure.cure)) }
}

/// A fault as a connector tells it.
pub(super) fn render_failure(number: u64, fault: &Fault) -> pb::ConnectorFailure {
    pb::ConnectorFailure {
        number,
        passing: fault.kind() == Kind::Unavailable,
        not_followed: fault.reason() == Reason::DirectoryNotFollowed,
        message: words(fault.message()),
        cure: words(fault.how_to_cure().unwrap_or_default()),
    }
}

fn words(text: &str) -> String {
    clean(text).chars().take(WORDS_CHARS_MAX).collect()
}

/// Puts together what a connector tells, message by message.
#[derive(Default)]
pub(super) struct Assembler {
    /// A directory group whose members have not all come.
    open: Option<MappedGroup>,
    /// A roll that has not come whole.
    roll: Option<Vec<Listed>>,
    /// Observations so far, further members not counted.
    pub count: u64,
}

impl Assembler {
    /// What one message tells; nothing while a directory group is not whole.
    pub(super) fn take(&mut self, told: pb::ConnectorObservation) -> Result<Option<Change>, String> {
        let told = told.observed.ok_or("an observation is empty")?;
        if let Wire::Members(further) = told {
            let mut group = self.open.take().ok_or("members belong to no group")?;
            return self
                .members(&mut group, further.members, further.more)
                .map(|whole| whole.then_some(group))
                .map(|group| group.map(|group| Change::Observed(Observed::Group(group))));
        }
        if self.open.is_some() {
            return Err("a group broke off".to_owned());
        }
        if let Wire::Roll(part) = told {
            return self.roll(part);
        }
        if self.roll.is_some() {
            return Err("a roll broke off".to_owned());
        }
        self.count = self.count.saturating_add(1);
        let observed = match told {
            Wire::Person(person) => parse_person(person)?,
            Wire::Group(group) => {
                let entry_id = entry_id(group.entry_id)?;
                let record = GroupRecord {
                    entry_id,
                    distinguished_name: dn(group.distinguished_name)?,
                    name: value(&group.name)?,
                    sid: value(&group.sid)?,
                };
                let mut mapped = MappedGroup { record, members: Vec::new() };
                if !self.members(&mut mapped, group.members, group.more)? {
                    return Ok(None);
                }
                Observed::Group(mapped)
            }
            Wire::Unusable(entry) => Observed::Unusable {
                listing: if entry.group { Listing::Groups } else { Listing::People },
                dn: dn(entry.distinguished_name)?,
                entry_id: Some(entry.entry_id).filter(|id| !id.is_empty()).map(entry_id).transpose()?,
                because: words(&entry.because),
            },
            Wire::Note(note) => Observed::Note { dn: dn(note.distinguished_name)?, because: words(&note.because) },
            Wire::Gone(gone) => {
                Observed::Gone { entry_id: entry_id(gone.entry_id)?, changed_at: moment(gone.changed_at.as_ref())? }
            }
            Wire::InStep(step) => {
                return cursor(step.cursor)?.map(Change::InStep).map(Some).ok_or_else(|| "an empty cursor".to_owned());
            }
            Wire::ReadAgain(again) => return Ok(Some(Change::ReadAgain { because: words(&again.because) })),
            Wire::Members(_) | Wire::Roll(_) => return Ok(None),
            Wire::Photo(_) | Wire::PhotoPart(_) => return Err("photos stand among people".to_owned()),
        };
        Ok(Some(Change::Observed(observed)))
    }

    /// Whether nothing is half there.
    pub(super) const fn whole(&self) -> bool {
        self.open.is_none() && self.roll.is_none()
    }

    fn roll(&mut self, part: pb::ObservedRoll) -> Result<Option<Change>, String> {
        let mut roll = self.roll.take().unwrap_or_default();
        for entry in part.entries {
            roll.push(Listed { entry_id: entry_id(entry.entry_id)?, dn: dn(entry.distinguished_name)? });
        }
        if roll.len() > ROLL_MAX {
            return Err(format!("a roll lists more than {ROLL_MAX} entries"));
        }
        if part.more {
            self.roll = Some(roll);
            return Ok(None);
        }
        Ok(Some(Change::Observed(Observed::Roll(roll))))
    }

    fn members(&mut self, group: &mut MappedGroup, members: Vec<String>, more: bool) -> Result<bool, String> {
        for member in members {
            group.members.push(dn(member)?);
        }
        if group.members.len() > MEMBERS_MAX {
            return Err(format!("a group has more than {MEMBERS_MAX} members"));
        }
        if more {
            let empty = MappedGroup { record: GroupRecord::default(), members: Vec::new() };
            self.open = Some(std::mem::replace(group, empty));
        }
        Ok(!more)
    }
}

/// A cursor of a connector; none when it is empty.
pub(super) fn cursor(bytes: Vec<u8>) -> Result<Option<Cursor>, String> {
    if bytes.len() > CURSOR_BYTES_MAX {
        return Err(format!("a cursor is longer than {CURSOR_BYTES_MAX} bytes"));
    }
    Ok((!bytes.is_empty()).then_some(Cursor(bytes)))
}

fn parse_person(person: pb::ObservedPerson) -> Result<Observed, String> {
    let mut record = Record {
        entry_id: entry_id(person.entry_id)?,
        distinguished_name: dn(person.distinguished_name)?,
        primary_group: value(&person.primary_group)?,
        ..Record::default()
    };
    for (field, text) in person.fields {
        let place = record.field_mut(&field).ok_or_else(|| format!("there is no field {:?}", words(&field)))?;
        *place = value(&text)?;
    }
    if record.display_name.is_empty() {
        return Err("a person has no name".to_owned());
    }
    let manager = Some(person.manager).filter(|manager| !manager.is_empty()).map(dn).transpose()?;
    let changed_at = moment(person.changed_at.as_ref())?;
    Ok(Observed::Person(MappedPerson { record, manager, enabled: person.enabled, changed_at }))
}

pub(super) fn entry_id(id: String) -> Result<String, String> {
    let good = !id.is_empty() && id.len() <= ENTRY_ID_BYTES_MAX && clean(&id) == id;
    if good { Ok(id) } else { Err(format!("an immutable id must be 1 to {ENTRY_ID_BYTES_MAX} bytes of clean text")) }
}

pub(super) fn dn(dn: String) -> Result<String, String> {
    if dn.len() <= DN_BYTES_MAX { Ok(dn) } else { Err(format!("a name is longer than {DN_BYTES_MAX} bytes")) }
}

fn value(text: &str) -> Result<String, String> {
    let text = clean(text);
    let fits = text.chars().count() <= VALUE_CHARS_MAX;
    if fits { Ok(text) } else { Err(format!("a value is longer than {VALUE_CHARS_MAX} characters")) }
}

fn moment(at: Option<&pbjson_types::Timestamp>) -> Result<Option<DateTime<Utc>>, String> {
    at.map(|at| from_proto(at).ok_or_else(|| "a time is out of range".to_owned())).transpose()
}

/// What an origin tells, as messages. A large directory group takes several; an entry that no message has room for is
/// reported as one that cannot be used, so whoever it is stays as they are.
pub(super) fn render(change: Change) -> Vec<pb::ConnectorObservation> {
    let one = |observed| vec![pb::ConnectorObservation { observed: Some(observed) }];
    match change {
        Change::InStep(Cursor(cursor)) => one(Wire::InStep(pb::ObservedInStep { cursor })),
        Change::ReadAgain { because } => one(Wire::ReadAgain(pb::ObservedReadAgain { because })),
        Change::Observed(Observed::Person(person)) => one(render_person(person)),
        Change::Observed(Observed::Group(group)) => render_group(group),
        Change::Observed(Observed::Unusable { listing, dn, entry_id, because }) => {
            one(render_unusable(listing, &dn, entry_id.unwrap_or_default(), &because))
        }
        Change::Observed(Observed::Note { dn, because }) => {
            one(Wire::Note(pb::ObservedNote { distinguished_name: short(&dn), because: words(&because) }))
        }
        Change::Observed(Observed::Roll(roll)) => render_roll(roll),
        Change::Observed(Observed::Gone { entry_id, changed_at }) => {
            one(Wire::Gone(pb::ObservedGone { entry_id, changed_at: changed_at.map(to_proto) }))
        }
    }
}

fn render_unusable(listing: Listing, dn: &str, entry_id: String, because: &str) -> Wire {
    Wire::Unusable(pb::ObservedUnusable {
        group: listing == Listing::Groups,
        distinguished_name: short(dn),
        entry_id: if entry_id.len() > ENTRY_ID_BYTES_MAX { String::new() } else { entry_id },
        because: words(because),
    })
}

pub(super) fn short(dn: &str) -> String {
    if dn.len() <= DN_BYTES_MAX { dn.to_owned() } else { dn.chars().take(WORDS_CHARS_MAX).collect() }
}

fn render_person(person: MappedPerson) -> Wire {
    let MappedPerson { record, manager, enabled, changed_at } = person;
    let manager = manager.unwrap_or_default();
    if record.distinguished_name.len().max(manager.len()) > DN_BYTES_MAX || record.entry_id.len() > ENTRY_ID_BYTES_MAX {
        return render_unusable(
            Listing::People,
            &record.distinguished_name,
            record.entry_id,
            "its name or id is too long",
        );
    }
    let filled = record.fields().into_iter().filter(|(_, value)| !value.is_empty());
    let fields: HashMap<_, _> = filled.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Wire::Person(pb::ObservedPerson {
        fields,
        manager,
        enabled,
        changed_at: changed_at.map(to_proto),
        entry_id: record.entry_id,
        distinguished_name: record.distinguished_name,
        primary_group: record.primary_group,
    })
}

fn render_group(group: MappedGroup) -> Vec<pb::ConnectorObservation> {
    let MappedGroup { record, members } = group;
    let too_long = record.distinguished_name.len() > DN_BYTES_MAX
        || record.entry_id.len() > ENTRY_ID_BYTES_MAX
        || record.name.chars().count() > VALUE_CHARS_MAX
        || members.iter().any(|member| member.len() > DN_BYTES_MAX);
    if too_long || members.len() > MEMBERS_MAX {
        let because = "its names or its members are more than a connector can send";
        let observed = render_unusable(Listing::Groups, &record.distinguished_name, record.entry_id, because);
        return vec![pb::ConnectorObservation { observed: Some(observed) }];
    }
    let mut parts: Vec<Vec<String>> = vec![Vec::new()];
    let mut bytes = 0;
    for member in members {
        if bytes + member.len() > MEMBERS_BYTES {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += member.len();
        if let Some(part) = parts.last_mut() {
            part.push(member);
        }
    }
    let count = parts.len();
    let GroupRecord { entry_id, distinguished_name, name, sid } = record;
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_default();
    let group = pb::ObservedGroup { entry_id, distinguished_name, name, members: first, more: count > 1, sid };
    let further =
        parts.zip(2..).map(|(members, place)| Wire::Members(pb::ObservedMembers { members, more: place < count }));
    [Wire::Group(group)]
        .into_iter()
        .chain(further)
        .map(|observed| pb::ConnectorObservation { observed: Some(observed) })
        .collect()
}

fn render_roll(roll: Vec<Listed>) -> Vec<pb::ConnectorObservation> {
    let entry = |listed: Listed| pb::ListedEntry { entry_id: listed.entry_id, distinguished_name: listed.dn };
    let mut parts = vec![pb::ObservedRoll::default()];
    let mut bytes = 0;
    for entry in roll.into_iter().map(entry) {
        if bytes + entry.encoded_len() > MEMBERS_BYTES {
            parts.push(pb::ObservedRoll::default());
            bytes = 0;
        }
        bytes += entry.encoded_len();
        if let Some(part) = parts.last_mut() {
            part.entries.push(entry);
        }
    }
    let last = parts.len();
    let numbered = parts.into_iter().zip(1..);
    numbered
        .map(|(part, place)| pb::ObservedRoll { more: place < last, ..part })
        .map(|part| pb::ConnectorObservation { observed: Some(Wire::Roll(part)) })
        .collect()
}

/// How many bytes an observation takes in a message.
pub(super) fn size(observation: &pb::ConnectorObservation) -> usize {
    observation.encoded_len()
}

#[cfg(test)]
mod tests;
