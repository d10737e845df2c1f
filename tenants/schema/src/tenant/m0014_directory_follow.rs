//! Who keeps in step with which directory, and how far that is.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{Table, TableCreateStatement};
use sea_orm_migration::schema::{big_integer, binary_null, pk_uuid, timestamp_with_time_zone_null, uuid_null};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["directory_follow"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(directory_follow()).await
    }
}

/// One row per directory. `process_id` holds the lease for as long as `beat_count` keeps growing: whoever waits for it
/// measures that with a clock of its own, so that no clock that jumps gives a directory to two processes.
fn directory_follow() -> TableCreateStatement {
    Table::create()
        .table("directory_follow")
        .col(pk_uuid("directory_id"))
        .col(uuid_null("process_id"))
        .col(big_integer("beat_count"))
        .col(timestamp_with_time_zone_null("in_step_at"))
        .col(timestamp_with_time_zone_null("read_whole_at"))
        .col(timestamp_with_time_zone_null("failing_since"))
        .col(timestamp_with_time_zone_null("retry_at"))
        .col(uuid_null("held_run_id"))
        .col(binary_null("trouble_sealed"))
        .take()
}
