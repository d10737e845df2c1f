//! `freehold connector`

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use freehold::config::read_secret;
use freehold_directory::connector::{self, Key};
use freehold_proto::directory::v1::{DirectoryKind, DirectorySettings};
use freehold_types::{Mint, SystemClock};
use serde::Deserialize;
use std::collections::HashMap;

use super::Ended;
use crate::print;

/// Where the configuration is looked for when nobody says.
const DEFAULT_FILE: &str = "/etc/freehold/connector.toml";

/// What a connector is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    installation: String,
    ca_file: Option<PathBuf>,
    company: String,
    key_file: PathBuf,
    #[serde(default)]
    name: String,
    #[serde(default)]
    directory: Vec<Directory>,
}

/// One directory, in the words of a manifest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Directory {
    name: String,
    kind: String,
    url: Urls,
    #[serde(default)]
    start_tls: bool,
    ca_file: Option<PathBuf>,
    #[serde(default)]
    bind_dn: String,
    bind_password_file: Option<PathBuf>,
    #[serde(default)]
    base_dn: String,
    #[serde(default)]
    people_filter: String,
    #[serde(default)]
    group_filter: String,
    #[serde(default)]
    primary_groups: bool,
    #[serde(default)]
    encoding: String,
    #[serde(default)]
    attributes: HashMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Urls {
    One(String),
    Several(Vec<String>),
}

/// Reads directories for an installation until the process is told to stop.
pub(crate) async fn run(file: Option<&Path>) -> Result<Ended> {
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(std::io::stderr).try_init();
    log.map_err(|error| anyhow!("the log cannot be set up: {error}"))?;
    let config = load(file.unwrap_or_else(|| Path::new(DEFAULT_FILE)))?;
    print::line(&format!("this connector's fingerprint is {}", config.key.fingerprint()));
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        ended = connector::run(config) => ended?,
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for Ctrl-C")?,
        _ = terminate.recv() => {}
    }
    Ok(Ended::Done)
}

fn load(file: &Path) -> Result<connector::Config> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let config: Config = toml::from_str(&text).with_context(|| format!("{} is wrong", file.display()))?;
    let mint = Mint::new(Arc::new(SystemClock));
    let directories = config.directory.into_iter().map(settings).collect::<Result<_>>()?;
    Ok(connector::Config {
        installation: config.installation,
        ca_pem: pem(config.ca_file.as_deref())?,
        company: config.company,
        claimed_name: config.name,
        directories,
        key: Key::load_or_create(&config.key_file, &mint)?,
        mint,
    })
}

fn settings(directory: Directory) -> Result<DirectorySettings> {
    let kind = match directory.kind.as_str() {
        "active-directory" => DirectoryKind::ActiveDirectory,
        "openldap" => DirectoryKind::Openldap,
        "ldap" => DirectoryKind::Ldap,
        "ldif" => DirectoryKind::Ldif,
        "csv" => DirectoryKind::Csv,
        "xlsx" => DirectoryKind::Xlsx,
        other => bail!(
            "kind of directory {} is {other:?}; it must be active-directory, openldap, ldap, ldif, csv or xlsx",
            directory.name
        ),
    };
    Ok(DirectorySettings {
        name: directory.name,
        kind: kind.into(),
        urls: match directory.url {
            Urls::One(url) => vec![url],
            Urls::Several(urls) => urls,
        },
        start_tls: directory.start_tls,
        ca_pem: pem(directory.ca_file.as_deref())?,
        bind_dn: directory.bind_dn,
        bind_password: directory.bind_password_file.as_deref().map(read_secret).transpose()?.unwrap_or_default(),
        base_dn: directory.base_dn,
        people_filter: directory.people_filter,
        group_filter: directory.group_filter,
        attributes: directory.attributes,
        primary_groups: directory.primary_groups,
        encoding: directory.encoding,
        ..DirectorySettings::default()
    })
}

fn pem(file: Option<&Path>) -> Result<String> {
    let Some(file) = file else { return Ok(String::new()) };
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests;
