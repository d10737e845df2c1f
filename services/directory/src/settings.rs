//! What a manifest may say of one directory.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use freehold_types::{Fault, Secret, Violations};

use crate::guard::Limit;
use crate::mapping::Mapping;
use crate::reading::normalise;
use crate::source::error::SourceError;
use crate::source::table::Encoded;
use crate::source::{Source, SourceKind, SourceSettings};

/// How many servers one directory may have.
const URLS_MAX: usize = 8;
/// The longest name of a directory, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The longest bind password, in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;

/// Our name for the attribute of the photo.
pub(crate) const PHOTO: &str = "photo";
/// Number of the kind that an IdP fills.
const PROVISIONED: i32 = 7;

/// What is configured of a directory; sealed as a whole.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Settings {
    #[prost(string, tag = "1")]
    pub name: String,
    /// 1 Active Directory, 2 OpenLDAP, 3 LDAP, 4 LDIF, 5 CSV, 6 XLSX, 7 SCIM.
    #[prost(int32, tag = "2")]
    pub kind_number: i32,
    #[prost(string, repeated, tag = "3")]
    pub urls: Vec<String>,
    #[prost(bool, tag = "4")]
    pub start_tls: bool,
    #[prost(string, tag = "5")]
    pub ca_pem: String,
    #[prost(string, tag = "6")]
    pub bind_dn: String,
    #[prost(string, tag = "7")]
    pub bind_password: String,
    #[prost(string, tag = "8")]
    pub base_dn: String,
    #[prost(string, tag = "9")]
    pub people_filter: String,
    #[prost(string, tag = "10")]
    pub group_filter: String,
    #[prost(string, tag = "11")]
    pub max_deactivations: String,
    #[prost(btree_map = "string, string", tag = "12")]
    pub attributes: BTreeMap<String, String>,
    /// Whether to keep in step with it; nothing means yes.
    #[prost(bool, optional, tag = "13")]
    pub follow: Option<bool>,
    /// What makes a new entry the person of another directory.
    #[prost(string, tag = "14")]
    pub same_person: String,
    /// Whether a connector inside the company's network reads it.
    #[prost(bool, tag = "15")]
    pub connector: bool,
    /// Whether to read photos; nothing means yes.
    #[prost(bool, optional, tag = "16")]
    pub photos: Option<bool>,
    /// Whether people are members of their primary group.
    #[prost(bool, tag = "17")]
    pub primary_groups: bool,
    #[prost(string, tag = "18")]
    pub encoding: String,
    /// How many directories stand before it in the manifest: the first one that lists a person tells of them.
    #[prost(uint32, tag = "19")]
    pub place: u32,
}

/// By what a person of another directory is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SamePerson {
    EmployeeNumber,
    Email,
}

impl SamePerson {
    /// In the words of a sentence.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::EmployeeNumber => "employee number",
            Self::Email => "e-mail address",
        }
    }
}

impl Settings {
    /// How the directory speaks; nothing when the settings say no kind.
    pub(crate) const fn kind(&self) -> Option<SourceKind> {
        match self.kind_number {
            1 => Some(SourceKind::ActiveDirectory),
            2 => Some(SourceKind::OpenLdap),
            3 => Some(SourceKind::Ldap),
            4 => Some(SourceKind::Ldif),
            5 => Some(SourceKind::Csv),
            6 => Some(SourceKind::Xlsx),
            _ => None,
        }
    }

    /// Whether an IdP pushes its people here, so that there is no server to read.
    pub(crate) const fn provisioned(&self) -> bool {
        self.kind_number == PROVISIONED
    }

    /// The rule by which people of other directories are known again; none without one.
    pub(crate) fn same_person(&self) -> Option<SamePerson> {
        match self.same_person.as_str() {
            "employee_number" => Some(SamePerson::EmployeeNumber),
            "email" => Some(SamePerson::Email),
            _ => None,
        }
    }

    /// The brake.
    pub(crate) fn limit(&self) -> Limit {
        self.max_deactivations.parse().unwrap_or_default()
    }

    /// The mapping. The settings were checked before they were stored.
    pub(crate) fn mapping(&self) -> Result<Mapping, Fault> {
        Mapping::new(self.kind().unwrap_or(SourceKind::Ldap), &self.attributes)
            .map(|mapping| mapping.with_primary_groups(self.primary_groups))
            .map_err(|error| Fault::internal("reading the stored mapping", error))
    }

    /// Whether photos are read, by whomever.
    pub(crate) fn reads_photos(&self) -> bool {
        self.kind().is_some_and(|kind| !kind.table()) && self.photos.unwrap_or(true)
    }

    /// The attribute that has the photos, in lower case; nothing when none are read, and when only a connector knows.
    pub(crate) fn photo_attribute(&self) -> Option<String> {
        let kind = self.kind().filter(|_| self.reads_photos() && !self.connector)?;
        Some(self.attributes.get(PHOTO).map_or_else(|| kind.photo().to_owned(), |name| name.to_lowercase()))
    }

    /// Opens the way to the photos of everybody, or of those with these immutable ids.
    pub(crate) fn open_photos(
        &self,
        attribute: &str,
        entry_ids: Option<&BTreeSet<String>>,
    ) -> Result<Source, SourceError> {
        let kind = self.kind().unwrap_or(SourceKind::Ldap);
        let settings = self.source_settings(kind, vec![attribute.to_owned()]);
        let anchored = |id: &String| Some(format!("({}={})", kind.anchor(), kind.anchor_form().filter_value(id)?));
        let them: String = entry_ids.into_iter().flatten().filter_map(anchored).collect();
        if them.is_empty() || kind.file() {
            return Source::new(settings);
        }
        let everybody = self.people_filter.trim();
        let everybody = if everybody.is_empty() { kind.people_filter() } else { everybody };
        Source::new(SourceSettings { people_filter: format!("(&{everybody}(|{them}))"), ..settings })
    }

    /// Opens the way to the directory.
    pub(crate) fn open(&self) -> Result<Source, SourceError> {
        self.open_with(None)
    }

    /// Opens the way to the directory, with one more attribute of people.
    pub(crate) fn open_with(&self, attribute: Option<String>) -> Result<Source, SourceError> {
        let kind = self.kind().unwrap_or(SourceKind::Ldap);
        let mapping = Mapping::new(kind, &self.attributes)
            .map_err(|unknown| SourceError::Settings(unknown.to_string()))?
            .with_primary_groups(self.primary_groups);
        Source::new(self.source_settings(kind, mapping.attributes().into_iter().chain(attribute).collect()))
    }

    fn source_settings(&self, kind: SourceKind, attributes: Vec<String>) -> SourceSettings {
        SourceSettings {
            kind,
            urls: self.urls.clone(),
            start_tls: self.start_tls,
            ca_pem: self.ca_pem.clone(),
            bind_dn: self.bind_dn.clone(),
            bind_password: Secret::new(self.bind_password.clone()),
            base_dn: self.base_dn.clone(),
            people_filter: self.people_filter.clone(),
            group_filter: self.group_filter.clone(),
            attributes,
            watched: self.photo_attribute().into_iter().collect(),
            columns: if kind.table() { self.attributes.clone() } else { BTreeMap::new() },
            encoding: self.encoding.clone(),
        }
    }

    /// Notes every mistake under `path`.
    pub(crate) fn check(&self, path: &str, violations: &mut Violations) {
        let mut wrong = |field: &str, message: &str| violations.push(format!("{path}.{field}"), message);
        if !good_name(&self.name) {
            wrong("name", &format!("must be 1 to {NAME_CHARS_MAX} of a-z, 0-9 and hyphen"));
        }
        if self.limit_is_wrong() {
            wrong("max_deactivations", &crate::guard::ParseLimitError.to_string());
        }
        if !self.same_person.is_empty() && self.same_person().is_none() {
            wrong("same_person", "must be employee_number or email");
        }
        if self.bind_password.len() > PASSWORD_BYTES_MAX {
            wrong("bind_password", "must be at most 1,024 bytes");
        }
        if self.bind_password.contains('\0') {
            wrong("bind_password", "must not contain NUL: some servers would compare only what stands before it");
        }
        self.check_photos(path, violations);
        let mut wrong = |field: &str, message: &str| violations.push(format!("{path}.{field}"), message);
        if self.provisioned() {
            if self.connector {
                wrong("connector", "must not be set: an IdP pushes to a directory of kind scim");
            }
            return self.check_bare("an IdP pushes to a directory of kind scim", path, violations);
        }
        let kind = self.kind();
        if kind.is_none() {
            wrong("kind", "must be active-directory, openldap, ldap, ldif, csv, xlsx or scim");
        }
        if self.connector {
            return self.check_bare("the connector's own configuration says it", path, violations);
        }
        if let Err(unknown) = Mapping::new(kind.unwrap_or(SourceKind::Ldap), &self.attributes) {
            wrong("attributes", &unknown.to_string());
        }
        if self.primary_groups && kind != Some(SourceKind::ActiveDirectory) {
            wrong("primary_groups", "is for Active Directory only");
        }
        if !self.encoding.is_empty() && kind != Some(SourceKind::Csv) {
            wrong("encoding", "is for CSV files only");
        } else if Encoded::named(&self.encoding).is_none() {
            wrong("encoding", "must be utf-8 or windows-1252; UTF-16 is known by its first bytes");
        }
        if kind.is_some_and(SourceKind::file) {
            if self.urls.len() != 1 || !self.urls.first().is_some_and(|path| path.starts_with('/')) {
                wrong("url", "must be one absolute path of a file");
            }
            return;
        }
        if self.urls.is_empty() || self.urls.len() > URLS_MAX {
            wrong("url", &format!("needs 1 to {URLS_MAX} servers"));
        }
        for url in &self.urls {
            if let Err(problem) = check_url(url, self.start_tls) {
                wrong("url", &problem);
            }
        }
        for (field, value) in
            [("bind_dn", &self.bind_dn), ("bind_password", &self.bind_password), ("base_dn", &self.base_dn)]
        {
            if value.is_empty() {
                wrong(field, "is needed to read an LDAP directory");
            }
        }
        if !self.base_dn.is_empty() && normalise(&self.base_dn).is_none() {
            wrong("base_dn", "must be a distinguished name such as dc=acme,dc=example (RFC 4514)");
        }
    }

    fn check_photos(&self, path: &str, violations: &mut Violations) {
        let because = match self.kind() {
            Some(kind) if kind.table() => "a table has no photos",
            None if self.provisioned() => "an IdP pushes no photos",
            Some(_) | None => return,
        };
        if self.photos == Some(true) {
            violations.push(format!("{path}.photos"), format!("must not be true: {because}"));
        }
        if self.attributes.contains_key(PHOTO) {
            violations.push(format!("{path}.attributes.{PHOTO}"), format!("must not be set: {because}"));
        }
    }

    /// Somebody comes to us, so there is no server to name.
    fn check_bare(&self, because: &str, path: &str, violations: &mut Violations) {
        for (field, set) in [
            ("url", !self.urls.is_empty()),
            ("start_tls", self.start_tls),
            ("ca_pem", !self.ca_pem.is_empty()),
            ("bind_dn", !self.bind_dn.is_empty()),
            ("bind_password", !self.bind_password.is_empty()),
            ("base_dn", !self.base_dn.is_empty()),
            ("people_filter", !self.people_filter.is_empty()),
            ("group_filter", !self.group_filter.is_empty()),
            ("attributes", !self.attributes.is_empty()),
            ("primary_groups", self.primary_groups),
            ("encoding", !self.encoding.is_empty()),
        ] {
            if set {
                violations.push(format!("{path}.{field}"), format!("must not be set: {because}"));
            }
        }
    }

    fn limit_is_wrong(&self) -> bool {
        self.max_deactivations.parse::<Limit>().is_err()
    }
}

/// Whether `name` can be the name of a directory.
fn good_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(good)
}

fn check_url(url: &str, start_tls: bool) -> Result<(), String> {
    if url.strip_prefix("ldaps://").is_some_and(|host| !host.is_empty()) {
        return Ok(());
    }
    let Some(host) = url.strip_prefix("ldap://").filter(|host| !host.is_empty()) else {
        return Err(format!("{url:?} must begin with ldaps:// or ldap:// and name a host"));
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name).trim_matches(['[', ']']);
    let loopback = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if start_tls || loopback {
        Ok(())
    } else {
        Err(format!("{url:?} would send the bind password in clear text: use ldaps://, or set start_tls = true"))
    }
}

/// Names of the lines of a manifest in which two settings differ.
pub(crate) fn differences(old: &Settings, new: &Settings, retired: bool) -> String {
    let fields = [
        ("read again", retired),
        ("kind", old.kind_number != new.kind_number),
        ("url", old.urls != new.urls),
        ("start_tls", old.start_tls != new.start_tls),
        ("ca_file", old.ca_pem != new.ca_pem),
        ("bind_dn", old.bind_dn != new.bind_dn),
        ("bind_password", old.bind_password != new.bind_password),
        ("base_dn", old.base_dn != new.base_dn),
        ("people_filter", old.people_filter != new.people_filter),
        ("group_filter", old.group_filter != new.group_filter),
        ("max_deactivations", old.max_deactivations != new.max_deactivations),
        ("attributes", old.attributes != new.attributes),
        ("follow", old.follow != new.follow),
        ("photos", old.photos != new.photos),
        ("same_person", old.same_person != new.same_person),
        ("primary_groups", old.primary_groups != new.primary_groups),
        ("encoding", old.encoding != new.encoding),
        ("order", old.place != new.place),
        ("connector", old.connector != new.connector),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}
