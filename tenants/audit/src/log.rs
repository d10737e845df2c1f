//! Adding to the log, reading it, and finding out whether it is whole.

use chrono::{DateTime, Utc};
use freehold_schema::field::platform::AUDIT_DETAILS;
use freehold_tenancy::TenantTx;
use freehold_types::{AuditEventId, Caller, Fault, PageSize, Party};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chain::{Checkpoint, Link};
use crate::entity::{audit_event as row, audit_head as head};
use crate::event::{Details, Event};

/// The only head's id.
const ONLY: Uuid = Uuid::nil();
/// Rows that are verified at once.
const VERIFY_ROWS: u64 = 500;

/// What is sealed of an event.
#[derive(Serialize, Deserialize)]
struct Content {
    event: String,
    by: String,
    details: Details,
}

/// An event as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its number: 1 is the first of the tenant, and no number is left out.
    pub sequence: i64,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// What kind of event.
    pub event: String,
    /// Who did it: a person's id, or `operator`, a service's name, or a provisioned directory's id.
    pub by: String,
    /// What else is known of it, by name.
    pub details: Details,
}

/// What a look at the whole log found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Up to where the log is whole.
    pub checkpoint: Checkpoint,
    /// Where it is not, if it is not.
    pub broken: Option<Break>,
}

/// What is wrong with a log that somebody changed in the database. The numbers are those of the first row concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The row that should have this number is not there.
    Missing(i64),
    /// The row with this number is not what was written there.
    Changed(i64),
}

/// Writes an event, to last when the transaction does. Call it as the last thing before the commit: until then nobody
/// else writes to this tenant's log.
pub async fn record(tx: &TenantTx, by: &Caller, event: Event) -> Result<(), Fault> {
    record_all(tx, by, &[event]).await
}

/// Writes several events, in this order.
pub async fn record_all(tx: &TenantTx, by: &Caller, events: &[Event]) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    let mut last = lock_head(tx).await?;
    let now = tx.mint().now();
    let key_version = tx.keys().version();
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        let id: AuditEventId = tx.mint().id();
        let content = Content { event: event.name().to_owned(), by: name(by), details: event.details() };
        let details = serde_json::to_vec(&content).map_err(|error| Fault::internal("writing an audit event", error))?;
        let link = Link { id: id.uuid(), recorded_at: now, details: &details };
        last = link
            .after(tx, last, key_version)?
            .ok_or_else(|| Fault::internal("writing an audit event", "the tenant's key has no such version"))?;
        rows.push(row::ActiveModel {
            id: Set(id.uuid()),
            sequence: Set(last.sequence),
            recorded_at: Set(now),
            details_sealed: Set(tx.seal(AUDIT_DETAILS, id.uuid(), &details)),
            key_version: Set(i32::try_from(key_version).unwrap_or(i32::MAX)),
            chain_hash: Set(last.hash.to_vec()),
        });
    }
    tx.insert_all(rows).await?;
    let only = head::Entity::update_many().filter(head::Column::Id.eq(ONLY));
    let only = only.col_expr(head::Column::Sequence, Expr::value(last.sequence));
    tx.update(only.col_expr(head::Column::ChainHash, Expr::value(last.hash.to_vec()))).await.map(|_one| ())
}

/// Events before the given number, newest first, at most one more than a page has.
pub async fn page(tx: &TenantTx, before: Option<i64>, page: PageSize) -> Result<Vec<Recorded>, Fault> {
    let mut query = row::Entity::find().order_by_desc(row::Column::Sequence).limit(page.get().saturating_add(1));
    if let Some(before) = before {
        query = query.filter(row::Column::Sequence.lt(before));
    }
    tx.all(query).await?.iter().map(|row| recorded(tx, row)).collect()
}

/// Looks at the whole log, from its first row on.
pub async fn verify(tx: &TenantTx) -> Result<Verified, Fault> {
    // Nobody adds a row between the last look and the head's.
    let head = lock_head(tx).await?;
    let mut checkpoint = Checkpoint::START;
    loop {
        let query = row::Entity::find().filter(row::Column::Sequence.gt(checkpoint.sequence));
        let rows = tx.all(query.order_by_asc(row::Column::Sequence).limit(VERIFY_ROWS)).await?;
        if rows.is_empty() {
            let whole = checkpoint.is(head.sequence, &head.hash);
            let broken = (!whole).then_some(Break::Missing(checkpoint.sequence.saturating_add(1)));
            return Ok(Verified { checkpoint, broken });
        }
        for row in &rows {
            match after(tx, checkpoint, row)? {
                Ok(next) => checkpoint = next,
                Err(broken) => return Ok(Verified { checkpoint, broken: Some(broken) }),
            }
        }
    }
}

/// The checkpoint behind this row, if it is the one that was written there.
fn after(tx: &TenantTx, last: Checkpoint, row: &row::Model) -> Result<Result<Checkpoint, Break>, Fault> {
    let expected = last.sequence.saturating_add(1);
    if row.sequence != expected {
        return Ok(Err(Break::Missing(expected)));
    }
    let changed = Ok(Err(Break::Changed(expected)));
    let Ok(details) = tx.open(AUDIT_DETAILS, row.id, &row.details_sealed) else { return changed };
    let link = Link { id: row.id, recorded_at: row.recorded_at, details: &details };
    let next = link.after(tx, last, u32::try_from(row.key_version).unwrap_or_default())?;
    match next.filter(|next| next.is(row.sequence, &row.chain_hash)) {
        Some(next) => Ok(Ok(next)),
        None => changed,
    }
}

/// Where the log ends; kept for this transaction.
async fn lock_head(tx: &TenantTx) -> Result<Checkpoint, Fault> {
    let find = || tx.lock(head::Entity::find_by_id(ONLY));
    let found = match tx.one(find()).await? {
        Some(found) => Some(found),
        None => {
            let Checkpoint { sequence, hash } = Checkpoint::START;
            let first = head::ActiveModel { id: Set(ONLY), sequence: Set(sequence), chain_hash: Set(hash.to_vec()) };
            // Of two that begin the log at once, one waits here for the other.
            let keep = OnConflict::column(head::Column::Id).do_nothing().to_owned();
            tx.insert_or(vec![first], keep).await?;
            tx.one(find()).await?
        }
    };
    let found = found.ok_or_else(|| Fault::internal("opening the audit log", "the row that ends it is not there"))?;
    let hash = found.chain_hash.try_into();
    let hash = hash.map_err(|_short| Fault::internal("opening the audit log", "its last hash has another length"))?;
    Ok(Checkpoint { sequence: found.sequence, hash })
}

fn recorded(tx: &TenantTx, row: &row::Model) -> Result<Recorded, Fault> {
    let details = tx.open(AUDIT_DETAILS, row.id, &row.details_sealed)?;
    let Content { event, by, details } =
        serde_json::from_slice(&details).map_err(|error| Fault::internal("reading an audit event", error))?;
    Ok(Recorded { sequence: row.sequence, recorded_at: row.recorded_at, event, by, details })
}

fn name(by: &Caller) -> String {
    match by.party {
        Party::Person { id, .. } => id.to_string(),
        Party::Service(service) => service.name().to_owned(),
        Party::Provisioner { directory } => directory.to_string(),
        Party::Client { id, .. } => id.to_string(),
        Party::Operator => "operator".to_owned(),
    }
}

#[cfg(test)]
mod tests;
