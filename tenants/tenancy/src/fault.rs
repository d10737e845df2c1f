//! What can go wrong with a storage engine, in our words.

use std::time::Duration;

use freehold_types::{Fault, Kind, Reason, TenantId};
use freehold_vault::{Field, VaultError};
use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use tracing::error;

/// How long a caller should wait before it tries a busy storage again.
const RETRY_AFTER_MS: u64 = 500;

/// A failed statement or connection, while `doing` something.
pub(crate) fn storage(doing: &'static str, err: DbErr) -> Fault {
    if let Some(SqlErr::UniqueConstraintViolation(_)) = err.sql_err() {
        return Fault::new(Kind::AlreadyExists, Reason::AlreadyExists, "something of that name or id exists already")
            .because(err);
    }
    match sqlstate(&err).as_deref() {
        // Insufficient privilege: some statement reached for another tenant, or beyond what a tenant may do.
        Some("42501") => {
            error!(security = true, doing, error = %err, "the storage refused a statement that reaches beyond its tenant");
            return Fault::internal(doing, err);
        }
        // Connection failures, shutdown, too many connections, lock and statement limits, deadlock, serialisation;
        // 5, 6, 261 and 517 are SQLite's busy and locked.
        Some(
            "08000" | "08001" | "08003" | "08004" | "08006" | "25P03" | "40001" | "40P01" | "53300" | "55P03" | "57014"
            | "57P01" | "57P02" | "57P03" | "5" | "6" | "261" | "517",
        ) => return unavailable(err),
        Some(_) | None => {}
    }
    if unreachable(&err) { unavailable(err) } else { Fault::internal(doing, err) }
}

fn unavailable(err: DbErr) -> Fault {
    Fault::new(Kind::Unavailable, Reason::StorageUnavailable, "the storage is busy or cannot be reached")
        .cure("try again in a moment; if it stays, look at the storage server's log")
        .retry_after(Duration::from_millis(RETRY_AFTER_MS))
        .because(err)
}

fn runtime(err: &DbErr) -> Option<&sqlx::Error> {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = err else { return None };
    if let RuntimeErr::SqlxError(inner) = inner { Some(inner) } else { None }
}

/// The engine's own code of the error.
pub(crate) fn sqlstate(err: &DbErr) -> Option<String> {
    runtime(err)?.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

fn unreachable(err: &DbErr) -> bool {
    matches!(err, DbErr::ConnectionAcquire(_) | DbErr::Conn(RuntimeErr::Internal(_)))
        || matches!(
            runtime(err),
            Some(
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            )
        )
}

/// A value that does not open: sealed for another tenant, row or column, or changed since.
pub(crate) fn sealed_elsewhere(field: Field, err: VaultError) -> Fault {
    error!(security = true, field = field.name, error = %err, "a sealed value does not open under this tenant's key");
    Fault::internal("opening a sealed value", err)
}

pub(crate) fn keys(tenant: TenantId, err: VaultError) -> Fault {
    error!(security = true, tenant.id = %tenant, error = %err, "a tenant's key does not open under this master key");
    Fault::internal("opening a tenant's key", err)
}

pub(crate) fn tenant_not_found(tenant: TenantId) -> Fault {
    Fault::not_found(Reason::TenantNotFound, "tenant", tenant)
}

pub(crate) fn tenant_not_active(tenant: TenantId) -> Fault {
    Fault::not_found(Reason::TenantNotActive, "active tenant", tenant)
}

pub(crate) fn wrong_master_key(err: VaultError) -> Fault {
    refused("this storage was set up with another master key")
        .cure("start with the master key file this storage was set up with")
        .because(err)
}

pub(crate) fn folder(what: &str, err: std::io::Error) -> Fault {
    refused(what).cure("check that the folder exists, is writable and has room").because(err)
}

/// The storage is there, but not as Freehold needs it.
pub(crate) fn refused(message: impl Into<String>) -> Fault {
    Fault::new(Kind::Unavailable, Reason::StorageRefused, message)
}

/// The registry holds something that this version cannot have written.
pub(crate) fn registry_broken(tenant: TenantId, what: &str) -> Fault {
    Fault::internal("reading the registry", format!("tenant {tenant} has {what}"))
}
