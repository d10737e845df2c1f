//! Roles: given by hand, and to the members of directory groups.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{Index, Table, TableCreateStatement};
use sea_orm_migration::schema::{
    binary, binary_null, pk_uuid, small_integer, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["role_grant", "role_group"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(role_grant()).await?;
        manager.create_table(role_group()).await?;
        let mut person = Index::create();
        person.name("role_grant_person").table("role_grant").col("person_id").col("role").unique();
        manager.create_index(person.take()).await
    }
}

/// Roles given by hand, each person each role once. Without `granted_by_id` the operator gave it.
fn role_grant() -> TableCreateStatement {
    Table::create()
        .table("role_grant")
        .col(pk_uuid("id"))
        .col(uuid("person_id"))
        .col(small_integer("role"))
        .col(binary_null("area_sealed"))
        .col(uuid_null("granted_by_id"))
        .col(timestamp_with_time_zone("granted_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .take()
}

/// Directory groups whose members have a role, as the manifest says.
fn role_group() -> TableCreateStatement {
    Table::create()
        .table("role_group")
        .col(pk_uuid("id"))
        .col(small_integer("role"))
        .col(binary("settings_sealed"))
        .take()
}
