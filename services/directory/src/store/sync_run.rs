//! Table `sync_run`.

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::SYNC_RUN_REPORT;
use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryId, Fault, PageSize, SyncRunId};
use prost::Message as _;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use uuid::Uuid;

use crate::entity::sync_run as row;
use crate::fault;
use crate::reading::Skips;
use crate::sync_run::{Counts, Report, RunKind, State, SyncRun};

const fn number(state: State) -> i16 {
    match state {
        State::Running => 1,
        State::Done => 2,
        State::Failed => 3,
        State::Held => 4,
        State::Interrupted => 5,
    }
}

const fn state(number: i16) -> State {
    match number {
        1 => State::Running,
        2 => State::Done,
        4 => State::Held,
        5 => State::Interrupted,
        _ => State::Failed,
    }
}

/// Values of column `kind`.
const ASKED: i16 = 1;
const AUTOMATIC: i16 = 2;
const UNDO: i16 = 3;

const fn kind(number: i16) -> RunKind {
    match number {
        AUTOMATIC => RunKind::Automatic,
        UNDO => RunKind::Undo,
        _ => RunKind::Asked,
    }
}

/// The run with that id.
pub(crate) async fn get(tx: &TenantTx, id: SyncRunId) -> Result<Option<SyncRun>, Fault> {
    tx.one(row::Entity::find_by_id(id.uuid())).await?.map(|row| open(tx, row)).transpose()
}

/// How many people the service itself deactivated since, with nobody's approval and not undone.
pub(crate) async fn deactivated_since(
    tx: &TenantTx,
    directory: DirectoryId,
    since: DateTime<Utc>,
) -> Result<u64, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::StartedAt.gte(since))
        .filter(row::Column::DeactivatedCount.gt(0))
        .filter(row::Column::Kind.eq(AUTOMATIC))
        .filter(row::Column::State.ne(number(State::Running)))
        .filter(row::Column::Approved.eq(false))
        .filter(row::Column::UndoneByRunId.is_null());
    let counts = query.select_only().column(row::Column::DeactivatedCount).into_tuple::<i64>();
    let sum = tx.rows(counts).await?.into_iter().fold(0_i64, i64::saturating_add);
    Ok(u64::try_from(sum).unwrap_or_default())
}

/// The last undo of a directory that no whole reading came after: what it undid may come again, however many changes
/// were brought meanwhile.
pub(crate) async fn last_undo(tx: &TenantTx, directory: DirectoryId) -> Result<Option<SyncRunId>, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::State.eq(number(State::Done)))
        .filter(Condition::any().add(row::Column::Kind.eq(UNDO)).add(row::Column::Whole.eq(true)))
        .order_by_desc(row::Column::Id)
        .limit(1);
    let last = tx.one(query).await?;
    Ok(last.filter(|row| row.kind == UNDO).map(|row| SyncRunId::from_uuid(row.id)))
}

/// Whether the directory was ever read to its end.
pub(crate) async fn any_done(tx: &TenantTx, directory: DirectoryId) -> Result<bool, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::State.eq(number(State::Done)))
        .filter(row::Column::Kind.ne(UNDO))
        .limit(1);
    Ok(tx.one(query).await?.is_some())
}

/// How many people the last run that read everything was told of; 0 when there was none.
pub(crate) async fn people_read_last(tx: &TenantTx, directory: DirectoryId) -> Result<u64, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::State.eq(number(State::Done)))
        .filter(row::Column::Whole.eq(true))
        .order_by_desc(row::Column::Id)
        .limit(1);
    let last = tx.one(query).await?;
    Ok(last.and_then(|row| u64::try_from(row.people_read_count).ok()).unwrap_or_default())
}

/// When the directory was last read to its end.
pub(crate) async fn last_done_at(tx: &TenantTx, directory: DirectoryId) -> Result<Option<DateTime<Utc>>, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::State.eq(number(State::Done)))
        .filter(row::Column::Kind.eq(ASKED))
        .order_by_desc(row::Column::Id)
        .limit(1);
    Ok(tx.one(query).await?.and_then(|row| row.ended_at))
}

pub(crate) async fn insert(tx: &TenantTx, run: &SyncRun) -> Result<(), Fault> {
    tx.insert(active(tx, run)).await
}

pub(crate) async fn update(tx: &TenantTx, run: &SyncRun) -> Result<(), Fault> {
    tx.update_one(active(tx, run)).await
}

/// Adds what could not be used of photos to the report of a run that has ended; nothing when the run is not there any more.
pub(crate) async fn tell_of_photos(tx: &TenantTx, id: SyncRunId, skips: &Skips) -> Result<(), Fault> {
    if skips.count == 0 {
        return Ok(());
    }
    let Some(row) = tx.one(tx.lock(row::Entity::find_by_id(id.uuid()))).await? else { return Ok(()) };
    let mut run = open(tx, row)?;
    run.tell_of_photos(skips);
    update(tx, &run).await
}

/// Says that the run is alive, in the transaction that it writes with.
///
/// # Errors
/// Conflict when somebody took the run for dead meanwhile: then it must write nothing more.
pub(crate) async fn beat(tx: &TenantTx, id: SyncRunId) -> Result<(), Fault> {
    let beat = row::Entity::update_many()
        .col_expr(row::Column::HeartbeatAt, Expr::value(tx.mint().now()))
        .filter(row::Column::Id.eq(id.uuid()))
        .filter(row::Column::State.eq(number(State::Running)));
    if tx.update(beat).await? == 1 { Ok(()) } else { Err(fault::run_taken_over(id)) }
}

/// Runs of a directory that say they are under way.
pub(crate) async fn running(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<SyncRun>, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::State.eq(number(State::Running)));
    tx.all(tx.lock(query)).await?.into_iter().map(|row| open(tx, row)).collect()
}

/// Runs before `before`, newest first; of one directory or of all.
pub(crate) async fn list(
    tx: &TenantTx,
    directory: Option<DirectoryId>,
    before: Option<Uuid>,
    size: PageSize,
) -> Result<Vec<SyncRun>, Fault> {
    let mut query = row::Entity::find().order_by_desc(row::Column::Id).limit(size.get().saturating_add(1));
    if let Some(directory) = directory {
        query = query.filter(row::Column::DirectoryId.eq(directory.uuid()));
    }
    if let Some(before) = before {
        query = query.filter(row::Column::Id.lt(before));
    }
    tx.all(query).await?.into_iter().map(|row| open(tx, row)).collect()
}

fn open(tx: &TenantTx, row: row::Model) -> Result<SyncRun, Fault> {
    let report: Report = super::decode(&tx.open(SYNC_RUN_REPORT, row.id, &row.report_sealed)?)?;
    Ok(SyncRun {
        id: SyncRunId::from_uuid(row.id),
        directory: DirectoryId::from_uuid(row.directory_id),
        state: state(row.state),
        process: row.process_id,
        heartbeat_at: row.heartbeat_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        counts: Counts {
            people_read: row.people_read_count,
            groups_read: row.groups_read_count,
            joined: row.joined_count,
            changed: row.changed_count,
            deactivated: row.deactivated_count,
            returned: row.returned_count,
            unchanged: row.unchanged_count,
            skipped: row.skipped_count,
            memberships_added: row.memberships_added_count,
            memberships_removed: row.memberships_removed_count,
        },
        report,
        kind: kind(row.kind),
        undone_by: row.undone_by_run_id.map(SyncRunId::from_uuid),
        undoes: row.undoes_run_id.map(SyncRunId::from_uuid),
        approved: row.approved,
        whole: row.whole,
        cursor: None,
        photos: None,
    })
}

fn active(tx: &TenantTx, run: &SyncRun) -> row::ActiveModel {
    let ended_at: Option<DateTime<Utc>> = run.ended_at;
    row::ActiveModel {
        id: Set(run.id.uuid()),
        directory_id: Set(run.directory.uuid()),
        state: Set(number(run.state)),
        process_id: Set(run.process),
        heartbeat_at: Set(run.heartbeat_at),
        started_at: Set(run.started_at),
        ended_at: Set(ended_at),
        report_sealed: Set(tx.seal(SYNC_RUN_REPORT, run.id.uuid(), &run.report.encode_to_vec())),
        people_read_count: Set(run.counts.people_read),
        groups_read_count: Set(run.counts.groups_read),
        joined_count: Set(run.counts.joined),
        changed_count: Set(run.counts.changed),
        deactivated_count: Set(run.counts.deactivated),
        returned_count: Set(run.counts.returned),
        unchanged_count: Set(run.counts.unchanged),
        skipped_count: Set(run.counts.skipped),
        memberships_added_count: Set(run.counts.memberships_added),
        memberships_removed_count: Set(run.counts.memberships_removed),
        kind: Set(match run.kind {
            RunKind::Asked => ASKED,
            RunKind::Automatic => AUTOMATIC,
            RunKind::Undo => UNDO,
        }),
        undone_by_run_id: Set(run.undone_by.map(SyncRunId::uuid)),
        undoes_run_id: Set(run.undoes.map(SyncRunId::uuid)),
        approved: Set(run.approved),
        whole: Set(run.whole),
    }
}
