//! From what the LDAP client hands over to our entries and outcomes. The client's own parsers panic on what they do not
//! expect, so none of them is used.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use ldap3::asn1::{PL, StructureTag};
use ldap3::controls::Control;
use ldap3::{LdapError, LdapResult};

use super::super::ber::{self, Elements, INTEGER, OCTET_STRING, SEQUENCE};
use super::super::frame::Outcome;
use super::super::{Entry, ServerKind};

const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
const COOKIE_BYTES_MAX: usize = 64 * 1024;

pub(super) fn outcome(result: &LdapResult) -> Outcome {
    Outcome { code: result.rc, text: result.text.clone() }
}

pub(super) fn io_error(error: LdapError) -> Option<std::io::Error> {
    if let LdapError::Io { source } = error { Some(source) } else { None }
}

/// The value of the control with this number, if it came with one.
pub(super) fn control_value<'a>(controls: &'a [Control], oid: &str) -> Option<&'a [u8]> {
    controls.iter().find(|control| control.1.ctype == oid)?.1.val.as_deref()
}

/// The cookie of the next page, empty at the end; `None` when the server says nothing of pages. Read here because the
/// client's own parser panics on what it does not expect and recurses without a limit.
pub(super) fn next_cookie(result: &LdapResult) -> Option<Vec<u8>> {
    let value = control_value(&result.ctrls, PAGED_RESULTS)?;
    ber::check_form(value).ok()?;
    let mut parts = Elements::new(Elements::new(value).expect(SEQUENCE, "page").ok()?);
    parts.expect(INTEGER, "page size").ok()?;
    let cookie = parts.expect(OCTET_STRING, "cookie").ok()?;
    (cookie.len() <= COOKIE_BYTES_MAX).then(|| cookie.to_vec())
}

/// Takes the entry over as it came, but for attributes nobody asked for: some servers send passwords unasked. The
/// guard has checked the form, so what does not fit here cannot happen and reads as absent.
pub(super) fn entry(found: StructureTag, wanted: &BTreeSet<String>) -> Entry {
    let mut parts = constructed(found).into_iter();
    let name = parts.next().map(primitive).unwrap_or_default();
    let mut attributes: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for attribute in parts.next().map(constructed).unwrap_or_default() {
        let mut parts = constructed(attribute).into_iter();
        let name = String::from_utf8_lossy(&parts.next().map(primitive).unwrap_or_default()).to_lowercase();
        let name = name.strip_suffix(";range=0-*").unwrap_or(&name);
        if wants(wanted, name) {
            let values = parts.next().map(constructed).unwrap_or_default().into_iter().map(primitive);
            attributes.entry(name.to_owned()).or_default().extend(values);
        }
    }
    // A name that is not UTF-8 breaks the standard, but one such entry must not stop the others; it resolves nothing.
    Entry { dn: String::from_utf8_lossy(&name).into_owned(), attributes }
}

/// Whether an attribute, named in lower case and perhaps with options, is one of these.
pub(super) fn wants(wanted: &BTreeSet<String>, attribute: &str) -> bool {
    wanted.contains(attribute) || wanted.contains(attribute.split(';').next().unwrap_or_default())
}

pub(super) fn constructed(tag: StructureTag) -> Vec<StructureTag> {
    match tag.payload {
        PL::C(parts) => parts,
        PL::P(_) => Vec::new(),
    }
}

pub(super) fn primitive(tag: StructureTag) -> Vec<u8> {
    match tag.payload {
        PL::P(bytes) => bytes,
        PL::C(_) => Vec::new(),
    }
}

pub(super) fn texts(entry: &Entry, attribute: &str) -> Vec<String> {
    entry.values(attribute).iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

/// A time as servers write it, such as `20261123020453.0Z` or `20261123020453Z` (RFC 4517 section 3.3.13).
pub(super) fn time(entry: &Entry, attribute: &str) -> Option<DateTime<Utc>> {
    let text = texts(entry, attribute).pop()?;
    let time = NaiveDateTime::parse_from_str(text.strip_suffix('Z')?, "%Y%m%d%H%M%S%.f").ok()?;
    Some(time.and_utc())
}

pub(super) fn server_kind(root: &Entry) -> ServerKind {
    let vendor = texts(root, "vendorname").join(" ").to_lowercase();
    let version = texts(root, "vendorversion").join(" ").to_lowercase();
    if vendor.contains("samba") {
        ServerKind::Samba
    } else if texts(root, "supportedcapabilities").iter().any(|oid| oid == "1.2.840.113556.1.4.800") {
        ServerKind::ActiveDirectory
    } else if version.contains("389-directory") {
        ServerKind::Ds389
    } else if texts(root, "objectclass").iter().any(|class| class.eq_ignore_ascii_case("OpenLDAProotDSE")) {
        ServerKind::OpenLdap
    } else {
        ServerKind::Other
    }
}
