//! The real release binary, as an operator runs it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use freehold_tests::part::{Folder, Part, free_port, run};
use serde_json::Value;

use crate::directory::Directory;
use crate::figures::processor_time;

const START_LIMIT: Duration = Duration::from_secs(60);
/// Access codes of one command.
const CODES_MAX: usize = 250;
const KILOBYTES_PER_MEGABYTE: f64 = 1024.0;

/// What a storage is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Postgres,
    Sqlite,
}

/// A running installation.
pub struct Server {
    part: Part,
    grpc: String,
    web: String,
    token_file: PathBuf,
}

impl Server {
    pub fn start(folder: &Folder, storage_url: &str) -> Result<Self> {
        let token_file = folder.path().join("operator.token");
        let place = folder.path().display();
        let web = format!("127.0.0.1:{}", free_port()?);
        let config = folder.write(
            "freehold.toml",
            format!(
                "[storage]\nurl = \"{storage_url}\"\n[keys]\nfile = \"{place}/master.key\"\n[operator]\ntoken_file = \
                 \"{place}/operator.token\"\n[web]\nlisten = \"{web}\"\n[grpc]\nlisten = \"127.0.0.1:0\"\n[log]\n\
                 json = true\n"
            ),
        )?;
        let command =
            [binary()?.display().to_string(), "serve".into(), "--config".into(), config.display().to_string()];
        let mut part = Part::start("freehold", folder, "TERM", &command)?;
        let grpc = part.ready(START_LIMIT, || Ok(listens_at(&folder.read("log"))))?;
        Ok(Self { part, grpc: format!("http://{grpc}"), web: format!("http://{web}"), token_file })
    }

    /// Declares a company that is filled from the directory, with some more lines about that.
    pub fn declare(&self, folder: &Folder, directory: &Directory, more: &str) -> Result<()> {
        let password = folder.write("bind.password", directory.bind_password())?;
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600))?;
        let directory = directory.manifest(&password.display().to_string());
        let manifest = folder.write("acme.toml", format!("name = \"acme\"\ncompany = \"Acme\"\n{directory}{more}"))?;
        self.apply(&manifest)
    }

    /// Makes a company what this manifest says.
    pub fn apply(&self, manifest: &Path) -> Result<()> {
        self.command(&["tenant", "apply", &manifest.display().to_string()]).map(|_said| ())
    }

    pub fn sync(&self) -> Result<()> {
        self.command(&["directory", "sync", "acme"]).map(|_said| ())
    }

    /// An access code for each of these people, by user name.
    pub fn access_codes(&self, people: &[&str]) -> Result<Vec<String>> {
        let mut all = Vec::with_capacity(people.len());
        for some in people.chunks(CODES_MAX) {
            let said = self.command(&[&["--json", "person", "access-code", "acme"], some].concat())?;
            let answer: Value = serde_json::from_slice(&said)?;
            let codes = answer["access_codes"].as_array().context("an answer with access codes")?;
            all.extend(codes.iter().filter_map(|code| code["code"].as_str().map(str::to_owned)));
        }
        ensure!(all.len() == people.len(), "{} access codes for {} people", all.len(), people.len());
        Ok(all)
    }

    /// How many people have a photo.
    pub fn photos(&self) -> Result<usize> {
        let people: Value = serde_json::from_slice(&self.command(&["--json", "person", "list", "acme"])?)?;
        let people = people["people"].as_array().context("an answer with people")?;
        Ok(people.iter().filter(|person| !person["photo_version"].as_str().unwrap_or_default().is_empty()).count())
    }

    /// Where its pages are.
    pub fn web(&self) -> String {
        self.web.clone()
    }

    fn command(&self, words: &[&str]) -> Result<Vec<u8>> {
        let mut command = Command::new(binary()?);
        command.args(["--endpoint", &self.grpc, "--token-file"]).arg(&self.token_file).args(words);
        run(&mut command)
    }

    /// Processor time used so far, in seconds.
    pub fn processor_time(&self) -> Result<f64> {
        processor_time(self.part.pid()?)
    }

    /// A line of `/proc/PID/status`, in megabytes.
    pub fn memory(&self, name: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.part.pid()?))?;
        let line = status.lines().find(|line| line.starts_with(name)).with_context(|| format!("no {name}"))?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
        Ok(kilobytes / KILOBYTES_PER_MEGABYTE)
    }
}

/// The binary that lies beside this one.
pub fn binary() -> Result<PathBuf> {
    let binary = env::current_exe()?.with_file_name("freehold");
    ensure!(binary.is_file(), "{} is missing: run cargo build --release --workspace first", binary.display());
    Ok(binary)
}

/// The address in the line that says so.
fn listens_at(log: &str) -> Option<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line["fields"]["grpc"].as_str().map(str::to_owned)).next_back()
}
