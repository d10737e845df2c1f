//! Table `directory_follow`: who follows a directory, and how far that is.

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::DIRECTORY_FOLLOW_TROUBLE;
use freehold_tenancy::{Sealed, TenantTx};
use freehold_types::{DirectoryId, Fault, SyncRunId};
use prost::Message as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set, UpdateMany};
use uuid::Uuid;

use crate::entity::directory_follow as row;
use crate::follow::{Status, Trouble};

/// Who holds the lease of a directory. Whoever waits for it looks whether the beats grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    pub process: Option<Uuid>,
    pub beats: i64,
}

/// Who holds the lease; nothing when nobody ever did. Kept for this transaction.
pub(crate) async fn lease(tx: &TenantTx, directory: DirectoryId) -> Result<Option<Lease>, Fault> {
    let row = tx.one(tx.lock(row::Entity::find_by_id(directory.uuid()))).await?;
    Ok(row.map(|row| Lease { process: row.process_id, beats: row.beat_count }))
}

/// Takes the lease from whoever held it; says whether it worked. `seen` is what [`lease`] answered.
pub(crate) async fn take(
    tx: &TenantTx,
    directory: DirectoryId,
    process: Uuid,
    seen: Option<Lease>,
) -> Result<bool, Fault> {
    let id = directory.uuid();
    let Some(seen) = seen else {
        let row =
            row::ActiveModel { directory_id: Set(id), process_id: Set(Some(process)), beat_count: Set(1), ..empty() };
        let keep = OnConflict::column(row::Column::DirectoryId).do_nothing().to_owned();
        return Ok(tx.insert_or(vec![row], keep).await? == 1);
    };
    let update = row::Entity::update_many()
        .filter(row::Column::DirectoryId.eq(id))
        .filter(row::Column::BeatCount.eq(seen.beats))
        .col_expr(row::Column::ProcessId, Expr::value(Some(process)))
        .col_expr(row::Column::BeatCount, Expr::col(row::Column::BeatCount).add(1));
    Ok(tx.update(update).await? == 1)
}

fn empty() -> row::ActiveModel {
    row::ActiveModel {
        in_step_at: Set(None),
        read_whole_at: Set(None),
        failing_since: Set(None),
        retry_at: Set(None),
        held_run_id: Set(None),
        trouble_sealed: Set(None),
        ..Default::default()
    }
}

/// Says that the holder lives, and that it is in step if it is; false when somebody else holds the lease now.
pub(crate) async fn beat(
    tx: &TenantTx,
    directory: DirectoryId,
    process: Uuid,
    in_step_at: Option<DateTime<Utc>>,
) -> Result<bool, Fault> {
    let mut update =
        ours(directory, process).col_expr(row::Column::BeatCount, Expr::col(row::Column::BeatCount).add(1));
    if in_step_at.is_some() {
        update = update.col_expr(row::Column::InStepAt, Expr::value(in_step_at));
    }
    Ok(tx.update(update).await? == 1)
}

/// Gives the lease up.
pub(crate) async fn give_up(tx: &TenantTx, directory: DirectoryId, process: Uuid) -> Result<(), Fault> {
    let free = ours(directory, process).col_expr(row::Column::ProcessId, Expr::value(None::<Uuid>));
    tx.update(free).await.map(|_rows| ())
}

/// Says that everything the directory told is applied.
pub(crate) async fn in_step(tx: &TenantTx, directory: DirectoryId, process: Uuid) -> Result<(), Fault> {
    let update = ours(directory, process)
        .col_expr(row::Column::InStepAt, Expr::value(Some(tx.mint().now())))
        .col_expr(row::Column::FailingSince, Expr::value(None::<DateTime<Utc>>))
        .col_expr(row::Column::RetryAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(row::Column::TroubleSealed, Expr::value(None::<Sealed>));
    tx.update(update).await.map(|_rows| ())
}

/// Says that the directory cannot be followed, since when and why.
pub(crate) async fn failing(
    tx: &TenantTx,
    directory: DirectoryId,
    process: Uuid,
    retry_at: DateTime<Utc>,
    trouble: &Trouble,
) -> Result<(), Fault> {
    let now = tx.mint().now();
    let id = directory.uuid();
    let sealed = tx.seal(DIRECTORY_FOLLOW_TROUBLE, id, &trouble.encode_to_vec());
    let update = ours(directory, process)
        .col_expr(row::Column::RetryAt, Expr::value(Some(retry_at)))
        .col_expr(row::Column::TroubleSealed, Expr::value(Some(sealed)));
    tx.update(update).await?;
    let first = ours(directory, process)
        .filter(row::Column::FailingSince.is_null())
        .col_expr(row::Column::FailingSince, Expr::value(Some(now)));
    tx.update(first).await.map(|_rows| ())
}

/// Says that the directory was read as a whole, and which run waits for an approval because of it.
pub(crate) async fn read_whole(
    tx: &TenantTx,
    directory: DirectoryId,
    process: Uuid,
    held: Option<SyncRunId>,
) -> Result<(), Fault> {
    let update = ours(directory, process)
        .col_expr(row::Column::ReadWholeAt, Expr::value(Some(tx.mint().now())))
        .col_expr(row::Column::HeldRunId, Expr::value(held.map(|id| id.uuid())));
    tx.update(update).await.map(|_rows| ())
}

/// Says that nothing waits for an approval any more.
pub(crate) async fn nothing_waits(tx: &TenantTx, directory: DirectoryId) -> Result<(), Fault> {
    let update = row::Entity::update_many()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .col_expr(row::Column::HeldRunId, Expr::value(None::<Uuid>));
    tx.update(update).await.map(|_rows| ())
}

/// When the directory was last read as a whole by whoever followed it.
pub(crate) async fn read_whole_at(tx: &TenantTx, directory: DirectoryId) -> Result<Option<DateTime<Utc>>, Fault> {
    Ok(tx.one(row::Entity::find_by_id(directory.uuid())).await?.and_then(|row| row.read_whole_at))
}

/// How far the service is with a directory.
pub(crate) async fn status(tx: &TenantTx, directory: DirectoryId) -> Result<Status, Fault> {
    let id = directory.uuid();
    let Some(row) = tx.one(row::Entity::find_by_id(id)).await? else { return Ok(Status::default()) };
    let trouble = match &row.trouble_sealed {
        Some(sealed) => super::decode(&tx.open(DIRECTORY_FOLLOW_TROUBLE, id, sealed)?)?,
        None => Trouble::default(),
    };
    Ok(Status {
        followed: row.process_id.is_some(),
        in_step_at: row.in_step_at,
        failing_since: row.failing_since,
        retry_at: row.retry_at,
        held_run: row.held_run_id.map(SyncRunId::from_uuid),
        trouble,
    })
}

fn ours(directory: DirectoryId, process: Uuid) -> UpdateMany<row::Entity> {
    row::Entity::update_many()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::ProcessId.eq(process))
}
