//! The real binary, as an operator runs it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use freehold_tests::part::{Folder, Part, run};
use freehold_wire::{Clients, Wire, Wires};
use serde_json::Value;
use tonic::transport::Endpoint;

use super::{Line, Place};

const START_LIMIT: Duration = Duration::from_secs(60);

/// `freehold serve`, one process.
pub struct Server {
    pub part: Part,
    /// Where its contracts are.
    pub grpc: String,
    // Holds its configuration and log.
    _log: Folder,
}

impl Server {
    /// Starts a process on free ports and waits until it serves.
    pub fn start(place: &Place) -> Result<Self> {
        let log = Folder::new("serve")?;
        let config = log.write("freehold.toml", configuration(place))?;
        let command =
            [binary()?.display().to_string(), "serve".into(), "--config".into(), config.display().to_string()];
        let mut part = Part::start("freehold", &log, "TERM", &command)?;
        let grpc = part.ready(START_LIMIT, || Ok(listens_at(&log.read("log"))))?;
        Ok(Self { part, grpc: format!("http://{grpc}"), _log: log })
    }

    /// Ends it as a power cut would.
    pub fn kill(&self) -> Result<()> {
        self.part.signal("KILL")
    }

    pub fn line(&self, place: &Place) -> Result<Line> {
        Ok(Line::new(remote(&self.grpc)?, place.operator_token()?))
    }

    /// Runs a command of the same binary against this process, as the operator.
    pub fn command(&self, place: &Place, words: &[&str]) -> Result<Output> {
        let token = place.folder.path().join("operator.token");
        let mut command = Command::new(binary()?);
        command.args(["--endpoint", &self.grpc, "--token-file"]).arg(token).args(words);
        command.output().context("cannot run the binary")
    }
}

/// Clients of every service behind one address: each process answers for all of them.
pub fn remote(address: &str) -> Result<Clients> {
    let wire = Wire::remote(Endpoint::from_shared(address.to_owned())?);
    Ok(Clients::relaying(Wires {
        operator: wire.clone(),
        directory: wire.clone(),
        auth: wire.clone(),
        content: wire.clone(),
        billing: wire,
    }))
}

/// The binary of the profile that this test was built with, brought up to date once per test process.
pub fn binary() -> Result<&'static Path> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    built.as_deref().map_err(|error| anyhow!("{error}"))
}

fn build() -> Result<PathBuf> {
    let profile = env::current_exe()?;
    let profile = profile.ancestors().nth(2).context("a test lies in a folder of its profile")?;
    let target = profile.parent().context("a profile lies in the target folder")?;
    let mut command = Command::new(env!("CARGO"));
    // As tests/run builds it, so that there nothing is left to do.
    command.args(["build", "--quiet", "--workspace", "--bins"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("CARGO_TARGET_DIR", target);
    if profile.ends_with("release") {
        command.arg("--release");
    }
    run(&mut command).context("the binary cannot be built")?;
    let binary = profile.join("freehold");
    ensure!(binary.is_file(), "{} is missing", binary.display());
    Ok(binary)
}

fn configuration(place: &Place) -> String {
    let folder = place.folder.path().display();
    format!(
        "[storage]\nurl = \"{}\"\n[keys]\nfile = \"{folder}/master.key\"\n[operator]\ntoken_file = \
         \"{folder}/operator.token\"\n[web]\nlisten = \"127.0.0.1:0\"\n[grpc]\nlisten = \"127.0.0.1:0\"\n[log]\njson = true\n",
        place.storage_url
    )
}

/// The address in the line that says so.
fn listens_at(log: &str) -> Option<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line["fields"]["grpc"].as_str().map(str::to_owned)).next_back()
}
