//! Is this installation able to run? Each finding with its cure.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use freehold_tenancy::{Storage, Tenancy};
use freehold_types::{Fault, Mint, SystemClock};
use freehold_vault::Vault;

use crate::config::{Config, read_secret};

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Whether it is as it must be.
    pub ok: bool,
    /// What was found, in words.
    pub finding: String,
    /// What to do about it, when it is not.
    pub cure: Option<String>,
}

impl Finding {
    fn good(finding: impl Into<String>) -> Self {
        Self { ok: true, finding: finding.into(), cure: None }
    }

    fn bad(finding: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { ok: false, finding: finding.into(), cure: Some(cure.into()) }
    }

    fn fault(fault: &Fault) -> Self {
        Self { ok: false, finding: fault.to_string(), cure: fault.how_to_cure().map(str::to_owned) }
    }
}

/// Looks at the configuration, the key, the storage and the operator's token. Makes nothing that is not there.
///
/// # Errors
/// Never: what cannot be read is a finding.
pub async fn doctor(file: Option<PathBuf>) -> Result<Vec<Finding>> {
    let config = match Config::load(file.as_deref()) {
        Ok(config) => config,
        Err(error) => return Ok(vec![Finding::bad(format!("{error:#}"), "correct the configuration file")]),
    };
    let mut findings = vec![Finding::good("the configuration can be read")];
    findings.push(token(&config.token_file()));
    match Vault::load(&config.keys.file) {
        Ok(vault) => {
            findings.push(Finding::good(format!("the master key {} can be read", config.keys.file.display())));
            findings.extend(storage(&config, vault).await);
        }
        Err(error) => findings.push(Finding::fault(&Fault::from(error))),
    }
    Ok(findings)
}

fn token(file: &Path) -> Finding {
    match read_secret(file) {
        Ok(_) => Finding::good(format!("the operator's token {} can be read by its owner alone", file.display())),
        Err(error) => Finding::bad(format!("{error:#}"), "start `freehold serve` once; it makes the token"),
    }
}

async fn storage(config: &Config, vault: Vault) -> Vec<Finding> {
    if let Some(folder) = config.storage.url.strip_prefix("sqlite://")
        && !Path::new(folder).is_dir()
    {
        return vec![Finding::bad(
            format!("there is no folder {folder}"),
            "start `freehold serve` once; it makes the folder",
        )];
    }
    let storage = Storage::new(config.storage.url.clone());
    let tenancy = match Tenancy::connect(&storage, vault, Mint::new(Arc::new(SystemClock))).await {
        Ok(tenancy) => tenancy,
        Err(fault) => return vec![Finding::fault(&fault)],
    };
    match tenancy.doctor().await {
        Ok(found) => {
            let finding = |f: freehold_tenancy::Finding| Finding { ok: f.ok, finding: f.finding, cure: f.cure };
            found.into_iter().map(finding).collect()
        }
        Err(fault) => vec![Finding::fault(&fault)],
    }
}
