//! Directory entries in words, and as LDIF (RFC 2849).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The suffix of every test directory.
pub const BASE: &str = "dc=acme,dc=test";

/// One entry: a DN and its attribute values in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    dn: String,
    attributes: Vec<(String, Vec<u8>)>,
}

impl Entry {
    /// An entry without attributes.
    #[must_use]
    pub fn new(dn: impl Into<String>) -> Self {
        Self { dn: dn.into(), attributes: Vec::new() }
    }

    /// `ou=NAME` below the folder of people.
    #[must_use]
    pub fn department(name: &str) -> Self {
        let dn = format!("ou={},ou=people,{BASE}", escape(name));
        Self::new(dn).with("objectClass", "organizationalUnit").with("ou", name)
    }

    /// An inetOrgPerson directly below the folder of people.
    #[must_use]
    pub fn person(uid: &str, given: &str, family: &str) -> Self {
        Self::person_at(&format!("uid={},ou=people,{BASE}", escape(uid)), uid, given, family)
    }

    /// An inetOrgPerson at any DN.
    #[must_use]
    pub fn person_at(dn: &str, uid: &str, given: &str, family: &str) -> Self {
        let name = format!("{given} {family}");
        Self::new(dn)
            .with("objectClass", "inetOrgPerson")
            .with("uid", uid)
            .with("cn", &name)
            .with("displayName", &name)
            .with("givenName", given)
            .with("sn", family)
    }

    /// A groupOfNames below the folder of groups. The schema wants at least one member.
    #[must_use]
    pub fn group<'a>(name: &str, members: impl IntoIterator<Item = &'a str>) -> Self {
        let dn = format!("cn={},ou=groups,{BASE}", escape(name));
        let group = Self::new(dn).with("objectClass", "groupOfNames").with("cn", name);
        members.into_iter().fold(group, |group, member| group.with("member", member))
    }

    /// With one more value.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: impl AsRef<[u8]>) -> Self {
        self.attributes.push((attribute.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With an entryUUID of the test's choice instead of one of the server's.
    #[must_use]
    pub fn with_uuid(self, uuid: &str) -> Self {
        self.with("entryUUID", uuid)
    }

    /// Its DN.
    #[must_use]
    pub fn dn(&self) -> &str {
        &self.dn
    }

    /// Its attribute values in order.
    #[must_use]
    pub fn attributes(&self) -> &[(String, Vec<u8>)] {
        &self.attributes
    }

    /// The first value of an attribute, as text.
    #[must_use]
    pub fn value(&self, attribute: &str) -> Option<String> {
        let (_, value) = self.attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute))?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// The record, ending with the empty line that separates it from the next.
    #[must_use]
    pub fn ldif(&self) -> String {
        let mut text = line("dn", self.dn.as_bytes());
        for (attribute, value) in &self.attributes {
            text.push_str(&line(attribute, value));
        }
        text.push('\n');
        text
    }
}

/// Several records, one after the other.
#[must_use]
pub fn ldif(entries: &[Entry]) -> String {
    entries.iter().map(Entry::ldif).collect()
}

/// One line; in base64 unless it is plain ASCII that cannot be mistaken.
#[must_use]
pub fn line(attribute: &str, value: &[u8]) -> String {
    let plain = value.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !value.first().is_some_and(|byte| matches!(byte, b' ' | b':' | b'<'))
        && value.last() != Some(&b' ');
    match std::str::from_utf8(value) {
        Ok(text) if plain => format!("{attribute}: {text}\n"),
        _ => format!("{attribute}:: {}\n", STANDARD.encode(value)),
    }
}

/// A value as it stands in a DN (RFC 4514).
#[must_use]
pub fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (place, sign) in value.chars().enumerate() {
        let special = matches!(sign, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=');
        if special || (place == 0 && matches!(sign, ' ' | '#')) || (place == last && sign == ' ') {
            text.push('\\');
        }
        text.push(sign);
    }
    text
}
