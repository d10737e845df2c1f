//! What a session is asked about at the IdP it came from.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, Table};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &[];

/// Adds columns to the sessions.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("refresh_token_sealed").binary().take(),
            ColumnDef::new("subject_index").binary().take(),
            ColumnDef::new("probe_due_at").timestamp_with_time_zone().take(),
            ColumnDef::new("probe_failed_at").timestamp_with_time_zone().take(),
        ] {
            manager.alter_table(Table::alter().table("session").add_column(column).take()).await?;
        }
        manager
            .create_index(Index::create().name("session_probe_due").table("session").col("probe_due_at").take())
            .await
    }
}
