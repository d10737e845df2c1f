//! The two storage engines behind one face: the only files that know which one it is.

mod installation;
mod postgres;
mod sqlite;

use chrono::{DateTime, Utc};
use freehold_types::{Fault, Mint};
use freehold_vault::Vault;
use sea_orm::DatabaseTransaction;

use crate::doctor::Finding;
use crate::registry::Room;
use crate::storage::{Place, Storage};
use postgres::Postgres;
use sqlite::Sqlite;

/// Where the data is, opened.
pub(crate) enum Engine {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

impl Engine {
    /// Opens the storage; its platform tables are complete and hardened after that.
    pub(crate) async fn connect(storage: &Storage, vault: &Vault, mint: &Mint) -> Result<Self, Fault> {
        match storage.place()? {
            Place::Postgres(owner) => Ok(Self::Postgres(Postgres::connect(*owner, vault, mint).await?)),
            Place::Folder(folder) => Ok(Self::Sqlite(Sqlite::connect(folder, vault, mint).await?)),
        }
    }

    /// Begins on the platform's tables.
    pub(crate) async fn platform(&self) -> Result<DatabaseTransaction, Fault> {
        match self {
            Self::Postgres(engine) => engine.platform().await,
            Self::Sqlite(engine) => engine.platform().await,
        }
    }

    /// Begins on the platform's tables without waiting for whoever writes there.
    pub(crate) async fn read_platform(&self) -> Result<DatabaseTransaction, Fault> {
        match self {
            Self::Postgres(engine) => engine.platform().await,
            Self::Sqlite(engine) => engine.read_platform().await,
        }
    }

    /// Begins in a tenant's room, from where nothing else can be seen.
    pub(crate) async fn tenant(&self, room: &Room) -> Result<DatabaseTransaction, Fault> {
        match self {
            Self::Postgres(engine) => engine.tenant(room).await,
            Self::Sqlite(engine) => engine.tenant(room).await,
        }
    }

    /// Makes a tenant's room, or finds it made.
    pub(crate) async fn build(&self, room: &Room) -> Result<(), Fault> {
        match self {
            Self::Postgres(engine) => engine.build(room).await,
            Self::Sqlite(engine) => engine.build(room).await,
        }
    }

    /// Brings a tenant's tables up to date; gives the version they have now.
    pub(crate) async fn migrate(&self, room: &Room, now: DateTime<Utc>) -> Result<i32, Fault> {
        match self {
            Self::Postgres(engine) => engine.migrate(room, now).await,
            Self::Sqlite(engine) => engine.migrate(room, now).await,
        }
    }

    /// Those of these rooms that requests cannot enter, because a restored database came without its roles.
    pub(crate) async fn closed(&self, rooms: &[Room]) -> Result<Vec<Room>, Fault> {
        match self {
            Self::Postgres(engine) => engine.closed(rooms).await,
            // A file that is missing is not made anew in silence: somebody has to put it back.
            Self::Sqlite(_) => Ok(Vec::new()),
        }
    }

    /// Looks whether rooms are still apart.
    pub(crate) async fn doctor(&self, rooms: &[Room]) -> Result<Vec<Finding>, Fault> {
        match self {
            Self::Postgres(engine) => engine.doctor(rooms).await,
            Self::Sqlite(engine) => Ok(engine.doctor(rooms)),
        }
    }
}
