//! Table `emergency_account`: a handful of rows at most.

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::EMERGENCY_ACCOUNT_NAME;
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PersonId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::emergency::Account;
use crate::entity::emergency_account as row;

/// All of them, by name.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<Account>, Fault> {
    let rows = tx.all(row::Entity::find()).await?;
    let mut accounts = rows.iter().map(|row| open(tx, row)).collect::<Result<Vec<_>, _>>()?;
    accounts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(accounts)
}

/// Whether this is one.
pub(crate) async fn exists(tx: &TenantTx, id: PersonId) -> Result<bool, Fault> {
    Ok(tx.one(row::Entity::find_by_id(id.uuid())).await?.is_some())
}

/// Writes a new one; answers its id.
pub(crate) async fn insert(tx: &TenantTx, name: &str) -> Result<PersonId, Fault> {
    let id: PersonId = tx.mint().id();
    let written = tx.insert(row::ActiveModel {
        id: Set(id.uuid()),
        name_sealed: Set(tx.seal(EMERGENCY_ACCOUNT_NAME, id.uuid(), name.as_bytes())),
        created_at: Set(tx.mint().now()),
        used_at: Set(None),
    });
    written.await.map(|()| id)
}

/// Removes one.
pub(crate) async fn delete(tx: &TenantTx, id: PersonId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(id.uuid()))).await.map(|_count| ())
}

/// Notes when one was used; answers whether it is one.
pub(crate) async fn touch(tx: &TenantTx, id: PersonId, now: DateTime<Utc>) -> Result<bool, Fault> {
    let this = row::Entity::update_many()
        .filter(row::Column::Id.eq(id.uuid()))
        .col_expr(row::Column::UsedAt, Expr::value(now));
    Ok(tx.update(this).await? > 0)
}

fn open(tx: &TenantTx, row: &row::Model) -> Result<Account, Fault> {
    let name = tx.open(EMERGENCY_ACCOUNT_NAME, row.id, &row.name_sealed)?;
    let name = String::from_utf8(name).map_err(|error| Fault::internal("reading an emergency account", error))?;
    Ok(Account { id: PersonId::from_uuid(row.id), name, used_at: row.used_at })
}
