//! Clients: programs of the company that call on their own account.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{binary, pk_uuid, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["client", "client_assertion"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [client(), client_assertion()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Who may ask for caller tokens without being a person: name, scopes and public keys in one sealed value.
fn client() -> TableCreateStatement {
    Table::create()
        .table("client")
        .col(pk_uuid("id"))
        .col(uuid("owner_person_id"))
        .col(binary("record_sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(ColumnDef::new("last_used_at").timestamp_with_time_zone())
        .take()
}

/// Assertions that were taken, until they are too old to come again.
fn client_assertion() -> TableCreateStatement {
    Table::create()
        .table("client_assertion")
        .col(uuid("client_id"))
        .col(binary("assertion_id_hash"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(Index::create().col("client_id").col("assertion_id_hash"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create().name("client_owner").table("client").col("owner_person_id").take(),
        Index::create().name("client_assertion_expiry").table("client_assertion").col("expires_at").take(),
    ]
}
