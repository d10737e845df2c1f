//! Security identifiers, by which Active Directory says what somebody's primary group is.

use crate::source::Entry;

/// Names whoever has it.
pub(super) const OBJECT_SID: &str = "objectsid";
/// The last part of the primary group's identifier; the parts before are those of the person's own.
pub(super) const PRIMARY_GROUP_ID: &str = "primarygroupid";

/// The layout's only version.
const REVISION: u8 = 1;
/// Parts after the authority.
const PARTS_MAX: usize = 15;

/// The identifier of an entry as it is written, such as `S-1-5-21-1-2-3-513` (MS-DTYP 2.4.2.1).
pub(super) fn own(entry: &Entry) -> Option<String> {
    let (authority, parts) = read(entry)?;
    Some(write(authority, &parts))
}

/// The identifier of somebody's primary group: another one of the same domain.
pub(super) fn primary_group(entry: &Entry) -> Option<String> {
    let id = entry.values(PRIMARY_GROUP_ID).first()?;
    let id: u32 = std::str::from_utf8(id).ok()?.parse().ok()?;
    let (authority, mut parts) = read(entry)?;
    *parts.last_mut()? = id;
    Some(write(authority, &parts))
}

/// The authority and the parts after it (MS-DTYP 2.4.2.2).
fn read(entry: &Entry) -> Option<(u64, Vec<u32>)> {
    let (&[revision, count], rest) = entry.values(OBJECT_SID).first()?.split_first_chunk()?;
    let (authority, rest) = rest.split_first_chunk::<6>()?;
    let (parts, over) = rest.as_chunks::<4>();
    let count = usize::from(count);
    let well_formed = revision == REVISION && (1..=PARTS_MAX).contains(&count) && parts.len() == count;
    let authority = authority.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let parts = parts.iter().map(|part| u32::from_le_bytes(*part)).collect();
    (well_formed && over.is_empty()).then_some((authority, parts))
}

fn write(authority: u64, parts: &[u32]) -> String {
    let parts = parts.iter().map(|part| format!("-{part}")).collect::<String>();
    format!("S-{REVISION}-{authority}{parts}")
}
