//! Passkeys.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{binary, pk_uuid, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["passkey", "passkey_attempt"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [passkey(), passkey_attempt()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Keys on people's devices: the public half.
fn passkey() -> TableCreateStatement {
    Table::create()
        .table("passkey")
        .col(pk_uuid("id"))
        .col(uuid("person_id"))
        .col(binary("credential_index"))
        .col(binary("record_sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .col(ColumnDef::new("last_used_at").timestamp_with_time_zone())
        .take()
}

/// What a browser was asked to sign; a row is removed by the first who comes with an answer.
fn passkey_attempt() -> TableCreateStatement {
    Table::create()
        .table("passkey_attempt")
        .col(pk_uuid("id"))
        .col(binary("browser_token_hash"))
        .col(binary("state_sealed"))
        .col(timestamp_with_time_zone("expires_at"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, column: &'static str| {
        Index::create().name(name).table(table).col(column).take()
    };
    vec![
        index("passkey_credential", "passkey", "credential_index").unique().take(),
        index("passkey_person", "passkey", "person_id"),
        index("passkey_attempt_browser_token", "passkey_attempt", "browser_token_hash").unique().take(),
        index("passkey_attempt_expiry", "passkey_attempt", "expires_at"),
    ]
}
