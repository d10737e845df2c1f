//! Prepares a database: platform schema, the two roles, and the holes that PostgreSQL leaves open.

use std::fmt::Write;

use freehold_types::{Fault, Mint, Secret};
use freehold_vault::Vault;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

use super::{begin, create_role, grant_tables, lock, rows, run};
use crate::engine::installation;
use crate::identifier::Identifier;
use crate::{fault, migrate};

/// Roles belong to the whole server, so their names come from the name of the database.
pub(super) struct Names {
    pub(super) platform_schema: Identifier,
    pub(super) platform_role: Identifier,
    pub(super) request_login: Identifier,
}

/// What may be open to everybody in a fresh database, and must not be.
pub(super) struct Hole {
    pub(super) what: &'static str,
    /// True while it is open.
    pub(super) open: &'static str,
    close: &'static str,
    pub(super) cure: &'static str,
}

pub(super) const HOLES: [Hole; 3] = [
    Hole {
        // A single injected SELECT could otherwise step into another tenant's role.
        what: "everybody may execute set_config",
        open: "SELECT has_function_privilege('public', 'pg_catalog.set_config(text,text,boolean)', 'EXECUTE') AS open",
        close: "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC",
        // The owner needs it for pg_dump, and is no role that a request can step into.
        cure: "as a superuser, in this database: \
               REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC; \
               GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO the login of the storage address",
    },
    Hole {
        what: "everybody may make temporary tables",
        open: "SELECT has_database_privilege('public', current_database(), 'TEMP') AS open",
        close: "DO $$ BEGIN EXECUTE format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database()); END $$",
        cure: "as the owner of this database: REVOKE TEMP ON DATABASE … FROM PUBLIC",
    },
    Hole {
        what: "everybody may create in the schema public",
        open: "SELECT coalesce(bool_or(has_schema_privilege('public', oid, 'CREATE')), false) AS open \
               FROM pg_namespace WHERE nspname = 'public'",
        close: "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        cure: "as the owner of this database: REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    },
];

/// The request login's password: the same in every process that has the master key, and stored nowhere.
pub(super) fn request_password(vault: &Vault) -> Secret<String> {
    let mut hex = String::with_capacity(64);
    for byte in vault.derive("postgres-login").expose() {
        write!(hex, "{byte:02x}").expect("writing into a string succeeds");
    }
    Secret::new(hex)
}

/// Everything in one transaction: a second process that starts at the same time waits and then finds it done.
pub(super) async fn prepare(
    owner: &DatabaseConnection,
    vault: &Vault,
    mint: &Mint,
    password: &Secret<String>,
) -> Result<Names, Fault> {
    let doing = |err: DbErr| fault::storage("setting up the database", err);
    let tx = begin(owner).await?;
    lock(&tx, "freehold").await.map_err(doing)?;
    let names = names(&tx).await.map_err(doing)?;
    close_holes(&tx).await?;
    let Names { platform_schema: schema, platform_role: role, request_login: login } = &names;
    create_role(&tx, role, "NOLOGIN NOINHERIT").await.map_err(role_fault)?;
    create_role(&tx, login, "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE").await.map_err(role_fault)?;
    let enter = format!("CREATE SCHEMA IF NOT EXISTS {schema}; SET LOCAL search_path TO {schema}");
    run(&tx, &enter).await.map_err(doing)?;
    let migrations = freehold_schema::platform::migrations();
    migrate::run(&tx, &migrations, mint.now()).await.map_err(doing)?;
    // Before the password is set: a wrong master key must not lock out those with the right one.
    installation::prove(&tx, &vault.platform_keys(), mint.now()).await?;
    let rights = format!(
        "ALTER ROLE {login} PASSWORD '{}'; ALTER ROLE {login} SET search_path = ''; \
         GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT {role} TO {login}",
        password.expose()
    );
    run(&tx, &rights).await.map_err(doing)?;
    grant_tables(&tx, &migrate::tables(&migrations), role).await.map_err(doing)?;
    tx.commit().await.map_err(doing)?;
    Ok(names)
}

async fn names(tx: &DatabaseTransaction) -> Result<Names, DbErr> {
    let found = rows(tx, "SELECT substr(md5(current_database()), 1, 16) AS hash", []).await?;
    let hash: String = found.first().map_or_else(|| Ok(String::new()), |row| row.try_get("", "hash"))?;
    let name = |text: String| Identifier::parse(&text).ok_or_else(|| DbErr::Custom(format!("{text} is no name")));
    Ok(Names {
        platform_schema: name("freehold".to_owned())?,
        platform_role: name(format!("fh_platform_{hash}"))?,
        request_login: name(format!("fh_app_{hash}"))?,
    })
}

/// Closes what is open. An owner who may not is told what to ask for; better no start than a start with a hole.
async fn close_holes(tx: &DatabaseTransaction) -> Result<(), Fault> {
    let doing = |err: DbErr| fault::storage("hardening the database", err);
    for hole in &HOLES {
        if is_open(tx, hole).await.map_err(doing)? {
            try_close(tx, hole).await.map_err(doing)?;
        }
        if is_open(tx, hole).await.map_err(doing)? {
            return Err(fault::refused(format!("{}, and this login may not change that", hole.what)).cure(hole.cure));
        }
    }
    Ok(())
}

/// In a savepoint: an owner who may not must not end the whole transaction.
#[expect(clippy::disallowed_methods, reason = "a savepoint inside the engine's own transaction")]
async fn try_close(tx: &DatabaseTransaction, hole: &Hole) -> Result<(), DbErr> {
    let savepoint = tx.begin().await?;
    match run(&savepoint, hole.close).await {
        Ok(()) => savepoint.commit().await,
        Err(refused) if fault::sqlstate(&refused).as_deref() == Some("42501") => savepoint.rollback().await,
        Err(other) => Err(other),
    }
}

pub(super) async fn is_open(connection: &impl sea_orm::ConnectionTrait, hole: &Hole) -> Result<bool, DbErr> {
    let found = rows(connection, hole.open, []).await?;
    found.first().map_or(Ok(false), |row| row.try_get("", "open"))
}

fn role_fault(err: DbErr) -> Fault {
    if fault::sqlstate(&err).as_deref() == Some("42501") {
        return fault::refused("the storage's login may not create roles, and every tenant needs one")
            .cure("as a superuser: ALTER ROLE … CREATEROLE, for the login of the storage address")
            .because(err);
    }
    fault::storage("creating roles", err)
}

pub(super) fn owner_fault(err: DbErr) -> Fault {
    match fault::sqlstate(&err).as_deref() {
        Some("28000" | "28P01") => fault::refused("the storage server refuses the login of the storage address")
            .cure("check the user, the password and the server's pg_hba.conf")
            .because(err),
        Some("3D000") => fault::refused("the database of the storage address does not exist")
            .cure("create it, owned by the login of the storage address")
            .because(err),
        Some(_) | None => fault::storage("connecting to the storage server", err),
    }
}

pub(super) fn request_login_fault(login: &Identifier, err: DbErr) -> Fault {
    match fault::sqlstate(&err).as_deref() {
        Some("28000" | "28P01") => fault::refused(format!("the storage server refuses the request login {login}"))
            .cure("let it sign in with a password: a line for it with scram-sha-256 in the server's pg_hba.conf")
            .because(err),
        Some(_) | None => fault::storage("connecting to the storage server", err),
    }
}
