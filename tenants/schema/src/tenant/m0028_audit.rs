//! The audit log.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{Index, Table, TableCreateStatement};
use sea_orm_migration::schema::{big_integer, binary, integer, pk_uuid, timestamp_with_time_zone};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["audit_event", "audit_head"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(audit_event()).await?;
        manager.create_table(audit_head()).await?;
        let sequence =
            Index::create().name("audit_event_sequence").table("audit_event").col("sequence").unique().take();
        manager.create_index(sequence).await
    }
}

/// Events, numbered from 1 without a gap. `chain_hash` binds a row to all before it.
fn audit_event() -> TableCreateStatement {
    Table::create()
        .table("audit_event")
        .col(pk_uuid("id"))
        .col(big_integer("sequence"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(binary("details_sealed"))
        .col(integer("key_version"))
        .col(binary("chain_hash"))
        .take()
}

/// Where the log ends; one row, which whoever adds to the log holds.
fn audit_head() -> TableCreateStatement {
    Table::create().table("audit_head").col(pk_uuid("id")).col(big_integer("sequence")).col(binary("chain_hash")).take()
}
