//! The directory service's tables of what IdPs push.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{binary, pk_uuid, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["scim_resource", "scim_member", "scim_token"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [resource(), member(), token()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Users and groups as the IdP wants them. One that is gone is kept, empty, until the sync has seen that it is.
fn resource() -> TableCreateStatement {
    Table::create()
        .table("scim_resource")
        .col(pk_uuid("id"))
        .col(uuid("directory_id"))
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .col(ColumnDef::new("settled").boolean().not_null())
        .col(ColumnDef::new("gone").boolean().not_null())
        .col(ColumnDef::new("name_index").binary())
        .col(ColumnDef::new("external_id_index").binary())
        .col(binary("document_sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

/// Who is listed in which provisioned group: the id of a user or of another group.
fn member() -> TableCreateStatement {
    Table::create()
        .table("scim_member")
        .col(uuid("group_id"))
        .col(uuid("member_id"))
        .primary_key(Index::create().col("group_id").col("member_id"))
        .take()
}

/// Tokens that let an IdP in, by their hash.
fn token() -> TableCreateStatement {
    Table::create()
        .table("scim_token")
        .col(pk_uuid("id"))
        .col(uuid("directory_id"))
        .col(binary("token_hash"))
        .col(binary("name_sealed"))
        .col(ColumnDef::new("owner_person_id").uuid())
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(ColumnDef::new("last_used_at").timestamp_with_time_zone())
        .col(ColumnDef::new("revoked_at").timestamp_with_time_zone())
        .take()
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
        index("scim_resource_name", "scim_resource", &["directory_id", "kind", "name_index"]).unique().take(),
        index("scim_resource_external_id", "scim_resource", &["directory_id", "kind", "external_id_index"]),
        index("scim_resource_settled", "scim_resource", &["directory_id", "settled"]),
        index("scim_member_member", "scim_member", &["member_id"]),
        index("scim_token_hash", "scim_token", &["token_hash"]).unique().take(),
        index("scim_token_directory", "scim_token", &["directory_id", "created_at"]),
    ]
}
