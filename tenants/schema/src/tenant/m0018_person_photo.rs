//! People's photos, and how far they were read.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Table, TableCreateStatement};
use sea_orm_migration::schema::{big_integer, binary, pk_uuid, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["person_photo", "photo_reading"];

/// Creates the tables above and adds a column to the people.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Keyed digest of the photo as the directory has it; none when there is none.
        let column = ColumnDef::new("photo_index").binary().take();
        manager.alter_table(Table::alter().table("person").add_column(column).take()).await?;
        manager.create_table(person_photo()).await?;
        manager.create_table(photo_reading()).await
    }
}

/// One row per person who has one.
fn person_photo() -> TableCreateStatement {
    Table::create().table("person_photo").col(pk_uuid("person_id")).col(binary("photo_sealed")).take()
}

/// One row per directory. Photos are to be read when more was wanted than is done; `sync_run_id` is the run that wanted
/// them last, which tells what could not be used.
fn photo_reading() -> TableCreateStatement {
    Table::create()
        .table("photo_reading")
        .col(pk_uuid("directory_id"))
        .col(big_integer("wanted_count"))
        .col(big_integer("done_count"))
        .col(uuid("sync_run_id"))
        .take()
}
