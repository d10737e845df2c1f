//! Keys that asked to read a directory: who waits, who may, and who approved it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use freehold_audit::{Event, Label, record};
use freehold_tenancy::TenantState;
use freehold_types::{Caller, ConnectorId, DirectoryId, Fault, Kind, Reason, Service};

use tokio::sync::Semaphore;

use super::hub::Hub;
use super::key::{PublicKey, fingerprint};
use crate::directory::{self, Directory};
use crate::mapping::clean;
use crate::{Deps, fault, store, sync};

/// How many keys may wait per directory; a new one takes the place of the oldest.
const PENDING_MAX: usize = 8;
/// How many keys may be approved per directory.
const APPROVED_MAX: usize = 8;
/// The longest name that a connector may claim, in characters.
const CLAIMED_NAME_CHARS_MAX: usize = 100;
/// The longest address that can be a company's, and name that can be a directory's, in bytes.
const ADDRESS_BYTES_MAX: usize = 63;
/// How many keys may introduce themselves to this process in a row, and how soon one more may.
const ENROLMENTS_MAX: u32 = 60;
const ENROLMENT_EVERY: Duration = Duration::from_millis(500);
/// How many streams may be about to say who they are, in this process.
const STRANGERS_MAX: usize = 128;

/// What is sealed of a key.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Record {
    #[prost(bytes = "vec", tag = "1")]
    pub public_key: Vec<u8>,
    #[prost(string, tag = "2")]
    pub claimed_name: String,
    #[prost(string, tag = "3")]
    pub approved_by: String,
}

/// A key that asked to read a directory.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    pub id: ConnectorId,
    pub record: Record,
    pub approved: bool,
    pub created_at: DateTime<Utc>,
    pub approved_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
}

impl Connector {
    pub(crate) fn fingerprint(&self) -> String {
        PublicKey::try_from(self.record.public_key.as_slice()).map(|key| fingerprint(&key)).unwrap_or_default()
    }
}

/// The way to one directory for somebody who is not known yet.
pub(crate) struct Way {
    pub caller: Caller,
    pub directory: Directory,
}

/// The directory a connector names, if there is one that is read by connectors.
pub(crate) async fn find_way(deps: &Deps, company: &str, directory_name: &str) -> Result<Option<Way>, Fault> {
    if company.len().max(directory_name.len()) > ADDRESS_BYTES_MAX || company.is_empty() || directory_name.is_empty() {
        return Ok(None);
    }
    let tenant = deps.tenancy.find_by_name(company).await?;
    let Some(tenant) = tenant.filter(|tenant| tenant.state == TenantState::Active) else { return Ok(None) };
    let caller = Caller::service(Service::Directory, tenant.id);
    let tx = deps.tenancy.begin(&caller).await?;
    let directories = store::directory::all(&tx).await?;
    drop(tx);
    let found = directories.into_iter().find(|one| one.by_connector() && one.settings.name == directory_name);
    Ok(found.map(|directory| Way { caller, directory }))
}

/// What a connector introduces itself with.
pub(crate) struct Enrolment {
    pub company: String,
    pub directory_name: String,
    pub public_key: Vec<u8>,
    pub claimed_name: String,
}

/// Writes a key down for an administrator to see. Says nothing about what exists.
///
/// # Errors
/// When the key is none, or too many introduce themselves.
pub(crate) async fn enrol(deps: &Deps, enrolment: Enrolment) -> Result<(), Fault> {
    if PublicKey::try_from(enrolment.public_key.as_slice()).is_err() {
        return Err(Fault::new(Kind::Invalid, Reason::InvalidRequest, "public_key must be 32 bytes"));
    }
    deps.connectors.rate.take()?;
    let Some(way) = find_way(deps, &enrolment.company, &enrolment.directory_name).await? else { return Ok(()) };
    let claimed_name = clean(&enrolment.claimed_name).chars().take(CLAIMED_NAME_CHARS_MAX).collect();
    let record = Record { public_key: enrolment.public_key, claimed_name, approved_by: String::new() };
    let tx = deps.tenancy.begin(&way.caller).await?;
    let known = store::connector::all(&tx, way.directory.id).await?;
    if known.iter().any(|connector| connector.record.public_key == record.public_key) {
        return Ok(());
    }
    let pending: Vec<_> = known.iter().filter(|connector| !connector.approved).collect();
    let too_many = (pending.len() + 1).saturating_sub(PENDING_MAX);
    for oldest in pending.into_iter().take(too_many) {
        store::connector::remove(&tx, oldest.id).await?;
    }
    store::connector::insert(&tx, way.directory.id, &record).await?;
    tx.commit().await
}

/// The directory of that name and its keys.
pub(crate) async fn list(deps: &Deps, caller: &Caller, name: &str) -> Result<(Directory, Vec<Connector>), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = directory::find(&tx, name).await?;
    let connectors = store::connector::all(&tx, directory.id).await?;
    Ok((directory, connectors))
}

/// Lets the holder of a key that waits read the directory.
///
/// # Errors
/// Not found when no such key waits or is approved.
pub(crate) async fn approve(
    deps: &Deps,
    caller: &Caller,
    name: &str,
    wanted: &str,
) -> Result<(DirectoryId, Connector), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = directory::find(&tx, name).await?;
    let connectors = store::connector::all(&tx, directory.id).await?;
    let approved_count = connectors.iter().filter(|connector| connector.approved).count();
    let found = connectors.into_iter().find(|connector| connector.fingerprint() == wanted);
    let mut found = found.ok_or_else(|| fault::connector_not_found(wanted))?;
    if !found.approved {
        if approved_count >= APPROVED_MAX {
            return Err(fault::connectors_too_many(APPROVED_MAX));
        }
        found.record.approved_by = sync::approver(caller);
        store::connector::approve(&tx, found.id, &found.record).await?;
        found.approved = true;
        found.approved_at = Some(tx.mint().now());
        record(&tx, caller, Event::ConnectorApproved { directory: Label::new(&directory.settings.name) }).await?;
        tx.commit().await?;
    }
    Ok((directory.id, found))
}

/// Ends a key and whatever it reads right now.
///
/// # Errors
/// Not found when there is no such key.
pub(crate) async fn remove(deps: &Deps, caller: &Caller, name: &str, wanted: &str) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = directory::find(&tx, name).await?;
    let connectors = store::connector::all(&tx, directory.id).await?;
    let found = connectors.into_iter().find(|connector| connector.fingerprint() == wanted);
    let found = found.ok_or_else(|| fault::connector_not_found(wanted))?;
    store::connector::remove(&tx, found.id).await?;
    record(&tx, caller, Event::ConnectorRemoved { directory: Label::new(&directory.settings.name) }).await?;
    tx.commit().await?;
    deps.connectors.hub.end(directory.id, found.id);
    Ok(())
}

/// What the service remembers of connectors in this process.
pub(crate) struct Connectors {
    pub hub: Hub,
    pub rate: Rate,
    /// Room for streams that have not said yet who they are.
    pub strangers: Semaphore,
}

impl Default for Connectors {
    fn default() -> Self {
        Self { hub: Hub::default(), rate: Rate::default(), strangers: Semaphore::new(STRANGERS_MAX) }
    }
}

/// Bounds how often anybody may introduce a key to this process.
#[derive(Default)]
pub(crate) struct Rate(Mutex<Option<(Instant, u32)>>);

impl Rate {
    fn take(&self) -> Result<(), Fault> {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (since, count) = spent.unwrap_or((now, 0));
        let elapsed = now.saturating_duration_since(since);
        let given = u32::try_from(elapsed.as_millis() / ENROLMENT_EVERY.as_millis()).unwrap_or(u32::MAX);
        let count = count.saturating_sub(given);
        if count >= ENROLMENTS_MAX {
            return Err(Fault::new(Kind::Exhausted, Reason::TooManyTries, "too many connectors introduce themselves")
                .cure("try again in a minute")
                .retry_after(Duration::from_secs(60)));
        }
        *spent = Some((if given > 0 { now } else { since }, count + 1));
        Ok(())
    }
}
