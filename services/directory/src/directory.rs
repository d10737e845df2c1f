//! A tenant's configured directories: what a manifest may say of them, and making it so.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryId, Fault, Secret, Violations};

use crate::Deps;
use crate::guard::Limit;
use crate::mapping::Mapping;
use crate::reading::normalise;
use crate::source::error::SourceError;
use crate::source::{Source, SourceKind, SourceSettings};
use crate::store;

/// How many directories a tenant may have.
pub(crate) const DIRECTORIES_MAX: usize = 16;
/// How many servers one directory may have.
const URLS_MAX: usize = 8;
/// The longest name of a directory, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The longest bind password, in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;

/// What is configured of a directory; sealed as a whole.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Settings {
    #[prost(string, tag = "1")]
    pub name: String,
    /// 1 Active Directory, 2 OpenLDAP, 3 LDAP, 4 LDIF.
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
}

/// A directory with its id.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    pub id: DirectoryId,
    pub settings: Settings,
    pub retired: bool,
}

impl Settings {
    /// How the directory speaks; nothing when the settings say no kind.
    pub(crate) const fn kind(&self) -> Option<SourceKind> {
        match self.kind_number {
            1 => Some(SourceKind::ActiveDirectory),
            2 => Some(SourceKind::OpenLdap),
            3 => Some(SourceKind::Ldap),
            4 => Some(SourceKind::Ldif),
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
            .map_err(|error| Fault::internal("reading the stored mapping", error))
    }

    /// Opens the way to the directory.
    pub(crate) fn open(&self) -> Result<Source, SourceError> {
        let kind = self.kind().unwrap_or(SourceKind::Ldap);
        let mapping =
            Mapping::new(kind, &self.attributes).map_err(|unknown| SourceError::Settings(unknown.to_string()))?;
        let settings = SourceSettings {
            kind,
            urls: self.urls.clone(),
            start_tls: self.start_tls,
            ca_pem: self.ca_pem.clone(),
            bind_dn: self.bind_dn.clone(),
            bind_password: Secret::new(self.bind_password.clone()),
            base_dn: self.base_dn.clone(),
            people_filter: self.people_filter.clone(),
            group_filter: self.group_filter.clone(),
            attributes: mapping.attributes(),
        };
        Source::new(settings)
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
        if self.bind_password.len() > PASSWORD_BYTES_MAX {
            wrong("bind_password", "must be at most 1,024 bytes");
        }
        let kind = self.kind();
        if kind.is_none() {
            wrong("kind", "must be active-directory, openldap, ldap or ldif");
        }
        if let Err(unknown) = Mapping::new(kind.unwrap_or(SourceKind::Ldap), &self.attributes) {
            wrong("attributes", &unknown.to_string());
        }
        if kind == Some(SourceKind::Ldif) {
            if self.urls.len() != 1 || !self.urls.first().is_some_and(|path| path.starts_with('/')) {
                wrong("url", "must be one absolute path of an LDIF file");
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

/// The whole wish of a manifest.
#[derive(Debug)]
pub(crate) struct Wish {
    pub directories: Vec<Settings>,
    pub administrators_group: String,
}

impl Wish {
    /// Every mistake that can be seen without asking anybody.
    pub(crate) fn check(&self) -> Violations {
        let mut violations = Violations::new();
        if self.directories.len() > DIRECTORIES_MAX {
            violations.push("directories", format!("at most {DIRECTORIES_MAX} directories"));
        }
        let mut names = BTreeSet::new();
        for (place, settings) in self.directories.iter().enumerate() {
            let path = format!("directories[{place}]");
            settings.check(&path, &mut violations);
            if !names.insert(&settings.name) {
                violations.push(
                    format!("{path}.name"),
                    format!("{:?} is the name of another directory already", settings.name),
                );
            }
        }
        if !self.administrators_group.is_empty() && normalise(&self.administrators_group).is_none() {
            violations.push("administrators_group", "must be the distinguished name of a directory group");
        }
        violations
    }
}

/// Makes the tenant's directories the wished ones, or says what that would change.
///
/// # Errors
/// Invalid with every mistake, including servers that cannot be reached and passwords that are wrong.
pub(crate) async fn apply(deps: &Deps, caller: &Caller, wish: Wish, validate_only: bool) -> Result<Vec<String>, Fault> {
    check_everything(&wish).await?;
    if caller.tenant.is_none() {
        return if validate_only { Ok(new_directories(&wish)) } else { caller.tenant().map(|_tenant| Vec::new()) };
    }
    let tx = deps.tenancy.begin(caller).await?;
    let changes = store_wish(&tx, &wish).await?;
    if validate_only {
        drop(tx);
    } else {
        tx.commit().await?;
    }
    Ok(changes)
}

/// Notes every mistake there is: those that can be seen, and behind every directory without one, those that show only
/// when it is bound to and its base is read. Nothing exists yet.
async fn check_everything(wish: &Wish) -> Result<(), Fault> {
    let mut violations = wish.check();
    for (place, settings) in wish.directories.iter().enumerate() {
        let path = format!("directories[{place}]");
        let mut own = Violations::new();
        settings.check(&path, &mut own);
        if own.is_empty()
            && let Err(error) = try_out(settings).await
        {
            violations.push(format!("{path}.{}", wrong_field(&error)), format!("{error}; {}", error.cure()));
        }
    }
    violations.finish()
}

async fn try_out(settings: &Settings) -> Result<(), SourceError> {
    settings.open()?.probe().await.map(|_report| ())
}

/// Which line of the manifest an error is about.
#[expect(clippy::wildcard_enum_match_arm, reason = "everything else is about the server behind the address")]
const fn wrong_field(error: &SourceError) -> &'static str {
    match error {
        SourceError::BadFilter { .. } => "people_filter",
        SourceError::EmptyPassword | SourceError::WrongPassword { .. } => "bind_password",
        SourceError::BindRefused { .. } => "bind_dn",
        SourceError::BaseNotFound { .. } | SourceError::Referred { .. } => "base_dn",
        SourceError::Tls { .. } => "ca_pem",
        SourceError::StartTlsRefused { .. } | SourceError::NotEncrypted { .. } => "start_tls",
        _ => "url",
    }
}

fn new_directories(wish: &Wish) -> Vec<String> {
    wish.directories.iter().map(|settings| format!("add directory {}", settings.name)).collect()
}

async fn store_wish(tx: &TenantTx, wish: &Wish) -> Result<Vec<String>, Fault> {
    let mut changes = Vec::new();
    let stored = store::directory::all(tx).await?;
    for settings in &wish.directories {
        let known = stored.iter().find(|directory| directory.settings.name == settings.name);
        match known {
            None => {
                store::directory::insert(tx, settings).await?;
                changes.push(format!("add directory {}", settings.name));
            }
            Some(known) if known.settings != *settings || known.retired => {
                store::directory::update(tx, known.id, settings, false).await?;
                changes.push(format!(
                    "change directory {}: {}",
                    settings.name,
                    differences(&known.settings, settings, known.retired)
                ));
            }
            Some(_) => {}
        }
    }
    for directory in stored.iter().filter(|directory| !directory.retired) {
        if !wish.directories.iter().any(|settings| settings.name == directory.settings.name) {
            store::directory::update(tx, directory.id, &directory.settings, true).await?;
            changes.push(format!("stop reading directory {}; its people stay", directory.settings.name));
        }
    }
    if store::policy::set_administrators_group(tx, &wish.administrators_group).await? {
        changes.push("change who administers the company; it takes effect with the next sync run".to_owned());
    }
    Ok(changes)
}

fn differences(old: &Settings, new: &Settings, retired: bool) -> String {
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
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// The directory of that name, or the only one when the name is empty.
///
/// # Errors
/// Not found, with the names that exist.
pub(crate) async fn find(tx: &TenantTx, name: &str) -> Result<Directory, Fault> {
    let mut directories = store::directory::all(tx).await?;
    directories.retain(|directory| !directory.retired);
    let names: Vec<_> = directories.iter().map(|directory| directory.settings.name.clone()).collect();
    let wanted = match (name, names.as_slice()) {
        ("", [only]) => only.clone(),
        _ => name.to_owned(),
    };
    directories
        .into_iter()
        .find(|directory| directory.settings.name == wanted)
        .ok_or_else(|| crate::fault::directory_not_found(name, &names))
}

/// The directories that are read, by name.
pub(crate) async fn list(deps: &Deps, caller: &Caller) -> Result<Vec<Directory>, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directories = store::directory::all(&tx).await?;
    drop(tx);
    Ok(directories.into_iter().filter(|directory| !directory.retired).collect())
}
