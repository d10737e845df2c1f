//! Where the data is.

use std::path::PathBuf;

use freehold_types::{Fault, Kind, Reason, Secret};
use sea_orm::sqlx::postgres::PgConnectOptions;

/// Where the data is, as the configuration says it.
#[derive(Debug, Clone)]
pub struct Storage {
    /// `postgres://owner:password@host/database`, or `sqlite:///folder`. Secret, because it may hold a password.
    pub url: Secret<String>,
}

/// What a storage address means.
pub(crate) enum Place {
    /// A PostgreSQL database, entered as its owner.
    Postgres(Box<PgConnectOptions>),
    /// A folder of SQLite files.
    Folder(PathBuf),
}

impl Storage {
    /// Takes a storage address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: Secret::new(url.into()) }
    }

    pub(crate) fn place(&self) -> Result<Place, Fault> {
        let url = self.url.expose();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            // Parsed here, because the entity layer panics at an address it cannot read.
            let owner = url.parse().map_err(|err| no_address().because(err))?;
            return Ok(Place::Postgres(Box::new(owner)));
        }
        match url.strip_prefix("sqlite://") {
            Some(folder) if !folder.is_empty() => Ok(Place::Folder(PathBuf::from(folder))),
            Some(_) | None => Err(no_address()),
        }
    }
}

fn no_address() -> Fault {
    Fault::new(Kind::Invalid, Reason::StorageRefused, "the storage address names no storage we know")
        .cure("write postgres://owner:password@host/database or sqlite:///folder")
}
