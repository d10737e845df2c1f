//! Table `active_person`. Rows are read and written under the lock of their period's row.

use freehold_tenancy::PlatformTx;
use freehold_types::{Fault, Period, TenantId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::period_number;
use crate::entity::active_person as row;
use crate::usage::{Pseudonym, Seen};

/// What is known of a person in that month.
pub(crate) async fn find(
    tx: &PlatformTx,
    tenant: TenantId,
    period: Period,
    pseudonym: Pseudonym,
) -> Result<Option<Seen>, Fault> {
    let key = (tenant.uuid(), period_number(period), pseudonym.to_vec());
    let row = tx.one(row::Entity::find_by_id(key)).await?;
    Ok(row.map(|row| Seen { day_count: row.day_count, last_day: row.last_day }))
}

/// Writes what is known now; `before` is what [`find`] gave.
pub(crate) async fn put(
    tx: &PlatformTx,
    (tenant, period, pseudonym): (TenantId, Period, Pseudonym),
    before: Option<Seen>,
    now: Seen,
) -> Result<(), Fault> {
    let row = row::ActiveModel {
        tenant_id: Set(tenant.uuid()),
        period: Set(period_number(period)),
        pseudonym: Set(pseudonym.to_vec()),
        day_count: Set(now.day_count),
        last_day: Set(now.last_day),
    };
    if before.is_some() { tx.update_one(row).await } else { tx.insert(row).await }
}

/// How many people were seen on at least this many days.
pub(crate) async fn count(tx: &PlatformTx, tenant: TenantId, period: Period, days: i16) -> Result<i64, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::TenantId.eq(tenant.uuid()))
        .filter(row::Column::Period.eq(period_number(period)))
        .filter(row::Column::DayCount.gte(days));
    i64::try_from(tx.count(query).await?).map_err(|error| Fault::internal("counting active people", error))
}
