//! Table `people_version`: one row that grows whenever people or directory groups change.

use freehold_tenancy::TenantTx;
use freehold_types::Fault;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{EntityTrait as _, Set};
use uuid::Uuid;

use crate::entity::people_version as row;

/// The only row's id.
const ONLY: Uuid = Uuid::nil();

/// The present version; 0 before anything was written.
pub(crate) async fn get(tx: &TenantTx) -> Result<i64, Fault> {
    Ok(tx.one(row::Entity::find_by_id(ONLY)).await?.map_or(0, |row| row.version))
}

/// Makes it grow by one.
pub(crate) async fn advance(tx: &TenantTx) -> Result<(), Fault> {
    let first = row::ActiveModel { id: Set(ONLY), version: Set(0) };
    let keep = OnConflict::column(row::Column::Id).do_nothing().to_owned();
    tx.insert_or(vec![first], keep).await?;
    let grow = row::Entity::update_many().col_expr(row::Column::Version, Expr::col(row::Column::Version).add(1));
    tx.update(grow).await.map(|_rows| ())
}
