//! Asking IdPs whether they would still let people in who came from them. For IdPs that say nothing when an account is
//! switched off, a refresh token that is refused is the only sign there is.

mod round;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Mint, TenantId};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

pub(crate) use self::round::Probe;
use crate::{Auth, Shared};

/// How often an IdP is asked about one session.
const PAUSE_MINUTES: i64 = 5;
/// What is added to it at most, so that people who came together are not asked about together.
const JITTER_MILLISECONDS: u32 = 60_000;
/// How long an IdP may fail before the sessions that it could not be asked about end.
pub(crate) const OFFLINE_MINUTES_MAX: i64 = 60;
/// Nobody is asked about whose session was not used for so long; they are as soon as it is used again. Otherwise we would
/// keep the IdP's own sessions from growing old.
pub(crate) const IDLE_MINUTES: i64 = 10;
/// How often we look for sessions whose time has come.
const BEAT: Duration = Duration::from_secs(5);
/// Tenants at once; the others wait for their turn.
const TENANTS_AT_ONCE: usize = 64;

/// Tenants with sessions to ask about.
#[derive(Default)]
pub(crate) struct Probes(Mutex<BTreeSet<TenantId>>);

impl Probes {
    /// There is one in this tenant.
    pub(crate) fn note(&self, tenant: TenantId) {
        self.held().insert(tenant);
    }

    fn forget(&self, tenant: TenantId) {
        self.held().remove(&tenant);
    }

    fn all(&self) -> Vec<TenantId> {
        self.held().iter().copied().collect()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeSet<TenantId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When to ask about a session that the IdP was asked about, or made, just now.
pub(crate) fn due_after(mint: &Mint) -> DateTime<Utc> {
    let jitter = u32::from_be_bytes(mint.bytes()) % JITTER_MILLISECONDS;
    mint.now() + TimeDelta::minutes(PAUSE_MINUTES) + TimeDelta::milliseconds(i64::from(jitter))
}

/// Asks whenever it is time to; never ends by itself. Each tenant is asked for apart, so a slow IdP holds up its own
/// people only.
pub(crate) async fn keep(auth: Shared) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looked_at: Option<DateTime<Utc>> = None;
    let mut busy = BTreeSet::new();
    let mut rounds = JoinSet::new();
    let turns = Arc::new(Semaphore::new(TENANTS_AT_ONCE));
    loop {
        beat.tick().await;
        // Every round gives its tenant back, and one that broke off is given back when all others have ended.
        while let Some(ended) = rounds.try_join_next() {
            if let Ok(tenant) = ended {
                busy.remove(&tenant);
            }
        }
        if rounds.is_empty() {
            busy.clear();
        }
        look(&auth, &mut looked_at).await;
        for tenant in auth.probes.all() {
            if busy.insert(tenant) {
                rounds.spawn(run(Arc::clone(&auth), Arc::clone(&turns), tenant));
            }
        }
    }
}

/// Another process may have opened sessions and be gone, so now and then all tenants are looked at.
async fn look(auth: &Auth, looked_at: &mut Option<DateTime<Utc>>) {
    let now = auth.deps.mint.now();
    if looked_at.is_some_and(|looked_at| now - looked_at < TimeDelta::minutes(PAUSE_MINUTES)) {
        return;
    }
    match auth.deps.tenancy.active_tenants().await {
        Ok(tenants) => {
            tenants.into_iter().for_each(|tenant| auth.probes.note(tenant));
            *looked_at = Some(now);
        }
        Err(fault) => tracing::warn!(reason = fault.reason().name(), "the registry cannot be read"),
    }
}

async fn run(auth: Shared, turns: Arc<Semaphore>, tenant: TenantId) -> TenantId {
    // It is never closed, and if it were, nobody would have to wait.
    let _turn = turns.acquire().await.ok();
    match round::run(&auth, tenant).await {
        Ok(true) => {}
        Ok(false) => auth.probes.forget(tenant),
        Err(fault) => {
            tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "sessions were not asked about");
        }
    }
    tenant
}

#[cfg(test)]
mod tests;
