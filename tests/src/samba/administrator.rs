//! Whoever may do anything in the domain: a Python process with Samba's own modules.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::part::missing;

/// The system's own: Samba's modules belong to it, and not to another that may come first in the search path.
const PYTHON: &str = "/usr/bin/python3";

/// It ends when the pipe to it does, so with the test process.
pub(super) struct Administrator {
    process: Child,
    pipes: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

impl Administrator {
    /// Opens the database of a domain. What goes wrong later is in `folder/administrator.log`.
    pub(super) fn start(configuration: &Path, database: &Path, folder: &Path) -> Result<Self> {
        if !Path::new("/usr/lib/python3/dist-packages/samba").is_dir() {
            bail!(missing("Samba for Python", "the Debian package python3-samba"));
        }
        let mut process = Command::new(PYTHON)
            .args(["-c", include_str!("administer.py")])
            .args([configuration, database])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("administrator.log"))?)
            .spawn()
            .with_context(|| missing(PYTHON, "the Debian package python3"))?;
        let pipes = process.stdin.take().zip(process.stdout.take()).map(|(to, from)| (to, BufReader::new(from)));
        Ok(Self { process, pipes: Mutex::new(pipes) })
    }

    /// Does all of these, or none.
    pub(super) fn change(&self, operations: Vec<Value>) -> Result<()> {
        self.ask(&Value::Array(operations)).map(|_done| ())
    }

    /// The DNs of what matches, sorted.
    pub(super) fn search(&self, base: &str, filter: &str) -> Result<Vec<String>> {
        let found = self.found(base, false, filter, "1.1")?;
        let mut names: Vec<String> = found.iter().filter_map(|entry| entry["dn"].as_str()).map(str::to_owned).collect();
        names.sort();
        Ok(names)
    }

    /// The objectGUID of one entry.
    pub(super) fn guid(&self, dn: &str) -> Result<String> {
        let found = self.found(dn, true, "(objectGUID=*)", "objectGUID")?;
        let value = found.first().and_then(|entry| entry["attributes"]["objectGUID"][0].as_str());
        let bytes = STANDARD.decode(value.with_context(|| format!("{dn} is not there"))?)?;
        let [a, b, c, d, e, f, g, h, rest @ ..] = bytes.as_slice() else { bail!("{dn} has half an objectGUID") };
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // The first three groups are little-endian (MS-DTYP 2.3.4.2).
        let (first, second, third) = (hex(&[*d, *c, *b, *a]), hex(&[*f, *e]), hex(&[*h, *g]));
        let (fourth, fifth) = rest.split_at(2);
        Ok(format!("{first}-{second}-{third}-{}-{}", hex(fourth), hex(fifth)))
    }

    fn found(&self, base: &str, alone: bool, filter: &str, attribute: &str) -> Result<Vec<Value>> {
        let answer = self.ask(&json!({ "base": base, "alone": alone, "filter": filter, "attributes": [attribute] }))?;
        Ok(answer["found"].as_array().cloned().unwrap_or_default())
    }

    fn ask(&self, question: &Value) -> Result<Value> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (to, from) = pipes.as_mut().context("the administrator is gone")?;
        writeln!(to, "{question}").context("the administrator has ended: administrator.log says why")?;
        to.flush()?;
        let mut line = String::new();
        from.read_line(&mut line)?;
        let answer: Value =
            serde_json::from_str(&line).context("the administrator has ended: administrator.log says why")?;
        match answer["error"].as_str() {
            None => Ok(answer),
            Some(error) => bail!("the domain refuses: {error}"),
        }
    }
}

impl Drop for Administrator {
    fn drop(&mut self) {
        self.pipes.lock().unwrap_or_else(PoisonError::into_inner).take();
        // With its input it ends by itself; waiting leaves no zombie.
        self.process.wait().ok();
    }
}

/// A value as it travels.
pub(super) fn encoded(value: &[u8]) -> String {
    STANDARD.encode(value)
}
