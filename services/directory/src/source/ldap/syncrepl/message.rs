//! The pieces of RFC 4533 on the wire: the request, and what a server says of the state of its entries.

use ldap3::asn1::{PL, StructureTag};
use ldap3::controls::RawControl;
use uuid::Uuid;

use super::super::super::ber::{self, BOOLEAN, ENUMERATED, Elements, OCTET_STRING, SEQUENCE, SET};
use super::SYNC_REQUEST;

pub(super) const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
pub(super) const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
const SYNC_INFO: &str = "1.3.6.1.4.1.4203.1.9.1.4";
const REFRESH_ONLY: u8 = 1;
const REFRESH_AND_PERSIST: u8 = 3;
const COOKIE_BYTES_MAX: usize = 16 * 1024;
const UUID_BYTES: u8 = 16;

const NEW_COOKIE: u8 = 0x80;
const REFRESH_DELETE: u8 = 0xa1;
const REFRESH_PRESENT: u8 = 0xa2;
const ID_SET: u8 = 0xa3;

/// Section 2.2, with a cookie: what changed since, then what changes.
pub(super) fn request(cookie: &[u8]) -> RawControl {
    control(REFRESH_AND_PERSIST, cookie)
}

/// The same, without waiting for what changes.
pub(super) fn request_once(cookie: &[u8]) -> RawControl {
    control(REFRESH_ONLY, cookie)
}

fn control(mode: u8, cookie: &[u8]) -> RawControl {
    let mut value = vec![ENUMERATED, 1, mode];
    push(&mut value, OCTET_STRING, cookie);
    let mut sequence = Vec::with_capacity(value.len().saturating_add(6));
    push(&mut sequence, SEQUENCE, &value);
    RawControl { ctype: SYNC_REQUEST.to_owned(), crit: true, val: Some(sequence) }
}

fn push(into: &mut Vec<u8>, tag: u8, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    into.extend([tag, 0x84]);
    into.extend(length);
    into.extend(content);
}

/// Section 2.3: what is the matter with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Present,
    Changed,
    Deleted,
}

/// State, id, and the cookie that goes with it.
pub(super) fn state(value: &[u8]) -> Option<(State, Uuid, Option<Vec<u8>>)> {
    ber::check_form(value).ok()?;
    let mut parts = Elements::new(Elements::new(value).expect(SEQUENCE, "state").ok()?);
    let state = match ber::number(parts.expect(ENUMERATED, "state").ok()?, "state").ok()? {
        0 => State::Present,
        1 | 2 => State::Changed,
        3 => State::Deleted,
        _ => return None,
    };
    let id = Uuid::from_slice(parts.expect(OCTET_STRING, "id").ok()?).ok()?;
    let cookie = match parts.take().ok()? {
        None => None,
        Some((OCTET_STRING, cookie)) => Some(bounded(cookie)?),
        Some(_) => return None,
    };
    Some((state, id, cookie))
}

/// Section 2.5: what is said beside the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Info {
    Cookie(Vec<u8>),
    /// The end of a phase in which what was deleted was named.
    Deleted {
        cookie: Option<Vec<u8>>,
        refreshed: bool,
    },
    /// The end of a phase in which what is still there was named.
    Present {
        cookie: Option<Vec<u8>>,
        refreshed: bool,
    },
    Ids {
        cookie: Option<Vec<u8>>,
        deleted: bool,
        ids: Vec<Uuid>,
    },
}

/// Reads an intermediate response; nothing when it is none of these.
pub(super) fn info(tag: StructureTag) -> Option<Info> {
    let PL::C(parts) = tag.payload else { return None };
    let part = |id: u64| {
        let found = parts.iter().find(|part| part.id == id)?;
        if let PL::P(bytes) = &found.payload { Some(bytes.as_slice()) } else { None }
    };
    if part(0)? != SYNC_INFO.as_bytes() {
        return None;
    }
    let value = part(1)?;
    ber::check_form(value).ok()?;
    let (tag, content) = Elements::new(value).take().ok()??;
    if tag == NEW_COOKIE {
        return Some(Info::Cookie(bounded(content)?));
    }
    let mut parts = Elements::new(content);
    let mut next = parts.take().ok()?;
    let mut cookie = None;
    if let Some((OCTET_STRING, bytes)) = next {
        cookie = Some(bounded(bytes)?);
        next = parts.take().ok()?;
    }
    let mut flag = None;
    if let Some((BOOLEAN, [byte])) = next {
        flag = Some(*byte != 0);
        next = parts.take().ok()?;
    }
    match (tag, next) {
        (REFRESH_DELETE, None) => Some(Info::Deleted { cookie, refreshed: flag.unwrap_or(true) }),
        (REFRESH_PRESENT, None) => Some(Info::Present { cookie, refreshed: flag.unwrap_or(true) }),
        (ID_SET, Some((SET, set))) => Some(Info::Ids { cookie, deleted: flag.unwrap_or(false), ids: ids(set)? }),
        _ => None,
    }
}

fn ids(set: &[u8]) -> Option<Vec<Uuid>> {
    let mut elements = Elements::new(set);
    let mut ids = Vec::with_capacity(set.len() / usize::from(UUID_BYTES));
    while !elements.ended() {
        ids.push(Uuid::from_slice(elements.expect(OCTET_STRING, "id").ok()?).ok()?);
    }
    Some(ids)
}

fn bounded(cookie: &[u8]) -> Option<Vec<u8>> {
    (cookie.len() <= COOKIE_BYTES_MAX).then(|| cookie.to_vec())
}
