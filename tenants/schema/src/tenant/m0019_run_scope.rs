//! How many people of a directory are active, without reading their rows; which runs read everything.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, Table};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &[];

/// Adds an index and a column.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name("person_state").table("person").col("directory_id").col("state").col("administrator");
        manager.create_index(index.take()).await?;
        let whole = ColumnDef::new("whole").boolean().not_null().default(false).take();
        manager.alter_table(Table::alter().table("sync_run").add_column(whole).take()).await
    }
}
