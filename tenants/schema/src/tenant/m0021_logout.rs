//! What ends sessions when an IdP says that they are over.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, Table, TableCreateStatement};
use sea_orm_migration::schema::{binary, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["logout_token"];

/// Adds columns to the sessions, and creates the table above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["sid_index", "id_token_sealed"] {
            let add = Table::alter().table("session").add_column(ColumnDef::new(column).binary()).take();
            manager.alter_table(add).await?;
        }
        manager.create_index(Index::create().name("session_sid").table("session").col("sid_index").take()).await?;
        manager.create_table(logout_token()).await?;
        manager
            .create_index(Index::create().name("logout_token_expiry").table("logout_token").col("expires_at").take())
            .await
    }
}

/// Logout tokens that were taken, so that none is taken twice.
fn logout_token() -> TableCreateStatement {
    Table::create()
        .table("logout_token")
        .col(uuid("connection_id"))
        .col(binary("token_id_hash"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(Index::create().col("connection_id").col("token_id_hash"))
        .take()
}
