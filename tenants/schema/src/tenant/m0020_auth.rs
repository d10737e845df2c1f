//! The auth service's tables.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{binary, pk_uuid, timestamp_with_time_zone, uuid};
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

/// A tenant's trust in its IdPs.
fn connection() -> TableCreateStatement {
    Table::create()
        .table("connection")
        .col(pk_uuid("id"))
        .col(binary("name_index"))
        .col(binary("settings_sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

/// One row: how people may sign in.
fn policy() -> TableCreateStatement {
    Table::create()
        .table("sign_in_policy")
        .col(pk_uuid("id"))
        .col(ColumnDef::new("access_codes").boolean().not_null())
        .col(ColumnDef::new("sso_only").boolean().not_null())
        .take()
}

/// Attempts that wait for the browser to come back from the IdP; a row is removed by the first who comes.
fn sign_in() -> TableCreateStatement {
    Table::create()
        .table("sign_in")
        .col(pk_uuid("id"))
        .col(binary("browser_token_hash"))
        .col(uuid("connection_id"))
        .col(binary("secrets_sealed"))
        .col(timestamp_with_time_zone("expires_at"))
        .take()
}

/// Subjects at connections, each linked to one person.
fn identity() -> TableCreateStatement {
    Table::create()
        .table("identity")
        .col(pk_uuid("id"))
        .col(uuid("connection_id"))
        .col(binary("subject_index"))
        .col(binary("subject_sealed"))
        .col(uuid("person_id"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

/// What successful sign-ins left. A session counts only while its row is here.
fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(pk_uuid("id"))
        .col(binary("token_hash"))
        .col(uuid("person_id"))
        .col(ColumnDef::new("connection_id").uuid())
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("last_used_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .take()
}

/// Codes that were issued and not used yet, one per person.
fn access_code() -> TableCreateStatement {
    Table::create()
        .table("access_code")
        .col(pk_uuid("id"))
        .col(binary("code_index"))
        .col(uuid("person_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
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
