//! The billing service's tables: they outlive a tenant, because invoices must. They hold no person: who was active is
//! a pseudonym under a key of the tenant and the month.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, integer, pk_uuid, small_integer, small_integer_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};
use sea_orm_migration::sea_orm::sea_query::{Index, Table, TableCreateStatement};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] =
    &["subscription", "meter_period", "active_person", "invoice", "invoice_line", "invoice_series"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [subscription(), meter_period(), active_person(), invoice(), invoice_line(), invoice_series()] {
            manager.create_table(table).await?;
        }
        // The last word on numbers and on one invoice per month, whatever the code does.
        for (name, columns) in
            [("invoice_number", ["series_year", "series_place"]), ("invoice_period", ["tenant_id", "period"])]
        {
            let mut index = Index::create();
            index.name(name).table("invoice").unique();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// A company's agreements, one after the other; the last one is in force.
fn subscription() -> TableCreateStatement {
    Table::create()
        .table("subscription")
        .col(uuid("tenant_id"))
        .col(integer("place"))
        .col(small_integer("plan"))
        .col(small_integer("currency"))
        .col(timestamp_with_time_zone("started_at"))
        .primary_key(Index::create().col("tenant_id").col("place"))
        .take()
}

/// A tenant's month: open, closing or closed, and what closing found. Whoever counts a person keeps its row locked,
/// so that nobody is counted while it closes. Periods are numbers like 202610.
fn meter_period() -> TableCreateStatement {
    Table::create()
        .table("meter_period")
        .col(uuid("tenant_id"))
        .col(integer("period"))
        .col(small_integer("state"))
        .col(small_integer("definition"))
        .col(big_integer_null("active_people_count"))
        .col(small_integer_null("plan"))
        .col(small_integer_null("currency"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .primary_key(Index::create().col("tenant_id").col("period"))
        .take()
}

/// On how many days of a month a person did something. Written no more once the person counts.
fn active_person() -> TableCreateStatement {
    Table::create()
        .table("active_person")
        .col(uuid("tenant_id"))
        .col(integer("period"))
        .col(binary("pseudonym"))
        .col(small_integer("day_count"))
        .col(small_integer("last_day"))
        .primary_key(Index::create().col("tenant_id").col("period").col("pseudonym"))
        .take()
}

/// Issued invoices. Written once and never changed.
fn invoice() -> TableCreateStatement {
    Table::create()
        .table("invoice")
        .col(pk_uuid("id"))
        .col(integer("series_year"))
        .col(integer("series_place"))
        .col(uuid("tenant_id"))
        .col(integer("period"))
        .col(binary("company_sealed"))
        .col(binary("company_address_sealed"))
        .col(small_integer("plan"))
        .col(small_integer("currency"))
        .col(small_integer("definition"))
        .col(big_integer("active_people_count"))
        .col(big_integer("total_minor"))
        .col(timestamp_with_time_zone("issued_at"))
        .take()
}

/// The steps of an invoice's price.
fn invoice_line() -> TableCreateStatement {
    Table::create()
        .table("invoice_line")
        .col(uuid("invoice_id"))
        .col(small_integer("place"))
        .col(big_integer("from_person"))
        .col(big_integer("to_person"))
        .col(big_integer("quantity"))
        .col(big_integer("unit_price_minor"))
        .col(big_integer("amount_minor"))
        .primary_key(Index::create().col("invoice_id").col("place"))
        .take()
}

/// The last number of each year. A number is taken in the transaction that issues, so a rollback gives it back.
fn invoice_series() -> TableCreateStatement {
    Table::create()
        .table("invoice_series")
        .col(integer("year").primary_key())
        .col(integer("last_place"))
        .col(timestamp_with_time_zone("last_issued_at"))
        .take()
}
