//! The outbox: events written in the transaction they tell of, relayed after it is committed.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::schema::{
    big_integer, binary, pk_uuid, small_integer, string_len, timestamp_with_time_zone, timestamp_with_time_zone_null,
};
use sea_orm_migration::sea_orm::sea_query::{Index, Table};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["outbox"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("outbox")
                    .col(pk_uuid("id"))
                    .col(small_integer("owner"))
                    .col(string_len("topic", 64))
                    .col(binary("payload_sealed"))
                    .col(small_integer("state"))
                    .col(big_integer("position"))
                    .col(small_integer("try_count"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("delivered_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("outbox_due").table("outbox").col("owner").col("state").col("position").to_owned(),
            )
            .await
    }
}
