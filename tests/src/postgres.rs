//! A real PostgreSQL: one server for the whole test process, a fresh database for every test.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};

use crate::part::{Folder, Part, free_port, missing, run};

const PACKAGE: &str = "the Debian package postgresql";
const VERSIONS: &str = "/usr/lib/postgresql";
const START_LIMIT: Duration = Duration::from_secs(60);
const START_ATTEMPTS_MAX: usize = 5;
/// Who Freehold signs in as; owns everything, as an operator's first login does.
const OWNER: &str = "freehold_owner";
const PASSWORD: &str = "owner-Passw0rd";

/// A server.
pub struct Postgres {
    part: Part,
    // Dropped after the server that lives in it.
    _folder: Folder,
    port: u16,
    databases: AtomicU64,
}

/// A fresh, empty database on the server that all tests of this process share: its URL, as the owner.
///
/// The server ends with the process. Roles belong to the server and so are shared by all its databases.
pub fn database() -> Result<String> {
    static SHARED: OnceLock<Result<Postgres, String>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| Postgres::start().map_err(|error| format!("{error:#}")));
    shared.as_ref().map_err(|error| anyhow!("{error}"))?.database()
}

/// The whole database as `pg_dump` writes it, binary columns in hexadecimal.
pub fn dump(url: &str) -> Result<Vec<u8>> {
    run(Command::new(tool("pg_dump")?).args(["--no-password", url]))
}

/// Runs SQL as the owner of `url` and returns what `psql` prints: a line per row, columns separated by `|`.
pub fn query(url: &str, sql: &str) -> Result<String> {
    let rows = run(Command::new(tool("psql")?).args(["--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql, url]))?;
    Ok(String::from_utf8(rows)?)
}

impl Postgres {
    /// A server of one's own, for tests that stop or kill it.
    pub fn start() -> Result<Self> {
        let folder = Folder::new("postgres")?;
        let data = folder.path().join("data").display().to_string();
        let password = folder.write("password", PASSWORD)?.display().to_string();
        let user = user(&folder)?;

        let mut initdb = user.clone();
        initdb.push(tool("initdb")?.display().to_string());
        initdb.extend(["--pgdata", &data, "--username", OWNER, "--pwfile", &password].map(str::to_owned));
        initdb.extend(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"].map(str::to_owned));
        let status = Part::start("initdb", &folder, "INT", &initdb)?.finish(START_LIMIT)?;
        ensure!(status.success(), "initdb ended with {status}: {}", folder.read("log"));

        let mut outcome = Err(anyhow!("PostgreSQL was never started"));
        for _ in 0..START_ATTEMPTS_MAX {
            let port = free_port()?;
            outcome = start(&folder, &user, &data, port).map(|part| (part, port));
            if outcome.is_ok() {
                break;
            }
        }
        let (part, port) = outcome?;
        Ok(Self { part, _folder: folder, port, databases: AtomicU64::new(0) })
    }

    /// A fresh, empty database: its URL, as the owner.
    pub fn database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        query(&url(self.port, "postgres"), &format!("CREATE DATABASE {name} TEMPLATE template0"))?;
        Ok(url(self.port, &name))
    }

    /// Sends the server a signal by name: `STOP` silences it, `CONT` ends that, `QUIT` is a crash.
    pub fn signal(&self, signal: &str) -> Result<()> {
        self.part.signal(signal)
    }
}

fn start(folder: &Folder, user: &[String], data: &str, port: u16) -> Result<Part> {
    let mut command = user.to_vec();
    command.push(tool("postgres")?.display().to_string());
    command.extend(["-D".to_owned(), data.to_owned(), "-p".to_owned(), port.to_string()]);
    // Nobody needs the data after the test, so nothing has to reach the disk.
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        // Installations of tests that have ended keep some until the process ends.
        "max_connections=900",
        "max_locks_per_transaction=256",
        "shared_buffers=128MB",
        "max_wal_size=2GB",
    ] {
        command.extend(["-c".to_owned(), setting.to_owned()]);
    }
    // INT is PostgreSQL's fast stop: sessions are ended, buffers written.
    let mut part = Part::start("postgres", folder, "INT", &command)?;
    part.ready(START_LIMIT, || Ok(query(&url(port, "postgres"), "SELECT 1").ok()))?;
    Ok(part)
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://{OWNER}:{PASSWORD}@127.0.0.1:{port}/{database}")
}

/// The words before a command that make it run as somebody PostgreSQL accepts: it refuses to be root.
fn user(folder: &Folder) -> Result<Vec<String>> {
    if folder.path().metadata()?.uid() != 0 {
        return Ok(vec!["/usr/bin/env".to_owned()]);
    }
    let path = folder.path();
    run(Command::new("chown").args(["-R", "postgres:"]).arg(path))
        .with_context(|| missing("the system's user postgres", PACKAGE))?;
    Ok(["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"].map(str::to_owned).to_vec())
}

/// A program of the newest PostgreSQL installed. Debian keeps them apart by version, outside the search path.
fn tool(name: &str) -> Result<PathBuf> {
    let versions = std::fs::read_dir(VERSIONS).with_context(|| missing("PostgreSQL", PACKAGE))?;
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for version in versions {
        let version = version?;
        let file = version.path().join("bin").join(name);
        if let (Ok(number), true) = (version.file_name().to_string_lossy().parse(), file.is_file()) {
            found.push((number, file));
        }
    }
    let newest = found.into_iter().max();
    newest.map(|(_, file)| file).with_context(|| missing(name, PACKAGE))
}
