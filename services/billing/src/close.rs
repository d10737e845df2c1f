//! Closing a month: stop counting, freeze the count, price it, issue the invoice.
//!
//! Two commits for each tenant. The first ends the counting; the second freezes, prices and issues at once. Cut off
//! anywhere and run again, or run by two at once, it gives the same invoice.

use std::time::Duration;

use chrono::TimeDelta;
use freehold_tenancy::{Tenant, TenantState};
use freehold_types::{Fault, Period};

use crate::invoice::{self, Issued};
use crate::subscription::{self, Terms};
use crate::{Deps, fault, store, usage};

/// Kind of the job that closes a month for all tenants.
const JOB: &str = "billing.close";
/// How long after its end a month is closed by itself, so that a machine whose clock is late has finished it too.
const GRACE_MINUTES: i64 = 15;
/// How long a worker may take before another one takes the job over.
const LEASE: Duration = Duration::from_secs(1_800);
/// How often we look whether a month has ended.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// What closing found, for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frozen {
    /// How many people counted.
    pub(crate) active_people: i64,
    /// What the month is priced by.
    pub(crate) terms: Terms,
}

/// How far a tenant's month is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// People are counted.
    Open,
    /// Nobody is counted any more; the invoice is not there yet.
    Closing,
    /// Counted and, if it cost anything, issued.
    Closed(Frozen),
}

/// What closing gave for one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    /// The tenant's name.
    pub(crate) company_address: String,
    /// How many people counted.
    pub(crate) active_people: i64,
    /// The invoice; none when there is nothing to pay, which takes no number.
    pub(crate) invoice: Option<Issued>,
}

/// Closes a month for the tenants of these names, or for all; by name.
///
/// # Errors
/// Conflict when the month has not ended; not found when a name is nobody's, and then nothing is closed. When closing
/// fails for one tenant, the others are closed all the same, and the fault says which failed.
pub(crate) async fn run(deps: &Deps, period: Period, names: &[String]) -> Result<Vec<Closed>, Fault> {
    if period.ends_at() > deps.tenancy.mint().now() {
        return Err(fault::period_open(period));
    }
    let mut tenants = chosen(deps.tenancy.list().await?, period, names)?;
    tenants.sort_by(|one, other| one.name.cmp(&other.name));
    let mut closed = Vec::with_capacity(tenants.len());
    let mut failures = Vec::new();
    for tenant in &tenants {
        match close(deps, tenant, period).await {
            Ok(one) => closed.push(one),
            Err(fault) => {
                tracing::error!(tenant.id = %tenant.id, %period, error = %fault, "a period could not be closed");
                failures.push((tenant.name.clone(), fault));
            }
        }
    }
    if failures.is_empty() { Ok(closed) } else { Err(fault::partly_closed(period, failures, tenants.len())) }
}

fn chosen(all: Vec<Tenant>, period: Period, names: &[String]) -> Result<Vec<Tenant>, Fault> {
    if names.is_empty() {
        // Who came after the month has nothing in it, and who never was in use neither.
        let there = |tenant: &Tenant| tenant.state != TenantState::Provisioning && tenant.created_at < period.ends_at();
        return Ok(all.into_iter().filter(there).collect());
    }
    let unknown: Vec<&str> =
        names.iter().filter(|name| !all.iter().any(|tenant| tenant.name == **name)).map(String::as_str).collect();
    if unknown.is_empty() {
        Ok(all.into_iter().filter(|tenant| names.contains(&tenant.name)).collect())
    } else {
        Err(fault::tenants_not_found(&unknown))
    }
}

async fn close(deps: &Deps, tenant: &Tenant, period: Period) -> Result<Closed, Fault> {
    stop_counting(deps, tenant, period).await?;
    let tx = deps.tenancy.platform().await?;
    let (frozen, invoice) = match store::meter_period::lock(&tx, tenant.id, period).await? {
        State::Closed(frozen) => (frozen, store::invoice::find_of(&tx, tenant.id, period).await?),
        State::Open | State::Closing => {
            let frozen = Frozen {
                active_people: store::active_person::count(&tx, tenant.id, period, usage::V1.days).await?,
                terms: subscription::in_force(&store::subscription::list(&tx, tenant.id).await?, period),
            };
            let draft = invoice::assemble(tenant, period, &frozen)?;
            let invoice = if draft.total.minor > 0 { Some(store::invoice::issue(&tx, draft).await?) } else { None };
            store::meter_period::close(&tx, tenant.id, period, &frozen).await?;
            (frozen, invoice)
        }
    };
    tx.commit().await?;
    tracing::info!(tenant.id = %tenant.id, %period, active_people = frozen.active_people, "a period is closed");
    Ok(Closed { company_address: tenant.name.clone(), active_people: frozen.active_people, invoice })
}

/// Waits for whoever is counting somebody right now, and lets nobody begin after.
async fn stop_counting(deps: &Deps, tenant: &Tenant, period: Period) -> Result<(), Fault> {
    let tx = deps.tenancy.platform().await?;
    match store::meter_period::lock(&tx, tenant.id, period).await? {
        State::Open => store::meter_period::begin_closing(&tx, tenant.id, period).await?,
        State::Closing | State::Closed(_) => {}
    }
    tx.commit().await
}

/// Closes each month for all tenants once it has ended. Never returns; ends when it is dropped.
pub(crate) async fn every_month(deps: &Deps) {
    let mut queued = None;
    loop {
        if let Err(fault) = queue(deps, &mut queued).await {
            tracing::warn!(error = %fault, "closing a period could not be queued");
        }
        while let Some(more) = work(deps).await.transpose() {
            if let Err(fault) = more {
                tracing::warn!(error = %fault, "a job that closes a period could not be run");
                break;
            }
        }
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}

/// Queues the month before this one, once per process: also after a long standstill, and for nothing when another
/// process was first.
async fn queue(deps: &Deps, queued: &mut Option<Period>) -> Result<(), Fault> {
    let now = deps.tenancy.mint().now();
    let period = Period::of(now - TimeDelta::minutes(GRACE_MINUTES)).previous();
    if *queued == Some(period) {
        return Ok(());
    }
    let tx = deps.tenancy.platform().await?;
    let text = period.to_string();
    tx.put_job(JOB, &text, now, text.as_bytes()).await?;
    tx.commit().await?;
    *queued = Some(period);
    Ok(())
}

/// Does one job, if one is due.
async fn work(deps: &Deps) -> Result<Option<()>, Fault> {
    let Some(job) = deps.tenancy.claim_job(&[JOB], LEASE).await? else { return Ok(None) };
    let text = String::from_utf8_lossy(&job.payload).into_owned();
    let period = text.parse().map_err(|error| Fault::internal("reading a job", error))?;
    match run(deps, period, &[]).await {
        Ok(_closed) => deps.tenancy.finish_job(&job).await?,
        Err(fault) => {
            tracing::warn!(job.id = %job.id, error = %fault, "a period is not closed for all yet; it is tried again");
            deps.tenancy.fail_job(&job).await?;
        }
    }
    Ok(Some(()))
}

#[cfg(test)]
mod tests;
