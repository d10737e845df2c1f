//! What all real parts share: a folder of their own, a process that ends with the test, logs that outlive a failure.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::wait::wait_for;

/// How long a part may take to end. PostgreSQL writes its buffers; everything else is quicker.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// How much of a log is worth reading in a test's failure, in bytes.
const LOG_TAIL_BYTES_MAX: usize = 4_000;

/// A temporary folder, removed when dropped unless the test failed or `FREEHOLD_TESTS_KEEP` is set.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// A new one whose name says what it is for.
    pub fn new(purpose: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(&format!("freehold-{purpose}-")).tempdir();
        Ok(Self(folder.context("cannot make a temporary folder")?))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file into it and says where.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.path().join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// The text of a file in it; empty when there is none yet.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        fs::read(self.path().join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() || setting("FREEHOLD_TESTS_KEEP").is_some() {
            eprintln!("kept for you to look at: {}", self.path().display());
            self.0.disable_cleanup(true);
        }
    }
}

/// A running program. Dropping it ends the program; so does the end of the test process, whatever ended that.
#[derive(Debug)]
pub struct Part {
    name: &'static str,
    folder: PathBuf,
    keeper: Child,
}

impl Part {
    /// Starts `command` with its output in `folder/out` and `folder/log`; `signal` is how it likes to be stopped.
    pub fn start(name: &'static str, folder: &Folder, signal: &str, command: &[String]) -> Result<Self> {
        let create = |file: &str| File::options().create(true).append(true).open(folder.path().join(file));
        for stale in ["pid", "word"] {
            folder.write(stale, "")?;
        }
        let keeper = Command::new("/bin/bash")
            .args(["-c", include_str!("keeper.sh"), "keeper.sh"])
            .arg(folder.path())
            .arg(signal)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(create("out")?)
            .stderr(create("log")?)
            .current_dir(folder.path())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, folder: folder.path().to_owned(), keeper })
    }

    /// Looks until the part answers. When it ends instead, the error quotes its log.
    pub fn ready<T>(&mut self, limit: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        let name = self.name;
        let answer = wait_for(&format!("{name} to answer"), limit, || {
            if let Some(status) = self.keeper.try_wait()? {
                bail!("{name} ended with {status}");
            }
            look()
        });
        answer.with_context(|| format!("log of {name}:\n{}", self.log_tail()))
    }

    /// The program's own process id.
    pub fn pid(&self) -> Result<u32> {
        let path = self.folder.join("pid");
        let text = fs::read_to_string(&path).with_context(|| format!("{} was never written", self.name))?;
        text.trim().parse().with_context(|| format!("{} holds no process id", path.display()))
    }

    /// Sends a signal by name: `STOP`, `CONT`, `KILL`.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.pid()?.to_string();
        run(Command::new("/bin/sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &pid])).map(|_| ())
    }

    /// Waits for a program that ends by itself.
    pub fn finish(mut self, limit: Duration) -> Result<ExitStatus> {
        let name = self.name;
        wait_for(&format!("{name} to end"), limit, || Ok(self.keeper.try_wait()?))
            .with_context(|| format!("log of {name}:\n{}", self.log_tail()))
    }

    /// The end of what the program wrote to standard error.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        let tail = &log[log.len().saturating_sub(LOG_TAIL_BYTES_MAX)..];
        String::from_utf8_lossy(tail).into_owned()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("log of {}:\n{}", self.name, self.log_tail());
        }
        if let Some(mut pipe) = self.keeper.stdin.take() {
            // It fails when the program has ended already, which is what is wanted.
            pipe.write_all(b"keep\n").ok();
        }
        let ended = wait_for("the end", STOP_LIMIT, || Ok(self.keeper.try_wait()?));
        if ended.is_err() {
            eprintln!("{} does not end, process {:?}", self.name, self.pid());
        }
    }
}

/// Runs a program to its end; the error is what it wrote to standard error.
pub fn run(command: &mut Command) -> Result<Vec<u8>> {
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
    told(command, &done.status, &done.stderr)?;
    Ok(done.stdout)
}

/// Runs a program on `input`; the error is what it wrote to standard error.
pub fn run_on(command: &mut Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut pipe = child.stdin.take().context("the pipe was asked for above")?;
    let done = std::thread::scope(|scope| {
        // A program may answer before it has read everything, so writing and reading go side by side.
        scope.spawn(move || pipe.write_all(input));
        child.wait_with_output()
    })?;
    told(command, &done.status, &done.stderr)?;
    Ok(done.stdout)
}

fn told(command: &Command, status: &ExitStatus, stderr: &[u8]) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let program = command.get_program().to_string_lossy();
    bail!("{program} ended with {status}: {}", String::from_utf8_lossy(stderr).trim());
}

/// Finds a program in `places`, then in the search path, or says which package brings it.
pub fn program(name: &str, places: &[&str], package: &str) -> Result<PathBuf> {
    let path = setting("PATH").unwrap_or_default();
    let folders = places.iter().map(PathBuf::from).chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join(name)).find(|file| file.is_file()).with_context(|| missing(name, package))
}

/// What to tell whoever has not run `tests/run` yet.
#[must_use]
pub fn missing(name: &str, package: &str) -> String {
    format!("{name} is missing: install {package}, or run tests/run, which installs all that the tests need")
}

/// A port on 127.0.0.1 that is free now. Somebody may take it before it is used: try again then.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The folder of this crate, where the scripts and the npm packages are.
#[must_use]
pub fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "the search path and a switch for people; no setting of Freehold")]
fn setting(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
