//! `freehold completions`

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Ended;
use crate::{Arguments, print};

/// Prints the script for a shell.
pub(crate) fn run(shell: Shell, json: bool) -> Result<Ended> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "freehold", &mut script);
    if json {
        let script = String::from_utf8_lossy(&script);
        print::json(&serde_json::json!({ "shell": shell.to_string(), "script": script }))?;
    } else {
        print::raw(&script)?;
    }
    Ok(Ended::Done)
}
