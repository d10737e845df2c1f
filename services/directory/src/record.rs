//! What is known of a person and of a directory group, in the form in which it is sealed into one column.
//!
//! A tag is never used twice; an old row must open for ever.

use std::collections::BTreeMap;

/// A person as the mapping read it.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Record {
    /// The directory's immutable id, as it is written there.
    #[prost(string, tag = "1")]
    pub entry_id: String,
    #[prost(string, tag = "2")]
    pub distinguished_name: String,
    /// Never empty.
    #[prost(string, tag = "3")]
    pub display_name: String,
    #[prost(string, tag = "4")]
    pub given_name: String,
    #[prost(string, tag = "5")]
    pub family_name: String,
    #[prost(string, tag = "6")]
    pub user_name: String,
    #[prost(string, tag = "7")]
    pub email: String,
    #[prost(string, tag = "8")]
    pub employee_number: String,
    #[prost(string, tag = "9")]
    pub title: String,
    #[prost(string, tag = "10")]
    pub department: String,
    #[prost(string, tag = "11")]
    pub site: String,
    #[prost(string, tag = "12")]
    pub phone: String,
    /// Security identifier of the primary group; empty when memberships of it are not read.
    #[prost(string, tag = "13")]
    pub primary_group: String,
}

impl Record {
    /// The fields that a mapping fills, by the names people write in a manifest.
    pub(crate) fn fields(&self) -> BTreeMap<&'static str, &str> {
        BTreeMap::from([
            ("display_name", self.display_name.as_str()),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("user_name", &self.user_name),
            ("email", &self.email),
            ("employee_number", &self.employee_number),
            ("title", &self.title),
            ("department", &self.department),
            ("site", &self.site),
            ("phone", &self.phone),
        ])
    }

    /// The field of that name, to be filled.
    pub(crate) fn field_mut(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "display_name" => &mut self.display_name,
            "given_name" => &mut self.given_name,
            "family_name" => &mut self.family_name,
            "user_name" => &mut self.user_name,
            "email" => &mut self.email,
            "employee_number" => &mut self.employee_number,
            "title" => &mut self.title,
            "department" => &mut self.department,
            "site" => &mut self.site,
            "phone" => &mut self.phone,
            _ => return None,
        })
    }

    /// Names of the fields in which two records differ, the distinguished name included.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let (ours, theirs) = (self.fields(), other.fields());
        let mut names: Vec<_> = ours
            .iter()
            .filter(|(name, value)| theirs.get(*name) != Some(value))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        if self.distinguished_name != other.distinguished_name {
            names.push("distinguished_name".to_owned());
        }
        if self.primary_group != other.primary_group {
            names.push("primary_group".to_owned());
        }
        names.sort();
        names
    }
}

/// A directory group as it was read.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct GroupRecord {
    /// The directory's immutable id, as it is written there.
    #[prost(string, tag = "1")]
    pub entry_id: String,
    #[prost(string, tag = "2")]
    pub distinguished_name: String,
    #[prost(string, tag = "3")]
    pub name: String,
    /// Security identifier; empty when memberships of primary groups are not read.
    #[prost(string, tag = "4")]
    pub sid: String,
}
