//! Jobs: work that must happen, kept in the platform's tables until it is done.
//!
//! [`PlatformTx::put_job`] queues a job in the transaction that makes it necessary, once per kind and key.
//! [`Tenancy::claim_job`] lends the most overdue one to a worker for a lease; [`Tenancy::finish_job`] removes it,
//! [`Tenancy::fail_job`] puts it back with a growing pause and gives up after [`TRIES_MAX`] tries. A worker that dies
//! loses its lease, and somebody else claims the job: a job may run twice and must bear it. A worker whose lease ran
//! out can neither finish nor fail what another one has now.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_schema::field::platform::{JOB_KEY_INDEX, JOB_PAYLOAD};
use freehold_types::{Fault, JobId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use tracing::error;

use crate::entity::job::{ActiveModel, Column, Entity};
use crate::{PlatformTx, Tenancy};

/// Failures before a job is given up.
const TRIES_MAX: i32 = 10;
/// The pause after the first failure; it doubles with each.
const PAUSE_FIRST_S: i64 = 5;
/// The longest pause.
const PAUSE_MAX_S: i64 = 3_600;

const WAITING: i16 = 0;
const GIVEN_UP: i16 = 1;

/// A job on loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// What it is about.
    pub payload: Vec<u8>,
    /// Which try this is, from one. Also the claim: a later try makes an earlier worker's claim void.
    pub tries: i32,
}

impl PlatformTx {
    /// Queues a job for `run_at`. While a job of this kind and key waits or runs, nothing is added; one that was given
    /// up starts anew.
    pub async fn put_job(
        &self,
        kind: &'static str,
        key: &str,
        run_at: DateTime<Utc>,
        payload: &[u8],
    ) -> Result<(), Fault> {
        let id: JobId = self.mint().id();
        let key_index = self.index(JOB_KEY_INDEX, format!("{kind}\0{key}").as_bytes());
        let given_up = Condition::all().add(Column::KeyIndex.eq(key_index.clone())).add(Column::State.eq(GIVEN_UP));
        self.delete(Entity::delete_many().filter(given_up)).await?;
        let row = ActiveModel {
            id: Set(id.uuid()),
            kind: Set(kind.to_owned()),
            key_index: Set(key_index),
            payload_sealed: Set(self.seal(JOB_PAYLOAD, id.uuid(), payload)),
            state: Set(WAITING),
            run_at: Set(run_at),
            leased_until_at: Set(None),
            try_count: Set(0),
            created_at: Set(self.mint().now()),
        };
        self.insert_or(vec![row], OnConflict::column(Column::KeyIndex).do_nothing().to_owned()).await?;
        Ok(())
    }
}

impl Tenancy {
    /// Lends the most overdue job of these kinds for `lease`, if one is due.
    pub async fn claim_job(&self, kinds: &[&str], lease: Duration) -> Result<Option<Job>, Fault> {
        let tx = self.platform().await?;
        let now = tx.mint().now();
        let free = Condition::any().add(Column::LeasedUntilAt.is_null()).add(Column::LeasedUntilAt.lt(now));
        let due = Entity::find()
            .filter(Column::Kind.is_in(kinds.iter().copied()))
            .filter(Column::State.eq(WAITING))
            .filter(Column::RunAt.lte(now))
            .filter(free)
            .order_by_asc(Column::RunAt);
        let Some(row) = tx.one(tx.lock_free(due)).await? else { return Ok(None) };
        let tries = row.try_count.saturating_add(1);
        let lease = TimeDelta::from_std(lease).map_err(|err| Fault::internal("claiming a job", err))?;
        let claim = Entity::update_many()
            .filter(Column::Id.eq(row.id))
            .col_expr(Column::LeasedUntilAt, Expr::value(Some(now + lease)))
            .col_expr(Column::TryCount, Expr::value(tries));
        tx.update(claim).await?;
        let payload = tx.open(JOB_PAYLOAD, row.id, &row.payload_sealed)?;
        tx.commit().await?;
        Ok(Some(Job { id: JobId::from_uuid(row.id), kind: row.kind, payload, tries }))
    }

    /// Ends a job that is done.
    pub async fn finish_job(&self, job: &Job) -> Result<(), Fault> {
        let tx = self.platform().await?;
        tx.delete(Entity::delete_many().filter(claimed(job))).await?;
        tx.commit().await
    }

    /// Puts a job back that could not be done, for later; gives it up after enough tries.
    pub async fn fail_job(&self, job: &Job) -> Result<(), Fault> {
        let give_up = job.tries >= TRIES_MAX;
        if give_up {
            error!(job.id = %job.id, job.kind = job.kind, tries = job.tries, "a job failed too often and is given up");
        }
        let tx = self.platform().await?;
        let back = Entity::update_many()
            .filter(claimed(job))
            .col_expr(Column::State, Expr::value(if give_up { GIVEN_UP } else { WAITING }))
            .col_expr(Column::RunAt, Expr::value(tx.mint().now() + pause(job.tries)))
            .col_expr(Column::LeasedUntilAt, Expr::value(None::<DateTime<Utc>>));
        tx.update(back).await?;
        tx.commit().await
    }
}

fn claimed(job: &Job) -> Condition {
    Condition::all().add(Column::Id.eq(job.id.uuid())).add(Column::TryCount.eq(job.tries))
}

fn pause(tries: i32) -> TimeDelta {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or_default().min(20);
    TimeDelta::seconds(PAUSE_FIRST_S.saturating_mul(2_i64.saturating_pow(doublings)).min(PAUSE_MAX_S))
}

#[cfg(test)]
mod tests;
