//! The controls of Active Directory on the wire. The LDAP client's own parsers of them are not used: they panic on what
//! they do not expect.

use ldap3::controls::RawControl;

use super::super::super::ber::{self, Elements, INTEGER, OCTET_STRING, SEQUENCE};
use super::DIRSYNC;

const NOTIFICATION: &str = "1.2.840.113556.1.4.528";
const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";
/// What the account may see counts, not a right to replicate.
const OBJECT_SECURITY: u8 = 1;
const COOKIE_BYTES_MAX: usize = 64 * 1024;

/// What a server says at the end of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Round {
    /// Whether there is more to fetch right now.
    pub more: bool,
    /// Where the next round goes on.
    pub cookie: Vec<u8>,
}

/// Asks for what changed since the cookie; all there is without one.
pub(super) fn changes_since(cookie: &[u8]) -> RawControl {
    // Flags, then how many bytes of attributes at most: as many as the server likes.
    let mut value = vec![INTEGER, 1, OBJECT_SECURITY, INTEGER, 1, 0];
    push(&mut value, OCTET_STRING, cookie);
    let mut sequence = Vec::new();
    push(&mut sequence, SEQUENCE, &value);
    RawControl { ctype: DIRSYNC.to_owned(), crit: true, val: Some(sequence) }
}

/// Keeps a search open that names every entry when it changes.
pub(super) fn notification() -> RawControl {
    RawControl { ctype: NOTIFICATION.to_owned(), crit: true, val: None }
}

/// Shows what was deleted too.
pub(super) fn show_deleted() -> RawControl {
    RawControl { ctype: SHOW_DELETED.to_owned(), crit: true, val: None }
}

/// Reads the end of a round; nothing when it is none.
pub(super) fn round(value: &[u8]) -> Option<Round> {
    ber::check_form(value).ok()?;
    let mut parts = Elements::new(Elements::new(value).expect(SEQUENCE, "round").ok()?);
    let more = parts.expect(INTEGER, "more").ok()?.iter().any(|byte| *byte != 0);
    parts.expect(INTEGER, "bytes").ok()?;
    let cookie = parts.expect(OCTET_STRING, "cookie").ok()?;
    (parts.ended() && !cookie.is_empty() && cookie.len() <= COOKIE_BYTES_MAX)
        .then(|| Round { more, cookie: cookie.to_vec() })
}

fn push(into: &mut Vec<u8>, tag: u8, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes();
    into.extend([tag, 0x84]);
    into.extend(length);
    into.extend(content);
}
