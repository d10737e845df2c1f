//! The registry of tenants and their wrapped keys; the proof that the master key fits; the operator's token.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::schema::{
    binary, integer, pk_uuid, small_integer, string_len, string_len_uniq, timestamp_with_time_zone, uuid,
};
use sea_orm_migration::sea_orm::sea_query::{Index, Table};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["installation", "tenant", "tenant_key", "operator_token"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row: a known text sealed under the platform's keys, so that a wrong master key shows at start and not
        // at the first person's name.
        manager
            .create_table(
                Table::create()
                    .table("installation")
                    .col(small_integer("id").primary_key())
                    .col(binary("proof_sealed"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        // Names are sealed and found by blind index: a company's name is nobody's business but the company's.
        manager
            .create_table(
                Table::create()
                    .table("tenant")
                    .col(pk_uuid("id"))
                    .col(binary("name_index").unique_key())
                    .col(binary("name_sealed"))
                    .col(binary("company_sealed"))
                    .col(string_len("language", 35))
                    .col(string_len("time_zone", 64))
                    .col(small_integer("state"))
                    .col(small_integer("provision_step"))
                    .col(string_len_uniq("schema_id", 18))
                    .col(string_len_uniq("role_id", 18))
                    .col(integer("schema_version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("tenant_key")
                    .col(uuid("tenant_id"))
                    .col(integer("version"))
                    .col(binary("wrapped"))
                    .col(binary("commitment"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("tenant_id").col("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("operator_token")
                    .col(small_integer("id").primary_key())
                    .col(binary("token_hash"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await
    }
}
