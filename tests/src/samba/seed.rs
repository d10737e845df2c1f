//! The domain that every test copies: made once per build folder, by whoever is first.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::administrator::{Administrator, encoded};
use super::{AD_BASE, AD_BIND_DN, AD_BIND_PASSWORD, PACKAGE};
use crate::part::{Folder, missing, program, run};

/// What is made here changes with this number, so that nobody copies an older one.
const RECIPE: u8 = 1;
const NORMAL_ACCOUNT: &str = "512";

/// Where the domain is; makes it when nobody has yet. Two processes at once make one.
pub(super) fn folder() -> Result<PathBuf> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let home = build_folder();
    let samba = program("samba", &["/usr/sbin"], PACKAGE)?;
    let version = String::from_utf8(run(Command::new(samba).arg("--version"))?)?;
    let version: String = version.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    let seed = home.join(format!("freehold-{version}-{RECIPE}"));
    if !seed.exists() {
        // The lock goes with the process, whatever ends it.
        let lock = File::options().create(true).append(true).open(home.join("freehold-samba.lock"))?;
        lock.lock()?;
        if !seed.exists() {
            make(&seed).context("cannot make a domain")?;
        }
    }
    Ok(seed)
}

/// The folder of the build that runs, gone with `cargo clean`; else the one for temporary files.
fn build_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let above = program.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "deps"));
    above.and_then(Path::parent).map_or_else(std::env::temp_dir, Path::to_owned)
}

fn make(seed: &Path) -> Result<()> {
    if !Path::new("/usr/share/samba/setup").is_dir() {
        anyhow::bail!(missing("the setup of domains", "the Debian package samba-ad-provision"));
    }
    let work = Folder::new("samba-seed")?;
    // Without a configuration of its own it would read the machine's.
    let empty = work.write("empty.conf", "[global]\n")?;
    let made = work.path().join("dc");
    run(Command::new(program("samba-tool", &["/usr/bin"], PACKAGE)?)
        .args(["domain", "provision", "--realm=AD.ACME.TEST", "--domain=ACME", "--server-role=dc"])
        .args(["--dns-backend=NONE", "--adminpass=Adm1n-Passw0rd", "--host-name=dc1", "--host-ip=127.77.0.1", "-s"])
        .arg(empty)
        .arg(format!("--targetdir={}", made.display())))?;
    let administrator = Administrator::start(&made.join("etc/smb.conf"), &made.join("private/sam.ldb"), work.path())?;
    administrator.change(foundation())?;
    drop(administrator);
    // Seen whole or not at all: copied beside its place, then named.
    let beside = seed.with_extension("new");
    if beside.exists() {
        fs::remove_dir_all(&beside)?;
    }
    run(Command::new("cp").args(["-a", "--sparse=always"]).arg(&made).arg(&beside))?;
    fs::rename(beside, seed)?;
    Ok(())
}

/// What every test domain holds before its own entries.
fn foundation() -> Vec<Value> {
    let unit = |name: &str| {
        let attributes = [["objectClass".to_owned(), encoded(b"organizationalUnit")]];
        json!({ "do": "add", "dn": format!("OU={name},{AD_BASE}"), "attributes": attributes })
    };
    let password: Vec<u8> = format!("\"{AD_BIND_PASSWORD}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let account = [
        ("objectClass", b"user".as_slice()),
        ("sAMAccountName", b"sync"),
        ("userPrincipalName", b"sync@ad.acme.test"),
        ("userAccountControl", NORMAL_ACCOUNT.as_bytes()),
        ("unicodePwd", &password),
    ];
    let attributes: Vec<Value> = account.iter().map(|(name, value)| json!([name, encoded(value)])).collect();
    let account = json!({ "do": "add", "dn": AD_BIND_DN, "attributes": attributes });
    vec![unit("People"), unit("Groups"), unit("Service"), account]
}
