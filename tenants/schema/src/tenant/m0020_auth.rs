//! The auth service's tables.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["connection", "sign_in_policy", "sign_in", "identity", "session", "access_code"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [connection(), policy(), sign_in(), identity(), session(), access_code()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary().not_null().take()
}

fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

/// A tenant's trust in its IdPs.
fn connection() -> TableCreateStatement {
    Table::create()
        .table("connection")
        .col(id())
        .col(bytes("name_index"))
        .col(bytes("settings_sealed"))
        .col(moment("created_at"))
        .take()
}

/// One row: how people may sign in.
fn policy() -> TableCreateStatement {
    Table::create()
        .table("sign_in_policy")
        .col(id())
        .col(ColumnDef::new("access_codes").boolean().not_null())
        .col(ColumnDef::new("sso_only").boolean().not_null())
        .take()
}

/// Attempts that wait for the browser to come back from the IdP; a row is removed by the first who comes.
fn sign_in() -> TableCreateStatement {
    Table::create()
        .table("sign_in")
        .col(id())
        .col(bytes("browser_token_hash"))
        .col(uuid("connection_id"))
        .col(bytes("secrets_sealed"))
        .col(moment("expires_at"))
        .take()
}

/// Subjects at connections, each linked to one person.
fn identity() -> TableCreateStatement {
    Table::create()
        .table("identity")
        .col(id())
        .col(uuid("connection_id"))
        .col(bytes("subject_index"))
        .col(bytes("subject_sealed"))
        .col(uuid("person_id"))
        .col(moment("created_at"))
        .take()
}

/// What successful sign-ins left. A session counts only while its row is here.
fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(id())
        .col(bytes("token_hash"))
        .col(uuid("person_id"))
        .col(ColumnDef::new("connection_id").uuid())
        .col(moment("created_at"))
        .col(moment("last_used_at"))
        .col(moment("expires_at"))
        .take()
}

/// Codes that were issued and not used yet, one per person.
fn access_code() -> TableCreateStatement {
    Table::create()
        .table("access_code")
        .col(id())
        .col(bytes("code_index"))
        .col(uuid("person_id"))
        .col(moment("created_at"))
        .col(moment("expires_at"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index("connection_name", "connection", &["name_index"]).unique().take(),
        index("sign_in_browser_token", "sign_in", &["browser_token_hash"]).unique().take(),
        index("sign_in_expiry", "sign_in", &["expires_at"]),
        index("identity_subject", "identity", &["connection_id", "subject_index"]).unique().take(),
        index("session_token", "session", &["token_hash"]).unique().take(),
        index("session_person", "session", &["person_id"]),
        index("session_connection", "session", &["connection_id"]),
        index("session_expiry", "session", &["expires_at"]),
        index("access_code_code", "access_code", &["code_index"]).unique().take(),
        index("access_code_person", "access_code", &["person_id"]).unique().take(),
        index("access_code_expiry", "access_code", &["expires_at"]),
    ]
}
