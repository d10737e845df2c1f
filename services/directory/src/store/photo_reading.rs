//! Table `photo_reading`: how often the photos of a directory were wanted, and how far they were read.

use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryId, Fault, SyncRunId};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::photo_reading as row;

/// How far the photos of a directory were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PhotoReading {
    pub wanted: i64,
    pub done: i64,
    /// The run that wanted them last.
    pub run: SyncRunId,
}

/// Says that a run wants photos; answers how often they were wanted so far.
pub(crate) async fn want(tx: &TenantTx, directory: DirectoryId, run: SyncRunId) -> Result<i64, Fault> {
    let first = row::ActiveModel {
        directory_id: Set(directory.uuid()),
        wanted_count: Set(0),
        done_count: Set(0),
        sync_run_id: Set(run.uuid()),
    };
    let keep = OnConflict::column(row::Column::DirectoryId).do_nothing().to_owned();
    tx.insert_or(vec![first], keep).await?;
    let grow = row::Entity::update_many()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .col_expr(row::Column::WantedCount, Expr::col(row::Column::WantedCount).add(1))
        .col_expr(row::Column::SyncRunId, Expr::value(run.uuid()));
    tx.update(grow).await?;
    Ok(get(tx, directory).await?.map_or(0, |reading| reading.wanted))
}

/// How far it is; nothing when none were ever wanted.
pub(crate) async fn get(tx: &TenantTx, directory: DirectoryId) -> Result<Option<PhotoReading>, Fault> {
    let found = tx.one(row::Entity::find_by_id(directory.uuid())).await?;
    Ok(found.map(|row| PhotoReading {
        wanted: row.wanted_count,
        done: row.done_count,
        run: SyncRunId::from_uuid(row.sync_run_id),
    }))
}

/// Says that everything that was wanted up to here is read.
pub(crate) async fn done(tx: &TenantTx, directory: DirectoryId, up_to: i64) -> Result<(), Fault> {
    let further = row::Entity::update_many()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::DoneCount.lt(up_to))
        .col_expr(row::Column::DoneCount, Expr::value(up_to));
    tx.update(further).await.map(|_rows| ())
}

/// Directories whose photos were not all read.
pub(crate) async fn due(tx: &TenantTx) -> Result<Vec<DirectoryId>, Fault> {
    let query = row::Entity::find().filter(Expr::col(row::Column::DoneCount).lt(Expr::col(row::Column::WantedCount)));
    Ok(tx.all(query).await?.into_iter().map(|row| DirectoryId::from_uuid(row.directory_id)).collect())
}
