//! Events written in the transaction they tell of, and handed on after it is committed.
//!
//! Each event is handed on at least once, in the order it was written, and marked in a transaction of its own; no
//! transaction is open while the handler runs. A handler must therefore bear seeing an event twice. An event that a
//! handler refuses [`TRIES_MAX`] times is parked, so that it does not stop those behind it; a handler that cannot
//! reach its other side does not count as a refusal.

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use freehold_schema::field::platform::outbox_payload;
use freehold_types::{Caller, Fault, Kind, OutboxEventId, Service, TenantId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tracing::{error, warn};

use crate::entity::outbox::{ActiveModel, Column, Entity, Model};
use crate::{Tenancy, TenantTx};

/// Refusals before an event is parked.
const TRIES_MAX: i16 = 5;
/// Events read at once.
const RELAY_BATCH_EVENTS_MAX: u64 = 100;
/// How long delivered events are kept, for whoever looks into what happened.
const KEPT_DAYS: i64 = 7;

const WAITING: i16 = 0;
const DELIVERED: i16 = 1;
const PARKED: i16 = 2;

/// Something that happened in a tenant, on its way to other services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id: the same when it is handed on a second time.
    pub id: OutboxEventId,
    /// Whose event it is.
    pub tenant: TenantId,
    /// What kind of event.
    pub topic: String,
    /// What the writer put in.
    pub payload: Vec<u8>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// How often it was refused so far.
    pub tries: i16,
}

/// The order of events: the clock in microseconds, and never the same or an earlier number twice in a process.
#[derive(Default)]
pub(crate) struct Positions(AtomicI64);

impl Positions {
    fn next(&self, now: DateTime<Utc>) -> i64 {
        let micros = now.timestamp_micros();
        let advance = |last: i64| Some(micros.max(last.saturating_add(1)));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance);
        micros.max(last.unwrap_or_default().saturating_add(1))
    }
}

pub(crate) async fn put(
    tx: &TenantTx,
    positions: &Positions,
    owner: Service,
    topic: &'static str,
    payload: &[u8],
) -> Result<(), Fault> {
    let id: OutboxEventId = tx.mint().id();
    let now = tx.mint().now();
    let row = ActiveModel {
        id: Set(id.uuid()),
        owner: Set(owner.number()),
        topic: Set(topic.to_owned()),
        payload_sealed: Set(tx.seal(outbox_payload(owner), id.uuid(), payload)),
        state: Set(WAITING),
        position: Set(positions.next(now)),
        try_count: Set(0),
        created_at: Set(now),
        delivered_at: Set(None),
    };
    tx.insert(row).await
}

impl Tenancy {
    /// Hands a tenant's waiting events of one service to `handler`, in order; gives how many were delivered. Stops at
    /// the first refusal, without a fault, so that order is kept: the next call tries that event again.
    pub async fn relay<F, Fut>(&self, tenant: TenantId, owner: Service, handler: F) -> Result<u64, Fault>
    where
        F: Fn(Event) -> Fut,
        Fut: Future<Output = Result<(), Fault>>,
    {
        let caller = Caller::service(owner, tenant);
        let mut delivered = 0;
        loop {
            let events = self.waiting(&caller, owner).await?;
            if events.is_empty() {
                break;
            }
            for event in events {
                let (id, tries) = (event.id, event.tries);
                match handler(event).await {
                    Ok(()) => {
                        self.mark_delivered(&caller, id).await?;
                        delivered += 1;
                    }
                    Err(refusal) => {
                        if !self.mark_refused(&caller, id, tries, &refusal).await? {
                            return Ok(delivered);
                        }
                    }
                }
            }
        }
        if delivered > 0 {
            self.drop_old(&caller, owner).await?;
        }
        Ok(delivered)
    }

    /// Hands on the events of all tenants for as long as it runs: at once after a commit in this process, and after
    /// `poll` what came from elsewhere or was refused. Faults are logged and tried again.
    pub async fn relay_all<F, Fut>(&self, owner: Service, poll: Duration, handler: F)
    where
        F: Fn(Event) -> Fut,
        Fut: Future<Output = Result<(), Fault>>,
    {
        let mut tenants = self.tenants_with_events(owner).await;
        loop {
            match tenants {
                Ok(some) => {
                    for tenant in some {
                        if let Err(err) = self.relay(tenant, owner, &handler).await {
                            warn!(tenant.id = %tenant, owner = owner.name(), error = %err, "events wait: relay failed");
                        }
                    }
                }
                Err(err) => {
                    warn!(owner = owner.name(), error = %err, "events wait: the storage cannot be read");
                    tokio::time::sleep(poll).await;
                }
            }
            tenants = self.wait_for_events(owner, poll).await;
        }
    }

    /// Waits for a commit with events of this service in this process, or at most this long and then looks at all
    /// tenants.
    pub async fn wait_for_events(&self, owner: Service, at_most: Duration) -> Result<Vec<TenantId>, Fault> {
        let hinted = self.hints().take(owner, at_most).await;
        if hinted.is_empty() { self.tenants_with_events(owner).await } else { Ok(hinted) }
    }

    /// Every active tenant in whose outbox an event of this service waits. One query per tenant.
    pub async fn tenants_with_events(&self, owner: Service) -> Result<Vec<TenantId>, Fault> {
        let mut found = Vec::new();
        for tenant in self.active_tenants().await? {
            match self.waits(tenant, owner).await {
                Ok(true) => found.push(tenant),
                Ok(false) => {}
                // One tenant's trouble, or its end a moment ago, is no reason to let the others wait.
                Err(err) => warn!(tenant.id = %tenant, error = %err, "an outbox cannot be read"),
            }
        }
        Ok(found)
    }

    async fn waits(&self, tenant: TenantId, owner: Service) -> Result<bool, Fault> {
        let tx = self.begin(&Caller::service(owner, tenant)).await?;
        let first = tx.one(Entity::find().filter(of(owner)).filter(Column::State.eq(WAITING))).await?;
        tx.commit().await?;
        Ok(first.is_some())
    }

    async fn waiting(&self, caller: &Caller, owner: Service) -> Result<Vec<Event>, Fault> {
        let tx = self.begin(caller).await?;
        let query = Entity::find().filter(of(owner)).filter(Column::State.eq(WAITING));
        let rows = tx.all(query.order_by_asc(Column::Position).limit(RELAY_BATCH_EVENTS_MAX)).await?;
        let open = |row: Model| {
            Ok(Event {
                id: OutboxEventId::from_uuid(row.id),
                tenant: tx.tenant(),
                payload: tx.open(outbox_payload(owner), row.id, &row.payload_sealed)?,
                topic: row.topic,
                created_at: row.created_at,
                tries: row.try_count,
            })
        };
        let events = rows.into_iter().map(open).collect::<Result<Vec<_>, Fault>>()?;
        tx.commit().await?;
        Ok(events)
    }

    async fn mark_delivered(&self, caller: &Caller, id: OutboxEventId) -> Result<(), Fault> {
        let tx = self.begin(caller).await?;
        let update = Entity::update_many()
            .filter(Column::Id.eq(id.uuid()))
            .col_expr(Column::State, Expr::value(DELIVERED))
            .col_expr(Column::DeliveredAt, Expr::value(Some(tx.mint().now())));
        tx.update(update).await?;
        tx.commit().await
    }

    /// Counts a refusal; says whether the event is out of the way of those behind it.
    async fn mark_refused(
        &self,
        caller: &Caller,
        id: OutboxEventId,
        tries: i16,
        refusal: &Fault,
    ) -> Result<bool, Fault> {
        if refusal.kind() == Kind::Unavailable {
            warn!(outbox_event.id = %id, error = %refusal, "an event waits for a part that cannot be reached");
            return Ok(false);
        }
        let tries = tries.saturating_add(1);
        let parked = tries >= TRIES_MAX;
        if parked {
            error!(outbox_event.id = %id, tries, error = %refusal, "an event was refused for good and is parked");
        }
        let tx = self.begin(caller).await?;
        let update = Entity::update_many()
            .filter(Column::Id.eq(id.uuid()))
            .col_expr(Column::State, Expr::value(if parked { PARKED } else { WAITING }))
            .col_expr(Column::TryCount, Expr::value(tries));
        tx.update(update).await?;
        tx.commit().await?;
        Ok(parked)
    }

    async fn drop_old(&self, caller: &Caller, owner: Service) -> Result<(), Fault> {
        let tx = self.begin(caller).await?;
        let before = tx.mint().now() - chrono::TimeDelta::days(KEPT_DAYS);
        let old = Entity::delete_many().filter(of(owner)).filter(Column::State.eq(DELIVERED));
        tx.delete(old.filter(Column::DeliveredAt.lt(before))).await?;
        tx.commit().await
    }
}

fn of(owner: Service) -> sea_orm::sea_query::SimpleExpr {
    Column::Owner.eq(owner.number())
}

#[cfg(test)]
mod tests;
