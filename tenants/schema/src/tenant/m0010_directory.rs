//! The directory service's tables.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{binary, pk_uuid, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &[
    "directory",
    "directory_policy",
    "person",
    "people_version",
    "directory_group",
    "directory_group_member",
    "sync_run",
];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [directory(), policy(), person(), people_version(), group(), group_member(), sync_run()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// A tenant's configured directories. A retired one is kept because its people are.
fn directory() -> TableCreateStatement {
    Table::create()
        .table("directory")
        .col(pk_uuid("id"))
        .col(binary("name_index"))
        .col(binary("settings_sealed"))
        .col(ColumnDef::new("retired").boolean().not_null())
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

/// One row: who administers the tenant.
fn policy() -> TableCreateStatement {
    Table::create().table("directory_policy").col(pk_uuid("id")).col(binary("settings_sealed")).take()
}

/// People, one row each, for ever.
fn person() -> TableCreateStatement {
    Table::create()
        .table("person")
        .col(pk_uuid("id"))
        .col(uuid("directory_id"))
        .col(binary("entry_index"))
        .col(ColumnDef::new("employee_number_index").binary())
        .col(binary("record_digest_index"))
        .col(binary("record_sealed"))
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("manager_id").uuid())
        .col(ColumnDef::new("administrator").boolean().not_null())
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(ColumnDef::new("deactivated_at").timestamp_with_time_zone())
        .take()
}

/// One row: grows with every batch that touches people or directory groups, so that copies in memory know they are old.
fn people_version() -> TableCreateStatement {
    Table::create()
        .table("people_version")
        .col(pk_uuid("id"))
        .col(ColumnDef::new("version").big_integer().not_null())
        .take()
}

/// Groups mirrored from a directory.
fn group() -> TableCreateStatement {
    Table::create()
        .table("directory_group")
        .col(pk_uuid("id"))
        .col(uuid("directory_id"))
        .col(binary("entry_index"))
        .col(binary("record_digest_index"))
        .col(binary("record_sealed"))
        .take()
}

/// Who is listed in which directory group: a person or another group. Nesting is worked out when it is needed.
fn group_member() -> TableCreateStatement {
    Table::create()
        .table("directory_group_member")
        .col(uuid("directory_group_id"))
        .col(uuid("member_id"))
        .col(ColumnDef::new("member_kind").small_integer().not_null())
        .primary_key(Index::create().col("directory_group_id").col("member_id"))
        .take()
}

/// Runs, their counts, and who holds a run that is under way.
fn sync_run() -> TableCreateStatement {
    let counts = [
        "people_read_count",
        "groups_read_count",
        "joined_count",
        "changed_count",
        "deactivated_count",
        "returned_count",
        "unchanged_count",
        "skipped_count",
        "memberships_added_count",
        "memberships_removed_count",
    ];
    let mut table = Table::create();
    table
        .table("sync_run")
        .col(pk_uuid("id"))
        .col(uuid("directory_id"))
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(uuid("process_id"))
        .col(timestamp_with_time_zone("heartbeat_at"))
        .col(timestamp_with_time_zone("started_at"))
        .col(ColumnDef::new("ended_at").timestamp_with_time_zone())
        .col(binary("report_sealed"));
    for count in counts {
        table.col(ColumnDef::new(count).big_integer().not_null());
    }
    table.take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index("directory_name", "directory", &["name_index"]).unique().take(),
        index("person_entry", "person", &["directory_id", "entry_index"]).unique().take(),
        index("person_employee_number", "person", &["employee_number_index"]),
        index("person_manager", "person", &["manager_id"]),
        index("directory_group_entry", "directory_group", &["directory_id", "entry_index"]).unique().take(),
        index("directory_group_member_member", "directory_group_member", &["member_id"]),
        index("sync_run_directory", "sync_run", &["directory_id", "started_at"]),
    ]
}
