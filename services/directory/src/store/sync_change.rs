//! Table `sync_change`: what every batch of a run changed, and how it was before.

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::SYNC_CHANGE;
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, SyncRunId};
use prost::Message as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set};
use uuid::Uuid;

use crate::entity::sync_change as row;
use crate::journal::Batch;

/// Writes down one batch, in the transaction that makes it so.
pub(crate) async fn insert(tx: &TenantTx, run: SyncRunId, batch: &Batch) -> Result<(), Fault> {
    let id: SyncRunId = tx.mint().id();
    let id = id.uuid();
    tx.insert(row::ActiveModel {
        id: Set(id),
        sync_run_id: Set(run.uuid()),
        changes_sealed: Set(tx.seal(SYNC_CHANGE, id, &batch.encode_to_vec())),
        created_at: Set(tx.mint().now()),
    })
    .await
}

/// The ids of a run's batches, the last one first.
pub(crate) async fn ids(tx: &TenantTx, run: SyncRunId) -> Result<Vec<Uuid>, Fault> {
    let query = row::Entity::find().filter(row::Column::SyncRunId.eq(run.uuid())).order_by_desc(row::Column::Id);
    tx.rows(query.select_only().column(row::Column::Id).into_tuple::<Uuid>()).await
}

/// One batch.
pub(crate) async fn get(tx: &TenantTx, id: Uuid) -> Result<Option<Batch>, Fault> {
    let Some(row) = tx.one(row::Entity::find_by_id(id)).await? else { return Ok(None) };
    super::decode(&tx.open(SYNC_CHANGE, id, &row.changes_sealed)?).map(Some)
}

/// Removes what is older.
pub(crate) async fn remove_before(tx: &TenantTx, moment: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::CreatedAt.lt(moment))).await.map(|_rows| ())
}
