//! People who are in more than one directory.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{Index, Table, TableCreateStatement};
use sea_orm_migration::schema::{binary, boolean, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["directory_link"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(directory_link()).await?;
        for column in ["person_id", "entry_index"] {
            let name = format!("directory_link_{column}");
            manager.create_index(Index::create().name(name).table("directory_link").col(column).take()).await?;
        }
        Ok(())
    }
}

/// One row per entry of a directory that is a person of whom another directory tells.
fn directory_link() -> TableCreateStatement {
    Table::create()
        .table("directory_link")
        .col(uuid("directory_id"))
        .col(uuid("person_id"))
        .col(binary("entry_index"))
        .col(binary("dn_index"))
        .col(boolean("enabled"))
        .primary_key(Index::create().col("directory_id").col("person_id"))
        .take()
}
