//! Brings one schema to the version of this program.
//!
//! Every schema, the platform's and each tenant's, records which migrations it had in a table of its own, in the same
//! transaction; the registry repeats the last number, so that finding the tenants left behind is one query. The entity
//! layer's own migrator is not used: it looks tables up in the information schema, which costs a scan of all tenants.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use freehold_schema::Numbered;
use sea_orm::sea_query::{ColumnDef, Table};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait};
use sea_orm_migration::SchemaManager;

use crate::entity::schema_migration;

/// The number of the last migration.
pub(crate) fn latest(migrations: &[Numbered]) -> i32 {
    migrations.last().map_or(0, |last| last.number)
}

/// The tables that a schema has after all migrations.
pub(crate) fn tables(migrations: &[Numbered]) -> Vec<&'static str> {
    migrations.iter().flat_map(|one| one.tables.iter().copied()).collect()
}

/// Applies what the schema of this transaction does not have yet.
pub(crate) async fn run(tx: &DatabaseTransaction, migrations: &[Numbered], now: DateTime<Utc>) -> Result<(), DbErr> {
    let record = Table::create()
        .table("schema_migration")
        .if_not_exists()
        .col(ColumnDef::new("number").integer().not_null().primary_key())
        .col(ColumnDef::new("name").string_len(100).not_null())
        .col(ColumnDef::new("applied_at").timestamp_with_time_zone().not_null())
        .to_owned();
    tx.execute(&record).await?;
    let rows = schema_migration::Entity::find().all(tx).await?;
    let applied: BTreeSet<i32> = rows.into_iter().map(|row| row.number).collect();
    for one in migrations.iter().filter(|one| !applied.contains(&one.number)) {
        one.migration.up(&SchemaManager::new(tx)).await?;
        let row = schema_migration::ActiveModel {
            number: Set(one.number),
            name: Set(one.migration.name().to_owned()),
            applied_at: Set(now),
        };
        schema_migration::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}
