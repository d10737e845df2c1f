//! What a run needs to go on from where it stopped, to be undone, and to resolve names without reading everybody.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, Index, IndexCreateStatement, Table, TableAlterStatement, TableCreateStatement,
};
use sea_orm_migration::schema::{binary, pk_uuid, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["directory_cursor", "sync_change"];

/// Creates the tables above and adds columns to those that were there.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            manager.alter_table(column).await?;
        }
        for table in [directory_cursor(), sync_change()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// One column at a time: SQLite adds no more in one statement.
fn columns() -> Vec<TableAlterStatement> {
    let add = |table: &'static str, column: ColumnDef| Table::alter().table(table).add_column(column).take();
    vec![
        // Blind indexes of the distinguished name; none when the directory does not list the entry any more.
        add("person", ColumnDef::new("dn_index").binary().take()),
        add("directory_group", ColumnDef::new("dn_index").binary().take()),
        // A manager that is named and was not found yet.
        add("person", ColumnDef::new("missing_manager_index").binary().take()),
        add("person", ColumnDef::new("email_index").binary().take()),
        // The undoing run that made the person what the directory does not say.
        add("person", ColumnDef::new("restored_run_id").uuid().take()),
        // 1 by a person, 2 by the service itself, 3 an undo.
        add("sync_run", ColumnDef::new("kind").small_integer().not_null().default(1).take()),
        add("sync_run", ColumnDef::new("undone_by_run_id").uuid().take()),
        add("sync_run", ColumnDef::new("undoes_run_id").uuid().take()),
        // Whether somebody approved the change set although the guard held it.
        add("sync_run", ColumnDef::new("approved").boolean().not_null().default(false).take()),
    ]
}

/// How far each directory was read, one row each.
fn directory_cursor() -> TableCreateStatement {
    Table::create()
        .table("directory_cursor")
        .col(pk_uuid("directory_id"))
        .col(binary("cursor_sealed"))
        .col(timestamp_with_time_zone("taken_at"))
        .take()
}

/// What every batch of a run changed, and how it was before.
fn sync_change() -> TableCreateStatement {
    Table::create()
        .table("sync_change")
        .col(pk_uuid("id"))
        .col(uuid("sync_run_id"))
        .col(binary("changes_sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, column: &'static str| {
        Index::create().name(name).table(table).col(column).take()
    };
    vec![
        index("person_dn", "person", "dn_index"),
        index("person_email", "person", "email_index"),
        index("person_missing_manager", "person", "missing_manager_index"),
        index("directory_group_dn", "directory_group", "dn_index"),
        index("sync_change_run", "sync_change", "sync_run_id"),
        index("sync_change_created", "sync_change", "created_at"),
    ]
}
