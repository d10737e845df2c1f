//! A PostgreSQL server for the tests of this process: a free port, a folder of its own, gone with the process.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

const START_TIMEOUT_S: u64 = 60;
const PASSWORD: &str = "only-for-tests";

struct Server {
    port: u16,
    bin: PathBuf,
    /// Reads from this process; when that ends, however it ends, the keeper stops the server.
    _keeper: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a new database, owned by a superuser.
pub(crate) async fn database() -> String {
    let name = new_database("postgres").await;
    address("postgres", &name)
}

/// The name of a new database with this owner.
pub(crate) async fn new_database(owner: &str) -> String {
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{number}");
    run("postgres", &format!("CREATE DATABASE {name} OWNER {owner}")).await;
    name
}

/// The address of a database for a role of the server.
pub(crate) fn address(role: &str, database: &str) -> String {
    format!("postgres://{role}:{PASSWORD}@127.0.0.1:{}/{database}", server().port)
}

/// A connection of the server's superuser.
#[expect(clippy::disallowed_methods, reason = "the test stands outside of the tenancy on purpose")]
pub(crate) async fn superuser(database: &str) -> DatabaseConnection {
    Database::connect(address("postgres", database)).await.unwrap()
}

/// Runs a statement as the server's superuser.
#[expect(clippy::disallowed_methods, reason = "the test stands outside of the tenancy on purpose")]
pub(crate) async fn run(database: &str, sql: &str) {
    superuser(database).await.execute_unprepared(sql).await.unwrap();
}

/// Everything in a database as text, from pg_dump.
pub(crate) fn dump(address: &str) -> Vec<u8> {
    let output = Command::new(server().bin.join("pg_dump")).arg(address).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn server() -> &'static Server {
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let bin = newest_bin();
    let folder = tempfile::tempdir().unwrap().keep();
    fs::write(folder.join("password"), PASSWORD).unwrap();
    let root = fs::metadata("/proc/self").map(|about| std::os::unix::fs::MetadataExt::uid(&about)).unwrap() == 0;
    let mut become_postgres = Vec::new();
    if root {
        assert!(Command::new("chown").arg("-R").arg("postgres").arg(&folder).status().unwrap().success());
        become_postgres.extend(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // Waits for the end of its input, which is the end of this process; then stops the server and cleans up.
    let script = format!(
        "set -e; cd {folder}\n\
         {become_postgres} {bin}/initdb -D data -U postgres -A scram-sha-256 --pwfile=password -N -E UTF8 --locale=C >log 2>&1\n\
         {become_postgres} {bin}/postgres -D data -k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off \
         -c full_page_writes=off -c synchronous_commit=off -c max_connections=300 >>log 2>&1 </dev/null &\n\
         cat >/dev/null; kill -INT $!; wait $!; rm -rf {folder}",
        become_postgres = become_postgres.join(" "),
        bin = bin.display(),
        folder = folder.display(),
    );
    let keeper = Command::new("sh").arg("-c").arg(script).stdin(Stdio::piped()).spawn().unwrap();
    wait_for(&folder, &bin, port);
    Server { port, bin, _keeper: keeper }
}

fn wait_for(folder: &Path, bin: &Path, port: u16) {
    let since = Instant::now();
    let ready = || {
        let mut asked = Command::new(bin.join("pg_isready"));
        asked.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status().unwrap().success()
    };
    while !ready() {
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(since.elapsed() < Duration::from_secs(START_TIMEOUT_S), "PostgreSQL does not start:\n{}", log());
        std::thread::yield_now();
    }
}

fn newest_bin() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("install Debian's package postgresql to run these tests");
    let newest = versions.map(|version| version.unwrap().path()).max().expect("a version of PostgreSQL");
    newest.join("bin")
}
