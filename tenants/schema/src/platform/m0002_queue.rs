//! The job queue: work that must happen once the transaction that asked for it is committed.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::schema::{
    binary, integer, pk_uuid, small_integer, string_len, timestamp_with_time_zone, timestamp_with_time_zone_null,
};
use sea_orm_migration::sea_orm::sea_query::{Index, Table};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["job"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("job")
                    .col(pk_uuid("id"))
                    .col(string_len("kind", 64))
                    .col(binary("key_index").unique_key())
                    .col(binary("payload_sealed"))
                    .col(small_integer("state"))
                    .col(timestamp_with_time_zone("run_at"))
                    .col(timestamp_with_time_zone_null("leased_until_at"))
                    .col(integer("try_count"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(Index::create().name("job_due").table("job").col("state").col("run_at").to_owned()).await
    }
}
