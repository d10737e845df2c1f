//! Table `subscription`: a history, only ever added to.

use freehold_tenancy::PlatformTx;
use freehold_types::{Fault, TenantId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};

use super::{currency_number, terms_of};
use crate::entity::subscription as row;
use crate::subscription::{Subscription, Terms};

/// All of a tenant's, oldest first.
pub(crate) async fn list(tx: &PlatformTx, tenant: TenantId) -> Result<Vec<Subscription>, Fault> {
    let query = row::Entity::find().filter(row::Column::TenantId.eq(tenant.uuid())).order_by_asc(row::Column::Place);
    let open =
        |row: row::Model| Ok(Subscription { terms: terms_of(row.plan, row.currency)?, started_at: row.started_at });
    tx.all(query).await?.into_iter().map(open).collect()
}

/// Adds one behind `known` others. Already exists, when somebody else added one in the meantime.
pub(crate) async fn append(tx: &PlatformTx, tenant: TenantId, known: usize, terms: Terms) -> Result<(), Fault> {
    let place = i32::try_from(known).map_err(|error| Fault::internal("adding a subscription", error))?;
    tx.insert(row::ActiveModel {
        tenant_id: Set(tenant.uuid()),
        place: Set(place.saturating_add(1)),
        plan: Set(terms.plan.number),
        currency: Set(currency_number(terms.currency)),
        started_at: Set(tx.mint().now()),
    })
    .await
}
