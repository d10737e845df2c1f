//! What this service writes into the companies' audit logs.
//!
//! A refusal is somebody else's choice, so what strangers can write is bounded: of the refusals of one kind in a minute,
//! the first, the tenth, the hundredth and so on are written, each with how many there were so far, and a minute has so
//! many kinds and no more. The counts are in memory, so several processes write up to as many times as much.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, Label, Method, Recorded, Verified, Way, record};
use freehold_types::{Caller, ClientId, Fault, PageSize, PersonId, Service, TenantId};

use crate::delay::Name;
use crate::{Auth, store};

/// Name of the list in page tokens.
const LIST: &str = "auth.audit_events";
/// How long refusals of one kind are counted together.
const COUNTED_SECONDS: i64 = 60;
/// Kinds that are told apart by a name that somebody typed. Beyond, names are not looked at.
const NAMES_MAX: usize = 50;

/// A refusal on its way to the log.
pub(crate) struct Refused<'a> {
    pub(crate) method: Method,
    /// The connection as a browser names it; written only when there is one of that name.
    pub(crate) connection: Option<&'a str>,
    /// Why, in a word of our own.
    pub(crate) reason: &'static str,
    pub(crate) person: Option<PersonId>,
    /// What was typed, known or not: both must take the same path.
    pub(crate) name: Option<Name>,
}

impl Refused<'_> {
    /// With nothing but a reason.
    pub(crate) const fn because(method: Method, reason: &'static str) -> Self {
        Self { method, connection: None, reason, person: None, name: None }
    }
}

/// What is counted together.
type Kind = (Method, &'static str, Option<Name>);

/// The refusals of the running minute.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashMap<TenantId, Minute>>);

#[derive(Debug)]
struct Minute {
    ends_at: DateTime<Utc>,
    counts: HashMap<Kind, u64>,
}

impl Refusals {
    /// Counts a refusal; answers how many there were in this minute, when that is to be written.
    fn count(&self, tenant: TenantId, kind: Kind, now: DateTime<Utc>) -> Option<u64> {
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Minute { ends_at: now + TimeDelta::seconds(COUNTED_SECONDS), counts: HashMap::new() };
        let minute = tenants.entry(tenant).or_insert_with(fresh);
        if minute.ends_at <= now {
            *minute = fresh();
        }
        let (method, reason, name) = kind;
        let told_apart = minute.counts.contains_key(&kind) || minute.counts.len() < NAMES_MAX;
        let count = minute.counts.entry((method, reason, name.filter(|_name| told_apart))).or_default();
        *count = count.saturating_add(1);
        let written = count.checked_ilog10().is_some_and(|power| 10_u64.checked_pow(power) == Some(*count));
        written.then_some(*count)
    }
}

/// A page of the company's log, newest first, and the token of the next page.
pub(crate) async fn list(
    auth: &Auth,
    caller: &Caller,
    size: PageSize,
    page_token: &str,
) -> Result<(Vec<Recorded>, String), Fault> {
    let before = auth.deps.pages.decode(caller, LIST, page_token)?;
    let before = before.and_then(|position| position.try_into().ok()).map(i64::from_be_bytes);
    let tx = auth.deps.tenancy.begin(caller).await?;
    let mut events = freehold_audit::page(&tx, before, size).await?;
    tx.commit().await?;
    let more = events.len() > size.len();
    events.truncate(size.len());
    let next = events.last().filter(|_last| more);
    let next = next.map(|last| auth.deps.pages.encode(caller, LIST, &last.sequence.to_be_bytes()));
    Ok((events, next.unwrap_or_default()))
}

/// Looks whether the company's log is as it was written.
pub(crate) async fn verify(auth: &Auth, caller: &Caller) -> Result<Verified, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let verified = freehold_audit::verify(&tx).await?;
    tx.commit().await?;
    if verified.broken.is_some() {
        tracing::error!(tenant.id = %caller.tenant()?, "the audit log was changed in the database");
    }
    Ok(verified)
}

/// Writes down that somebody was not let in. That it cannot be written lets nobody in either.
pub(crate) async fn refused(auth: &Auth, tenant: TenantId, refused: Refused<'_>) {
    let kind = (refused.method, refused.reason, refused.name);
    let Some(count) = auth.refusals.count(tenant, kind, auth.deps.mint.now()) else { return };
    let event = |connection| {
        let way = Way { method: refused.method, connection };
        Event::SignInRefused { way, reason: refused.reason, person: refused.person, count }
    };
    write(auth, tenant, refused.connection, event).await;
}

/// Writes down that somebody must wait.
pub(crate) async fn throttled(auth: &Auth, tenant: TenantId, method: Method, name: Option<Name>) {
    let Some(count) = auth.refusals.count(tenant, (method, "throttled", name), auth.deps.mint.now()) else { return };
    write(auth, tenant, None, |_connection| Event::Throttled { way: Way::own(method), count }).await;
}

/// Writes down that a logout token was not believed.
pub(crate) async fn logout_refused(auth: &Auth, tenant: TenantId, connection_name: &str, reason: &'static str) {
    // No sign-in at an IdP is refused for a reason of this name.
    let Some(count) = auth.refusals.count(tenant, (Method::Idp, reason, None), auth.deps.mint.now()) else { return };
    let event = |connection: Option<Label>| Event::LogoutTokenRefused {
        connection: connection.unwrap_or_else(|| Label::new("")),
        reason,
        count,
    };
    write(auth, tenant, Some(connection_name), event).await;
}

/// Writes down that a client was not given a caller token.
pub(crate) async fn client_refused(auth: &Auth, tenant: TenantId, client: Option<ClientId>, reason: &'static str) {
    // No sign-in is refused for a reason of this name.
    let Some(count) = auth.refusals.count(tenant, (Method::Idp, reason, None), auth.deps.mint.now()) else { return };
    write(auth, tenant, None, |_connection| Event::ClientRefused { client, reason, count }).await;
}

async fn write(
    auth: &Auth,
    tenant: TenantId,
    connection_name: Option<&str>,
    event: impl FnOnce(Option<Label>) -> Event,
) {
    if let Err(error) = try_write(auth, tenant, connection_name, event).await {
        tracing::error!(tenant.id = %tenant, error = %error, "a refusal is missing in the audit log");
    }
}

async fn try_write(
    auth: &Auth,
    tenant: TenantId,
    connection_name: Option<&str>,
    event: impl FnOnce(Option<Label>) -> Event,
) -> Result<(), Fault> {
    let caller = Caller::service(Service::Auth, tenant);
    let tx = auth.deps.tenancy.begin(&caller).await?;
    let connection = match connection_name {
        Some(name) => store::connection::find_by_name(&tx, name).await?,
        None => None,
    };
    let connection = connection.map(|connection| Label::new(&connection.settings.name));
    record(&tx, &caller, event(connection)).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests;
