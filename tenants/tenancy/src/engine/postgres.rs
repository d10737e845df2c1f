//! PostgreSQL: one schema and one role per tenant, entered with every transaction.
//!
//! Two logins. The owner's, from the configuration, makes and migrates schemas and serves no request. The request
//! login is made here; it owns nothing, may do nothing by itself and inherits nothing, and is a member of every
//! tenant's role, into which a transaction steps with `SET LOCAL ROLE` and out of which it falls when it ends.
//! `set_up` prepares the database, `doctor` looks at it from outside.

mod doctor;
mod set_up;

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use freehold_schema::APPEND_ONLY;
use freehold_types::{Fault, Mint};
use freehold_vault::Vault;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    Statement, TransactionTrait,
};

use crate::doctor::Finding;
use crate::identifier::Identifier;
use crate::registry::Room;
use crate::{fault, migrate};
use set_up::Names;

/// Connections for requests.
const REQUEST_CONNECTIONS_MAX: u32 = 16;
/// Connections for provisioning and migrating.
const OWNER_CONNECTIONS_MAX: u32 = 2;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT_MS: u64 = 10_000;
/// A connection's life: what a backend remembers of the tenants it met is never given back before its end.
const CONNECTION_LIFE_S: u64 = 1_800;
/// An idle connection is closed after this.
const CONNECTION_IDLE_S: u64 = 120;
/// A connection idle for this long is tried out before it is used.
const CONNECTION_DOUBT_S: u64 = 30;

/// The limits of a request's transaction. They stand in the frame, because a role that is stepped into brings no
/// settings of its own.
const LIMITS: &str = "SET LOCAL statement_timeout = '30s'; \
     SET LOCAL idle_in_transaction_session_timeout = '60s'; \
     SET LOCAL lock_timeout = '10s'";
/// Waiting longer for a lock of a migration would make everybody else wait behind it.
const MIGRATION_LIMITS: &str = "SET LOCAL lock_timeout = '5s'";

pub(crate) struct Postgres {
    owner: DatabaseConnection,
    requests: DatabaseConnection,
    names: Names,
}

impl Postgres {
    pub(super) async fn connect(login: PgConnectOptions, vault: &Vault, mint: &Mint) -> Result<Self, Fault> {
        let password = set_up::request_password(vault);
        let owner = pool(login.clone(), OWNER_CONNECTIONS_MAX).await.map_err(set_up::owner_fault)?;
        let names = set_up::prepare(&owner, vault, mint, &password).await?;
        // Without a frame there is no schema to find anything in.
        let login = login.username(names.request_login.as_str()).password(password.expose());
        let login = login.options([("search_path", "\"\"")]);
        let requests = pool(login, REQUEST_CONNECTIONS_MAX)
            .await
            .map_err(|err| set_up::request_login_fault(&names.request_login, err))?;
        Ok(Self { owner, requests, names })
    }

    pub(super) async fn platform(&self) -> Result<DatabaseTransaction, Fault> {
        self.enter(&self.names.platform_role, &self.names.platform_schema).await
    }

    pub(super) async fn tenant(&self, room: &Room) -> Result<DatabaseTransaction, Fault> {
        self.enter(&room.role, &room.schema).await
    }

    /// The frame: role, path and limits in one message, and all of them end with the transaction, however it ends.
    async fn enter(&self, role: &Identifier, schema: &Identifier) -> Result<DatabaseTransaction, Fault> {
        let tx = begin(&self.requests).await?;
        let frame = format!("SET LOCAL ROLE {role}; SET LOCAL search_path TO {schema}; {LIMITS}");
        run(&tx, &frame).await.map_err(|err| fault::storage("entering a tenant", err))?;
        Ok(tx)
    }

    pub(super) async fn build(&self, room: &Room) -> Result<(), Fault> {
        let doing = |err: DbErr| fault::storage("building a tenant's schema", err);
        let Room { schema, role } = room;
        let login = &self.names.request_login;
        let tx = begin(&self.owner).await?;
        lock(&tx, schema.as_str()).await.map_err(doing)?;
        create_role(&tx, role, "NOLOGIN NOINHERIT").await.map_err(doing)?;
        let build = format!(
            "CREATE SCHEMA IF NOT EXISTS {schema}; GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT {role} TO {login}"
        );
        run(&tx, &build).await.map_err(doing)?;
        tx.commit().await.map_err(doing)
    }

    pub(super) async fn migrate(&self, room: &Room, now: DateTime<Utc>) -> Result<i32, Fault> {
        let doing = |err: DbErr| fault::storage("migrating a tenant", err);
        let migrations = freehold_schema::tenant::migrations();
        let tx = begin(&self.owner).await?;
        lock(&tx, room.schema.as_str()).await.map_err(doing)?;
        run(&tx, &format!("SET LOCAL search_path TO {}; {MIGRATION_LIMITS}", room.schema)).await.map_err(doing)?;
        migrate::run(&tx, &migrations, now).await.map_err(doing)?;
        grant_tables(&tx, &migrate::tables(&migrations), &room.role).await.map_err(doing)?;
        tx.commit().await.map_err(doing)?;
        Ok(migrate::latest(&migrations))
    }

    pub(super) async fn closed(&self, rooms: &[Room]) -> Result<Vec<Room>, Fault> {
        let roles = "SELECT r.rolname::text AS name FROM pg_auth_members m \
             JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles l ON l.oid = m.member WHERE l.rolname = $1";
        let rows = rows(&self.owner, roles, [self.names.request_login.as_str().into()])
            .await
            .map_err(|err| fault::storage("reading roles", err))?;
        let open: HashSet<String> = rows.iter().filter_map(|row| row.try_get("", "name").ok()).collect();
        Ok(rooms.iter().filter(|room| !open.contains(room.role.as_str())).cloned().collect())
    }

    pub(super) async fn doctor(&self, rooms: &[Room]) -> Result<Vec<Finding>, Fault> {
        doctor::look(&self.owner, &self.names, rooms).await.map_err(|err| fault::storage("looking at the storage", err))
    }
}

#[expect(clippy::disallowed_methods, reason = "the engine is where databases are opened")]
async fn pool(login: PgConnectOptions, connections: u32) -> Result<DatabaseConnection, DbErr> {
    // "Exists already, skipping" is what every start says; nobody has to read it.
    let login = login.application_name("freehold").options([("client_min_messages", "warning")]);
    let login = login.disable_statement_logging();
    // The address is a stand-in; the login has the real one, parsed already.
    let mut options = ConnectOptions::new("postgres://login");
    options
        .max_connections(connections)
        .min_connections(0)
        .acquire_timeout(Duration::from_millis(ACQUIRE_TIMEOUT_MS))
        .idle_timeout(Duration::from_secs(CONNECTION_IDLE_S))
        .max_lifetime(Duration::from_secs(CONNECTION_LIFE_S))
        .test_before_acquire_if_idle_for(Duration::from_secs(CONNECTION_DOUBT_S))
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |_stand_in| login.clone());
    Database::connect(options).await
}

/// In a task that goes on when whoever asked is gone. Cut off half-way, the driver would give a connection back that is
/// inside a transaction; begun to its end, the transaction is dropped and so rolled back.
#[expect(
    clippy::disallowed_methods,
    reason = "the engine is where transactions begin, and this one must not be cut off"
)]
async fn begin(pool: &DatabaseConnection) -> Result<DatabaseTransaction, Fault> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin().await }).await;
    let begun = begun.map_err(|err| Fault::internal("beginning a transaction", err))?;
    begun.map_err(|err| fault::storage("beginning a transaction", err))
}

/// Runs statements of the engine's own, in which nothing but an [`Identifier`] was filled.
#[expect(clippy::disallowed_methods, reason = "roles, schemas and settings have no other words")]
async fn run(connection: &impl ConnectionTrait, sql: &str) -> Result<(), DbErr> {
    connection.execute_unprepared(sql).await.map(|_done| ())
}

#[expect(clippy::disallowed_methods, reason = "catalogues are no entities")]
async fn rows<const N: usize>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: [sea_orm::Value; N],
) -> Result<Vec<QueryResult>, DbErr> {
    connection.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await
}

/// Waits until no other process works on the same subject; ends with the transaction.
async fn lock(tx: &DatabaseTransaction, subject: &str) -> Result<(), DbErr> {
    rows(tx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [subject.into()]).await.map(|_rows| ())
}

/// Roles belong to the whole server and have no `IF NOT EXISTS`; the caller holds a lock.
async fn create_role(tx: &DatabaseTransaction, role: &Identifier, attributes: &str) -> Result<(), DbErr> {
    let known = rows(tx, "SELECT 1 FROM pg_roles WHERE rolname = $1", [role.as_str().into()]).await?;
    if known.is_empty() { run(tx, &format!("CREATE ROLE {role} {attributes}")).await } else { Ok(()) }
}

/// Names the tables: granting on all tables of a schema would scan the catalogue of all tenants.
async fn grant_tables(tx: &DatabaseTransaction, tables: &[&str], role: &Identifier) -> Result<(), DbErr> {
    let (added_to, changed): (Vec<&str>, Vec<&str>) = tables.iter().partition(|table| APPEND_ONLY.contains(table));
    for (rights, tables) in [("SELECT, INSERT", added_to), ("SELECT, INSERT, UPDATE, DELETE", changed)] {
        let tables = tables.into_iter().filter_map(Identifier::parse).map(|table| format!("\"{table}\""));
        let tables: Vec<String> = tables.collect();
        if !tables.is_empty() {
            run(tx, &format!("GRANT {rights} ON {} TO {role}", tables.join(", "))).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
