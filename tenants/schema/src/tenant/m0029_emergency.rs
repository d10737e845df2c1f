//! Emergency accounts, and when an administrator last came in through a connection.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Table};
use sea_orm_migration::schema::{binary, pk_uuid, timestamp_with_time_zone, timestamp_with_time_zone_null};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["emergency_account"];

/// Creates the table above and adds a column to the connections.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let account = Table::create()
            .table("emergency_account")
            .col(pk_uuid("id"))
            .col(binary("name_sealed"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("used_at"))
            .take();
        manager.create_table(account).await?;
        let tried = ColumnDef::new("tried_at").timestamp_with_time_zone().null().take();
        manager.alter_table(Table::alter().table("connection").add_column(tried).take()).await
    }
}
