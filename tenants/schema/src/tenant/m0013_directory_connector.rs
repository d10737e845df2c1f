//! Connectors of the directory service.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, Table};
use sea_orm_migration::schema::{binary, pk_uuid, small_integer, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["connector"];

/// Creates the table above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Keys that asked to read a directory from inside the company's network. State: 1 waits, 2 approved.
        let table = Table::create()
            .table("connector")
            .col(pk_uuid("id"))
            .col(uuid("directory_id"))
            .col(binary("key_index"))
            .col(binary("record_sealed"))
            .col(small_integer("state"))
            .col(timestamp_with_time_zone("created_at"))
            .col(ColumnDef::new("approved_at").timestamp_with_time_zone())
            .col(ColumnDef::new("last_seen_at").timestamp_with_time_zone())
            .take();
        manager.create_table(table).await?;
        let unique = Index::create()
            .name("connector_key")
            .table("connector")
            .col("directory_id")
            .col("key_index")
            .unique()
            .take();
        manager.create_index(unique).await
    }
}
