//! Table `meter_period`: the row that writers and the closer of a month take turns on.

use freehold_tenancy::PlatformTx;
use freehold_types::{Fault, Period, TenantId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait as _, Set};

use super::{currency_number, period_number, terms_of, unknown};
use crate::close::{Frozen, State};
use crate::entity::meter_period as row;
use crate::usage;

const OPEN: i16 = 0;
const CLOSING: i16 = 1;
const CLOSED: i16 = 2;

/// How far a month is, without waiting for anybody. A month that nobody was active in has no row and is open.
pub(crate) async fn state(tx: &PlatformTx, tenant: TenantId, period: Period) -> Result<State, Fault> {
    let row = tx.one(row::Entity::find_by_id((tenant.uuid(), period_number(period)))).await?;
    row.map_or(Ok(State::Open), |row| read(&row))
}

/// How far a month is, and nobody else changes it or counts in it until this transaction ends.
pub(crate) async fn lock(tx: &PlatformTx, tenant: TenantId, period: Period) -> Result<State, Fault> {
    let key = (tenant.uuid(), period_number(period));
    if let Some(row) = tx.one(tx.lock(row::Entity::find_by_id(key))).await? {
        return read(&row);
    }
    let opened = row::ActiveModel {
        tenant_id: Set(tenant.uuid()),
        period: Set(period_number(period)),
        state: Set(OPEN),
        definition: Set(usage::V1.number),
        active_people_count: Set(None),
        plan: Set(None),
        currency: Set(None),
        opened_at: Set(tx.mint().now()),
        closed_at: Set(None),
    };
    let keep = OnConflict::columns([row::Column::TenantId, row::Column::Period]).do_nothing().to_owned();
    tx.insert_or(vec![opened], keep).await?;
    // Whoever inserted it, us or somebody a moment ago, its state is read under the lock.
    let row = tx.one(tx.lock(row::Entity::find_by_id(key))).await?;
    row.map_or_else(|| Err(Fault::internal("opening a period", "its row is gone")), |row| read(&row))
}

/// From now on nobody is counted in the month.
pub(crate) async fn begin_closing(tx: &PlatformTx, tenant: TenantId, period: Period) -> Result<(), Fault> {
    tx.update_one(row::ActiveModel { state: Set(CLOSING), ..key(tenant, period) }).await
}

/// The month is closed for good.
pub(crate) async fn close(tx: &PlatformTx, tenant: TenantId, period: Period, frozen: &Frozen) -> Result<(), Fault> {
    tx.update_one(row::ActiveModel {
        state: Set(CLOSED),
        active_people_count: Set(Some(frozen.active_people)),
        plan: Set(Some(frozen.terms.plan.number)),
        currency: Set(Some(currency_number(frozen.terms.currency))),
        closed_at: Set(Some(tx.mint().now())),
        ..key(tenant, period)
    })
    .await
}

fn key(tenant: TenantId, period: Period) -> row::ActiveModel {
    row::ActiveModel { tenant_id: Set(tenant.uuid()), period: Set(period_number(period)), ..Default::default() }
}

fn read(row: &row::Model) -> Result<State, Fault> {
    match (row.state, row.active_people_count, row.plan, row.currency) {
        (OPEN, ..) => Ok(State::Open),
        (CLOSING, ..) => Ok(State::Closing),
        (CLOSED, Some(active_people), Some(plan), Some(currency)) => {
            Ok(State::Closed(Frozen { active_people, terms: terms_of(plan, currency)? }))
        }
        (other, ..) => Err(unknown("complete period in state", other)),
    }
}
