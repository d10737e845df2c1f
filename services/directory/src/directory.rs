//! A tenant's configured directories: what a manifest may say of them, and making it so.

use std::collections::BTreeSet;

use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryId, Fault, Violations};

use crate::follow::Status;
use crate::reading::normalise;
use crate::settings::{Settings, differences};
use crate::source::error::SourceError;
use crate::{Deps, store};

/// How many directories a tenant may have.
pub(crate) const DIRECTORIES_MAX: usize = 16;

/// A directory with its id.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    pub id: DirectoryId,
    pub settings: Settings,
    pub retired: bool,
}

impl Directory {
    /// Whether a connector inside the company's network reads it.
    pub(crate) const fn by_connector(&self) -> bool {
        self.settings.connector && !self.retired
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
        let directories = store::directory::all(&tx).await?;
        tx.commit().await?;
        for directory in directories.iter().filter(|directory| !directory.by_connector()) {
            deps.connectors.hub.end_all(directory.id);
        }
        deps.bell.ring();
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
            violations.push(format!("{path}.{}", wrong_field(settings, &error)), format!("{error}; {}", error.cure()));
        }
    }
    violations.finish()
}

async fn try_out(settings: &Settings) -> Result<(), SourceError> {
    // Nobody is there to ask before the directory exists.
    if settings.provisioned() || settings.connector {
        return Ok(());
    }
    settings.open()?.probe().await.map(|_report| ())
}

/// Which line of the manifest an error is about.
#[expect(clippy::wildcard_enum_match_arm, reason = "everything else is about the server behind the address")]
fn wrong_field(settings: &Settings, error: &SourceError) -> &'static str {
    match error {
        SourceError::BadFilter { filter, .. } if *filter == settings.group_filter => "group_filter",
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
                // What was read under other settings says nothing of what these will find.
                store::directory_cursor::remove(tx, known.id).await?;
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
            // What is not read any more cannot go on telling of anybody.
            store::directory_link::remove_all(tx, directory.id).await?;
            changes.push(format!("stop reading directory {}; its people stay", directory.settings.name));
        }
    }
    if store::policy::set_administrators_group(tx, &wish.administrators_group).await? {
        changes.push("change who administers the company; it takes effect with the next sync run".to_owned());
    }
    Ok(changes)
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

/// The directory with that id, retired or not.
pub(crate) async fn with_id(tx: &TenantTx, id: DirectoryId) -> Result<Directory, Fault> {
    let found = store::directory::all(tx).await?.into_iter().find(|directory| directory.id == id);
    found.ok_or_else(|| crate::fault::directory_not_found(&id.to_string(), &[]))
}

/// The directories that are read, by name, and how far the service is with each.
pub(crate) async fn list(deps: &Deps, caller: &Caller) -> Result<Vec<(Directory, Status)>, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let mut directories = Vec::new();
    for directory in store::directory::all(&tx).await? {
        if !directory.retired {
            let status = store::directory_follow::status(&tx, directory.id).await?;
            directories.push((directory, status));
        }
    }
    Ok(directories)
}
