//! A company's plan, from a date. The history is kept, so that a month can be priced long after it.

use std::fmt;

use chrono::{DateTime, Utc};
use freehold_types::{Caller, Currency, Fault, Kind, Period};

use crate::plan::{self, Plan};
use crate::{Deps, fault, store};

/// How often adding a subscription is tried while others add theirs.
const APPLY_TRIES_MAX: u32 = 3;

/// What was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The plan.
    pub(crate) plan: &'static Plan,
    /// What its prices are in.
    pub(crate) currency: Currency,
}

impl Terms {
    /// Of a company that agreed to nothing: it pays nothing.
    pub(crate) const fn none() -> Self {
        Self { plan: &plan::FREE, currency: Currency::Eur }
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.plan.name, self.currency.code())
    }
}

/// What was agreed, and since when it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// What was agreed.
    pub(crate) terms: Terms,
    /// Since when.
    pub(crate) started_at: DateTime<Utc>,
}

/// The terms that a month is priced by: those in force when it began, and in a company's first month those it began
/// with. A change inside a month counts from the next one. `history` is oldest first.
pub(crate) fn in_force(history: &[Subscription], period: Period) -> Terms {
    let at_start = history.iter().rfind(|subscription| subscription.started_at <= period.starts_at());
    let first = history.first().filter(|first| first.started_at < period.ends_at());
    at_start.or(first).map_or_else(Terms::none, |subscription| subscription.terms)
}

/// Makes the subscription of the caller's tenant the wished one, or says what that would change.
///
/// # Errors
/// Forbidden when there is no tenant and it is not only a check.
pub(crate) async fn apply(
    deps: &Deps,
    caller: &Caller,
    wish: Terms,
    validate_only: bool,
) -> Result<Vec<String>, Fault> {
    if validate_only && caller.tenant.is_none() {
        return Ok(changes(None, wish));
    }
    let tenant = crate::enter(deps, caller).await?;
    for _try in 0..APPLY_TRIES_MAX {
        let tx = deps.tenancy.platform().await?;
        let history = store::subscription::list(&tx, tenant.id).await?;
        let changes = changes(history.last().map(|last| last.terms), wish);
        if validate_only || changes.is_empty() {
            return Ok(changes);
        }
        match store::subscription::append(&tx, tenant.id, history.len(), wish).await {
            Ok(()) => return tx.commit().await.map(|()| changes),
            // Somebody applied at the same moment. What they wrote is what we compare with now.
            Err(taken) if taken.kind() == Kind::AlreadyExists => drop(tx),
            Err(other) => return Err(other),
        }
    }
    Err(fault::subscription_contended())
}

/// The subscription of the caller's tenant.
///
/// # Errors
/// Not found when it has none.
pub(crate) async fn get(deps: &Deps, caller: &Caller) -> Result<Subscription, Fault> {
    let tenant = crate::enter(deps, caller).await?;
    let tx = deps.tenancy.platform().await?;
    let history = store::subscription::list(&tx, tenant.id).await?;
    tx.commit().await?;
    history.last().copied().ok_or_else(|| fault::subscription_not_found(tenant.id))
}

fn changes(known: Option<Terms>, wish: Terms) -> Vec<String> {
    match known {
        Some(known) if known == wish => Vec::new(),
        Some(known) => vec![format!("change the plan from {known} to {wish}, for months that begin from now on")],
        None => vec![format!("begin with plan {wish}")],
    }
}

#[cfg(test)]
mod tests;
