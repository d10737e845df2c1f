//! Claims, and the ways to sign in that people without an IdP have of their own.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{big_integer, binary, pk_uuid, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] = &["claim", "password", "sign_in_name"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [claim(), password(), sign_in_name()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Access codes that a browser has redeemed and not yet turned into a way to sign in.
fn claim() -> TableCreateStatement {
    Table::create()
        .table("claim")
        .col(pk_uuid("id"))
        .col(binary("browser_token_hash"))
        .col(uuid("access_code_id"))
        .col(uuid("person_id"))
        .col(binary("totp_secret_sealed"))
        .col(timestamp_with_time_zone("expires_at"))
        .take()
}

/// Passwords with their authenticator apps, one per person. `used_step` is the last time step whose digits were taken,
/// `tried_step` the one whose tries are counted.
fn password() -> TableCreateStatement {
    Table::create()
        .table("password")
        .col(pk_uuid("id"))
        .col(uuid("person_id"))
        .col(binary("secrets_sealed"))
        .col(big_integer("used_step"))
        .col(big_integer("tried_step"))
        .col(ColumnDef::new("tries").integer().not_null())
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

/// Names under which people sign in with a password, each one person's.
fn sign_in_name() -> TableCreateStatement {
    Table::create().table("sign_in_name").col(pk_uuid("id")).col(binary("name_index")).col(uuid("person_id")).take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, column: &'static str| {
        Index::create().name(name).table(table).col(column).take()
    };
    vec![
        index("claim_browser_token", "claim", "browser_token_hash").unique().take(),
        index("claim_person", "claim", "person_id"),
        index("claim_expiry", "claim", "expires_at"),
        index("password_person", "password", "person_id").unique().take(),
        index("sign_in_name_name", "sign_in_name", "name_index").unique().take(),
        index("sign_in_name_person", "sign_in_name", "person_id"),
        index("identity_person", "identity", "person_id"),
    ]
}
