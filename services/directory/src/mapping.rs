//! From a directory's entry to our record. Attribute names per kind of directory, overridable by the manifest; every
//! value is untrusted text.

mod sid;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::record::{GroupRecord, Record};
use crate::settings::PHOTO;
use crate::source::table::EXTRA_FIELDS;
use crate::source::{AnchorForm, Entry, SourceKind};

/// The longest value that is taken, in characters.
pub(crate) const VALUE_CHARS_MAX: usize = 1_000;
/// Bit of `userAccountControl` that says an account is disabled (MS-ADTS 2.2.16).
const ACCOUNT_DISABLED: i64 = 2;
/// `pwdAccountLockedTime` of an account that an administrator locked for good (draft-behera-ldap-password-policy 5.3.3).
const LOCKED_BY_HAND: &str = "000001010000Z";
/// Attributes that say whether somebody may come in, by kind of directory.
const WINDOWS_CONTROL: [&str; 1] = ["useraccountcontrol"];
const LDAP_CONTROL: [&str; 2] = ["nsaccountlock", "pwdaccountlockedtime"];

/// Which attributes fill which fields of a record.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    anchor: &'static str,
    anchor_form: AnchorForm,
    primary_groups: bool,
    /// Our field to the attributes that may fill it, the first that has a value wins. Lower case.
    fields: BTreeMap<&'static str, Vec<String>>,
}

/// A person's entry after mapping. Distinguished names are as the directory wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MappedPerson {
    pub record: Record,
    pub manager: Option<String>,
    pub enabled: bool,
    /// When the directory last changed the entry, if it says so.
    pub changed_at: Option<DateTime<Utc>>,
}

/// A group's entry after mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MappedGroup {
    pub record: GroupRecord,
    pub members: Vec<String>,
}

/// An entry that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable {
    /// Its immutable id, when at least that could be read: whoever it is stays as they are.
    pub entry_id: Option<String>,
    pub because: String,
}

/// Why a field override cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no field {0}; fields are {fields}", fields = FIELDS.join(", "))]
pub(crate) struct UnknownField(String);

/// Fields an override may name.
const FIELDS: [&str; 11] = [
    "display_name",
    "given_name",
    "family_name",
    "user_name",
    "email",
    "employee_number",
    "title",
    "department",
    "site",
    "phone",
    "manager",
];

impl Mapping {
    /// The mapping of a kind of directory with the manifest's overrides.
    pub(crate) fn new(kind: SourceKind, overrides: &BTreeMap<String, String>) -> Result<Self, UnknownField> {
        if kind.table() {
            return Self::of_table(overrides);
        }
        let active_directory = kind == SourceKind::ActiveDirectory;
        let defaults: [(&'static str, &[&str]); 11] = if active_directory {
            [
                ("display_name", &["displayname", "cn", "name"]),
                ("given_name", &["givenname"]),
                ("family_name", &["sn"]),
                ("user_name", &["samaccountname"]),
                ("email", &["mail"]),
                ("employee_number", &["employeeid", "employeenumber"]),
                ("title", &["title"]),
                ("department", &["department"]),
                ("site", &["physicaldeliveryofficename", "l"]),
                ("phone", &["telephonenumber", "mobile"]),
                ("manager", &["manager"]),
            ]
        } else {
            [
                ("display_name", &["displayname", "cn"]),
                ("given_name", &["givenname"]),
                ("family_name", &["sn"]),
                ("user_name", &["uid"]),
                ("email", &["mail"]),
                ("employee_number", &["employeenumber"]),
                ("title", &["title"]),
                ("department", &["departmentnumber", "ou"]),
                ("site", &["l", "physicaldeliveryofficename"]),
                ("phone", &["telephonenumber", "mobile"]),
                ("manager", &["manager"]),
            ]
        };
        let mut fields: BTreeMap<&'static str, Vec<String>> = defaults
            .into_iter()
            .map(|(field, names)| (field, names.iter().map(|name| (*name).to_owned()).collect()))
            .collect();
        for (field, attribute) in overrides.iter().filter(|(field, _)| *field != PHOTO) {
            let names = fields.get_mut(field.as_str()).ok_or_else(|| UnknownField(field.clone()))?;
            *names = vec![attribute.to_lowercase()];
        }
        let (anchor, anchor_form) =
            if active_directory { ("objectguid", AnchorForm::Guid) } else { ("entryuuid", AnchorForm::Text) };
        Ok(Self { anchor, anchor_form, primary_groups: false, fields })
    }

    /// Whether people are members of their primary group as well.
    pub(crate) fn with_primary_groups(self, primary_groups: bool) -> Self {
        Self { primary_groups, ..self }
    }

    /// A table has its columns told apart where it is read: an entry of it has our names already.
    fn of_table(overrides: &BTreeMap<String, String>) -> Result<Self, UnknownField> {
        let known = |field: &&String| FIELDS.iter().chain(&EXTRA_FIELDS).any(|known| known == field);
        if let Some(unknown) = overrides.keys().find(|field| !known(field)) {
            return Err(UnknownField(unknown.clone()));
        }
        let fields = FIELDS.into_iter().map(|field| (field, vec![field.to_owned()])).collect();
        Ok(Self { anchor: "entry_id", anchor_form: AnchorForm::Text, primary_groups: false, fields })
    }

    /// Every attribute a reading of people has to ask for.
    pub(crate) fn attributes(&self) -> Vec<String> {
        let control: &[&str] = if self.anchor_form == AnchorForm::Guid { &WINDOWS_CONTROL } else { &LDAP_CONTROL };
        let mut names: Vec<String> = [self.anchor].iter().chain(control).map(|name| (*name).to_owned()).collect();
        if self.primary_groups {
            names.extend([sid::OBJECT_SID, sid::PRIMARY_GROUP_ID].map(str::to_owned));
        }
        names.extend(self.fields.values().flatten().cloned());
        names.sort();
        names.dedup();
        names
    }

    /// Reads a person. `note` is told of values that could not be used though the person can.
    pub(crate) fn person(&self, entry: &Entry, mut note: impl FnMut(String)) -> Result<MappedPerson, Unusable> {
        let entry_id = self.entry_id(entry).ok_or_else(|| self.no_anchor())?;
        // Every account of Active Directory says whether it is shut; what cannot be read does not open one.
        if self.anchor_form == AnchorForm::Guid && control(entry).is_none() {
            let because = "its userAccountControl cannot be read, so nobody could tell whether it is shut".to_owned();
            return Err(Unusable { entry_id: Some(entry_id), because });
        }
        let mut record =
            Record { entry_id: entry_id.clone(), distinguished_name: entry.dn.clone(), ..Record::default() };
        let mut manager = None;
        for (field, names) in &self.fields {
            let Some(value) = names.iter().find_map(|name| text(entry, name, field, &mut note)) else { continue };
            match record.field_mut(field) {
                Some(place) => *place = value,
                None => manager = Some(value),
            }
        }
        if record.display_name.is_empty() {
            let names = [&record.given_name, &record.family_name].map(String::as_str).join(" ");
            let candidates = [names.trim(), &record.user_name, &record.employee_number];
            let found = candidates.into_iter().find(|name| !name.is_empty()).map(str::to_owned);
            record.display_name = found.ok_or_else(|| Unusable {
                entry_id: Some(entry_id),
                because: "it has no name at all, no user name and no employee number".to_owned(),
            })?;
        }
        if self.primary_groups {
            record.primary_group = sid::primary_group(entry).unwrap_or_else(|| {
                note("its objectSid or primaryGroupID cannot be read; it is in no primary group".to_owned());
                String::new()
            });
        }
        Ok(MappedPerson { record, manager, enabled: enabled(entry), changed_at: None })
    }

    /// Reads a group.
    pub(crate) fn group(&self, entry: &Entry, mut note: impl FnMut(String)) -> Result<MappedGroup, Unusable> {
        let entry_id = self.entry_id(entry).ok_or_else(|| self.no_anchor())?;
        let name = text(entry, "cn", "name", &mut note).unwrap_or_else(|| entry.dn.clone());
        let listed = ["member", "uniquemember"].into_iter().filter_map(|name| entry.attributes.get(name)).flatten();
        let mut members = Vec::new();
        for value in listed {
            match std::str::from_utf8(value) {
                // groupOfNames must have a member, so an empty group lists the empty name (RFC 4519 section 3.5).
                Ok("") => {}
                Ok(dn) => members.push(dn.to_owned()),
                Err(_not_text) => note("a member's name is not UTF-8 text; it is left out".to_owned()),
            }
        }
        let sid = self.primary_groups.then(|| sid::own(entry)).flatten().unwrap_or_default();
        let record = GroupRecord { entry_id, distinguished_name: entry.dn.clone(), name, sid };
        Ok(MappedGroup { record, members })
    }

    fn entry_id(&self, entry: &Entry) -> Option<String> {
        self.anchor_form.entry_id(entry.attributes.get(self.anchor)?.first()?)
    }

    fn no_anchor(&self) -> Unusable {
        let name = if self.anchor_form == AnchorForm::Guid { "objectGUID" } else { "entryUUID" };
        Unusable {
            entry_id: None,
            because: format!("it has no usable {name}, so nobody could tell who it is next time"),
        }
    }
}

/// One value of an attribute as clean text: the first in order when there are several, so that the answer does not
/// depend on the server's mood.
fn text(entry: &Entry, attribute: &str, field: &str, note: &mut impl FnMut(String)) -> Option<String> {
    let values = entry.attributes.get(attribute)?;
    let mut texts = Vec::with_capacity(values.len());
    for value in values {
        match std::str::from_utf8(value) {
            Ok(text) => {
                let clean = clean(text);
                if clean.chars().count() > VALUE_CHARS_MAX {
                    note(format!("{attribute} is longer than {VALUE_CHARS_MAX} characters; {field} stays empty"));
                } else if !clean.is_empty() {
                    texts.push(clean);
                }
            }
            Err(_not_text) => note(format!("{attribute} is not UTF-8 text; the value is left out of {field}")),
        }
    }
    if texts.len() > 1 {
        note(format!("{attribute} has {} values; {field} takes the first in order", texts.len()));
    }
    texts.into_iter().min()
}

/// Without control characters and without marks that turn the direction of the text around it.
pub(crate) fn clean(text: &str) -> String {
    let unwanted = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !unwanted(*c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Whether its absence says nothing: most people are not locked.
pub(crate) fn seldom(attribute: &str) -> bool {
    LDAP_CONTROL.contains(&attribute)
}

fn enabled(entry: &Entry) -> bool {
    if entry.attributes.contains_key("deactivated") {
        return false;
    }
    let is =
        |name: &str, wanted: &str| entry.values(name).iter().any(|value| value.eq_ignore_ascii_case(wanted.as_bytes()));
    // A time there is a lock that passes, and anybody can bring it about with wrong passwords.
    let locked = is("nsaccountlock", "true") || is("pwdaccountlockedtime", LOCKED_BY_HAND);
    !locked && control(entry).is_none_or(|flags| flags & ACCOUNT_DISABLED == 0)
}

/// The flags of an account of Active Directory.
fn control(entry: &Entry) -> Option<i64> {
    std::str::from_utf8(entry.values("useraccountcontrol").first()?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
