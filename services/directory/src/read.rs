//! Reads a whole directory: one pass over people, one over groups, joined in memory. Never a question per person.

use freehold_schema::field::directory::{
    DIRECTORY_GROUP_ENTRY, DIRECTORY_GROUP_RECORD_DIGEST, PERSON_ENTRY, PERSON_RECORD_DIGEST,
};
use freehold_types::Fault;
use freehold_vault::{Field, TenantKeys};
use prost::Message as _;

use crate::directory::Directory;
use crate::mapping::{MappedPerson, Mapping, Unusable};
use crate::progress::Progress;
use crate::reading::{Key, Reading, SeenGroup, SeenPerson, Skips, normalise};
use crate::source::{Entry, Read};

/// How often progress is told, in entries.
const PROGRESS_ENTRIES: u64 = 500;

/// Reads everything, or fails: what was not read to its end is no list of who is there.
pub(crate) async fn directory(directory: &Directory, keys: &TenantKeys, progress: &Progress) -> Result<Reading, Fault> {
    let mapping = directory.settings.mapping()?;
    let source = directory.settings.open()?;
    let mut reading = Reading::default();

    let mut people = source.people().await?;
    let proof = loop {
        match people.next().await? {
            Read::Entry(entry) => take_person(&mut reading, &mapping, keys, &entry),
            Read::Complete(proof) => break proof,
        }
        if reading.people_read_count.is_multiple_of(PROGRESS_ENTRIES) {
            progress.tell("reading people", reading.people_read_count, 0);
        }
    };
    progress.tell("reading people", reading.people_read_count, reading.people_read_count);
    report_references(&mut reading.skips, directory, proof.references());

    let mut groups = source.groups().await?;
    let proof = loop {
        match groups.next().await? {
            Read::Entry(entry) => take_group(&mut reading, &mapping, keys, &entry),
            Read::Complete(proof) => break proof,
        }
    };
    progress.tell("reading groups", reading.groups_read_count, reading.groups_read_count);
    report_references(&mut reading.skips, directory, proof.references());
    reading.settle_duplicates();
    Ok(reading)
}

fn report_references(skips: &mut Skips, directory: &Directory, references: u64) {
    if references > 0 {
        let because = format!("{references} references to other servers were not followed; what is there was not seen");
        skips.push(&directory.settings.base_dn, because);
    }
}

fn take_person(reading: &mut Reading, mapping: &Mapping, keys: &TenantKeys, entry: &Entry) {
    reading.people_read_count = reading.people_read_count.saturating_add(1);
    let skips = &mut reading.skips;
    match mapping.person(entry, |note| skips.push(&entry.dn, note)) {
        Ok(person) => {
            let entry_id = person.record.entry_id.clone();
            match seen_person(person, keys) {
                Some(seen) => reading.people.push(seen),
                None => skip(reading, keys, PERSON_ENTRY, entry, unreadable_name(entry_id)),
            }
        }
        Err(unusable) => skip(reading, keys, PERSON_ENTRY, entry, unusable),
    }
}

fn seen_person(person: MappedPerson, keys: &TenantKeys) -> Option<SeenPerson> {
    Some(SeenPerson {
        key: keys.index(PERSON_ENTRY, person.record.entry_id.as_bytes()),
        digest: keys.index(PERSON_RECORD_DIGEST, &person.record.encode_to_vec()),
        dn: normalise(&person.record.distinguished_name)?,
        // A manager whose name cannot be read is one that is not found; the comparison reports it.
        manager_dn: person.manager.map(|dn| normalise(&dn).unwrap_or(dn)),
        enabled: person.enabled,
        record: person.record,
    })
}

fn take_group(reading: &mut Reading, mapping: &Mapping, keys: &TenantKeys, entry: &Entry) {
    reading.groups_read_count = reading.groups_read_count.saturating_add(1);
    let skips = &mut reading.skips;
    match mapping.group(entry, |note| skips.push(&entry.dn, note)) {
        Ok(group) => {
            let Some(dn) = normalise(&group.record.distinguished_name) else {
                return skip(reading, keys, DIRECTORY_GROUP_ENTRY, entry, unreadable_name(group.record.entry_id));
            };
            reading.groups.push(SeenGroup {
                key: keys.index(DIRECTORY_GROUP_ENTRY, group.record.entry_id.as_bytes()),
                digest: keys.index(DIRECTORY_GROUP_RECORD_DIGEST, &group.record.encode_to_vec()),
                dn,
                member_dns: group.members.into_iter().map(|dn| normalise(&dn).unwrap_or(dn)).collect(),
                record: group.record,
            });
        }
        Err(unusable) => skip(reading, keys, DIRECTORY_GROUP_ENTRY, entry, unusable),
    }
}

fn unreadable_name(entry_id: String) -> Unusable {
    Unusable { entry_id: Some(entry_id), because: "its distinguished name cannot be read (RFC 4514)".to_owned() }
}

/// Reports an entry that cannot be used. Whoever it is stays as they are.
fn skip(reading: &mut Reading, keys: &TenantKeys, field: Field, entry: &Entry, unusable: Unusable) {
    if let Some(entry_id) = unusable.entry_id {
        let key: Key = keys.index(field, entry_id.as_bytes());
        reading.kept.insert(key);
    }
    reading.skips.push(&entry.dn, unusable.because);
}
