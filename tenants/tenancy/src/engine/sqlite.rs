//! SQLite: one file for the platform and one per tenant. The file is the wall.
//!
//! Each file has one connection in this process, so its transactions take turns without asking the disk; other
//! processes may have theirs, and then wait for each other at most [`BUSY_TIMEOUT_MS`]. All transactions are
//! immediate: one that reads first and writes later could otherwise fail half-way.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use freehold_types::{Fault, Kind, Mint};
use freehold_vault::Vault;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::Mutex;

use super::installation;
use crate::doctor::Finding;
use crate::registry::Room;
use crate::{fault, migrate};

/// How long one process waits for another's transaction on the same file.
const BUSY_TIMEOUT_MS: u64 = 10_000;
/// How long a transaction of this process waits for the one before it.
const TURN_TIMEOUT_MS: u64 = 30_000;
/// Tenant files open at once: each costs a thread and three file handles.
const OPEN_FILES_MAX: usize = 256;
/// Tries to open a file that another process is just setting up.
const OPEN_TRIES_MAX: u32 = 50;
const OPEN_PAUSE_MS: u64 = 100;

pub(crate) struct Sqlite {
    folder: PathBuf,
    platform: DatabaseConnection,
    platform_reads: DatabaseConnection,
    tenants: Mutex<OpenFiles>,
}

/// Open tenant files, the longest unused one closed first.
#[derive(Default)]
struct OpenFiles {
    files: HashMap<PathBuf, (u64, DatabaseConnection)>,
    uses: u64,
}

impl Sqlite {
    pub(super) async fn connect(folder: PathBuf, vault: &Vault, mint: &Mint) -> Result<Self, Fault> {
        create_folder(&folder.join("tenants"))
            .map_err(|err| fault::folder("the storage folder cannot be made", err))?;
        let file = folder.join("platform.db");
        let platform = open(&file, true).await?;
        let tx = begin(&platform, SqliteTransactionMode::Immediate).await?;
        let migrations = freehold_schema::platform::migrations();
        migrate::run(&tx, &migrations, mint.now())
            .await
            .map_err(|err| fault::storage("migrating the platform", err))?;
        installation::prove(&tx, &vault.platform_keys(), mint.now()).await?;
        tx.commit().await.map_err(|err| fault::storage("migrating the platform", err))?;
        let platform_reads = open(&file, false).await?;
        Ok(Self { folder, platform, platform_reads, tenants: Mutex::default() })
    }

    pub(super) async fn platform(&self) -> Result<DatabaseTransaction, Fault> {
        begin(&self.platform, SqliteTransactionMode::Immediate).await
    }

    pub(super) async fn read_platform(&self) -> Result<DatabaseTransaction, Fault> {
        begin(&self.platform_reads, SqliteTransactionMode::Deferred).await
    }

    pub(super) async fn tenant(&self, room: &Room) -> Result<DatabaseTransaction, Fault> {
        begin(&self.file_of(room, false).await?, SqliteTransactionMode::Immediate).await
    }

    pub(super) async fn build(&self, room: &Room) -> Result<(), Fault> {
        self.file_of(room, true).await.map(|_file| ())
    }

    pub(super) async fn migrate(&self, room: &Room, now: DateTime<Utc>) -> Result<i32, Fault> {
        let migrations = freehold_schema::tenant::migrations();
        let tx = self.tenant(room).await?;
        migrate::run(&tx, &migrations, now).await.map_err(|err| fault::storage("migrating a tenant", err))?;
        tx.commit().await.map_err(|err| fault::storage("migrating a tenant", err))?;
        Ok(migrate::latest(&migrations))
    }

    pub(super) fn doctor(&self, rooms: &[Room]) -> Vec<Finding> {
        let missing = rooms.iter().filter(|room| !self.path_of(room).is_file()).count();
        let exposed = others_may_enter(&self.folder);
        vec![
            Finding::new(
                missing == 0,
                format!(
                    "{missing} of {} tenants have no file in {}",
                    rooms.len(),
                    self.folder.join("tenants").display()
                ),
                "put the missing files back from a backup",
            ),
            Finding::new(
                !exposed,
                if exposed {
                    "other accounts may enter the storage folder"
                } else {
                    "only our account may enter the storage folder"
                },
                format!("chmod 700 {}", self.folder.display()),
            ),
        ]
    }

    fn path_of(&self, room: &Room) -> PathBuf {
        self.folder.join("tenants").join(format!("{}.db", room.schema))
    }

    async fn file_of(&self, room: &Room, create: bool) -> Result<DatabaseConnection, Fault> {
        let path = self.path_of(room);
        // Held while a file is opened, so that a file is opened once: two milliseconds.
        let mut open_files = self.tenants.lock().await;
        open_files.uses += 1;
        let now = open_files.uses;
        if let Some((used, file)) = open_files.files.get_mut(&path) {
            *used = now;
            return Ok(file.clone());
        }
        let file = open(&path, create).await?;
        if open_files.files.len() >= OPEN_FILES_MAX {
            let oldest = open_files.files.iter().min_by_key(|(_, (used, _))| *used).map(|(path, _)| path.clone());
            // Whoever still has a transaction on it keeps it open until that ends.
            oldest.and_then(|path| open_files.files.remove(&path));
        }
        open_files.files.insert(path, (now, file.clone()));
        Ok(file)
    }
}

async fn open(path: &Path, create: bool) -> Result<DatabaseConnection, Fault> {
    if create {
        create_file(path).map_err(|err| fault::folder("a database file cannot be made in the storage folder", err))?;
    }
    let mut tries = 0;
    loop {
        tries += 1;
        match open_once(path).await.map_err(|err| fault::storage("opening a database file", err)) {
            // Two processes that turn on the write-ahead log of one file at once: the later one is refused, not queued.
            Err(busy) if busy.kind() == Kind::Unavailable && tries < OPEN_TRIES_MAX => {
                tokio::time::sleep(Duration::from_millis(OPEN_PAUSE_MS)).await;
            }
            outcome => return outcome,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the engine is where databases are opened")]
async fn open_once(path: &Path) -> Result<DatabaseConnection, DbErr> {
    let file = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit that was answered survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))
        .disable_statement_logging();
    let mut options = ConnectOptions::new("sqlite::memory:");
    options
        .max_connections(1)
        .min_connections(0)
        .acquire_timeout(Duration::from_millis(TURN_TIMEOUT_MS))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |_| file.clone());
    Database::connect(options).await
}

#[expect(clippy::disallowed_methods, reason = "the engine is where transactions begin")]
async fn begin(file: &DatabaseConnection, mode: SqliteTransactionMode) -> Result<DatabaseTransaction, Fault> {
    let options = TransactionOptions { sqlite_transaction_mode: Some(mode), ..TransactionOptions::default() };
    file.begin_with_options(options).await.map_err(|err| fault::storage("beginning a transaction", err))
}

#[cfg(unix)]
fn create_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// For our account only; the files that SQLite puts beside it take that over. An empty file is an empty database.
#[cfg(unix)]
fn create_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(|_file| ())
}

#[cfg(not(unix))]
fn create_file(path: &Path) -> io::Result<()> {
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(path).map(|_file| ())
}

#[cfg(not(unix))]
fn create_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(unix)]
fn others_may_enter(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_enter(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
