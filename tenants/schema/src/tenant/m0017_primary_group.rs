//! Who has which directory group as primary group.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Table};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &[];

/// Adds columns to the tables that were there.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("person", "primary_group_index"), ("directory_group", "sid_index")] {
            let add = Table::alter().table(table).add_column(ColumnDef::new(column).binary()).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }
}
