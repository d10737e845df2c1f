//! Making a company what its manifest says.
//!
//! First every service says what is wrong with its part, and nothing exists yet. Then the tenancy's recorded steps,
//! then each service gets its part. All of it may be cut off anywhere and run again: what is done is not done twice,
//! and the end is the same.

use freehold_audit::record;
use freehold_tenancy::{Declaration, Step, Tenant, TenantState};
use freehold_types::{Caller, Fault, Violations};
use futures::{FutureExt as _, Stream, StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::parts::{self, Parts};
use crate::{Deps, fault};

/// A company as it shall be.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    /// For the registry.
    pub(crate) declaration: Declaration,
    /// For the other services.
    pub(crate) parts: Parts,
}

/// One thing that happened, or would.
#[derive(Debug)]
pub(crate) enum Event {
    /// A step of provisioning was done.
    Step(String),
    /// Something changed.
    Change(String),
    /// All is done.
    Done(Tenant),
}

/// Finds every mistake of a manifest; without any, answers what applying it would change. `violations` are those that
/// reading it found.
///
/// # Errors
/// Invalid with all mistakes; conflict when the tenant is closed.
pub(crate) async fn check(deps: &Deps, manifest: &Manifest, mut violations: Violations) -> Result<Vec<String>, Fault> {
    let known = find(deps, &manifest.declaration.name).await?;
    // A tenant that is not complete holds nothing a service could compare with.
    let inside = known.as_ref().filter(|tenant| tenant.state == TenantState::Active).map(|tenant| tenant.id);
    let services = parts::check(&deps.clients, &Caller::operator(inside), &manifest.parts, &mut violations).await;
    violations.finish()?;
    let mut changes = known.as_ref().map_or_else(
        || vec![format!("declare {} for {}", manifest.declaration.name, manifest.declaration.company)],
        |tenant| differences(tenant, &manifest.declaration),
    );
    changes.extend(services?);
    Ok(changes)
}

/// Applies a manifest that was checked. The work goes on only while the stream is read, and ends when it is dropped.
pub(crate) fn run(deps: Deps, manifest: Manifest) -> impl Stream<Item = Result<Event, Fault>> + Send + 'static {
    // Unbounded, because the tenancy tells its steps without waiting; a manifest has a bounded number of parts.
    let (sender, receiver) = mpsc::unbounded_channel();
    let work = async move {
        let told = Told(sender);
        let last = carry_out(&deps, &manifest, &told).await.map(Event::Done);
        told.send(last);
    };
    // Both belong to the stream: whoever drops it stops the work at its next pause.
    let nothing_more = work.into_stream().filter_map(|()| std::future::ready(None));
    stream::select(UnboundedReceiverStream::new(receiver), nothing_more)
}

/// Where the work tells what happened.
struct Told(mpsc::UnboundedSender<Result<Event, Fault>>);

impl Told {
    fn step(&self, words: String) {
        self.send(Ok(Event::Step(words)));
    }

    fn change(&self, words: String) {
        self.send(Ok(Event::Change(words)));
    }

    fn send(&self, event: Result<Event, Fault>) {
        // The receiver lives in the same stream as the work, so it is there while the work runs.
        drop(self.0.send(event));
    }
}

async fn carry_out(deps: &Deps, manifest: &Manifest, told: &Told) -> Result<Tenant, Fault> {
    let tenant = prepare(deps, &manifest.declaration, told).await?;
    let caller = Caller::operator(Some(tenant.id));
    for service in parts::ORDER {
        let changes = parts::hand_over(&deps.clients, &caller, service, &manifest.parts, false).await?;
        changes.into_iter().for_each(|sentence| told.change(sentence));
    }
    let tx = deps.tenancy.begin(&caller).await?;
    record(&tx, &caller, freehold_audit::Event::ManifestApplied).await?;
    tx.commit().await?;
    let tenant = deps.tenancy.get(tenant.id).await?;
    tracing::info!(tenant.id = %tenant.id, "a manifest was applied");
    Ok(tenant)
}

/// From wherever the tenant is to one that is in use and is called what the manifest says.
async fn prepare(deps: &Deps, declaration: &Declaration, told: &Told) -> Result<Tenant, Fault> {
    let name = &declaration.name;
    let known = find(deps, name).await?;
    let tenant = deps.tenancy.reserve(declaration).await?;
    if known.is_none() {
        told.step(words(name, Step::Reserved));
    }
    let differences = differences(&tenant, declaration);
    if !differences.is_empty() {
        deps.tenancy.describe(tenant.id, declaration).await?;
        differences.into_iter().for_each(|sentence| told.change(sentence));
    }
    if tenant.state == TenantState::Active {
        return Ok(tenant);
    }
    deps.tenancy.provision(tenant.id, |step| told.step(words(name, step))).await?;
    let tenant = deps.tenancy.activate(tenant.id).await?;
    told.step(words(name, Step::Activated));
    Ok(tenant)
}

async fn find(deps: &Deps, name: &str) -> Result<Option<Tenant>, Fault> {
    let known = deps.tenancy.find_by_name(name).await?;
    match known.as_ref().map(|tenant| tenant.state) {
        Some(TenantState::Sealed | TenantState::Erasing) => Err(fault::tenant_sealed(name)),
        Some(TenantState::Provisioning | TenantState::Active) | None => Ok(known),
    }
}

fn words(name: &str, step: Step) -> String {
    match step {
        Step::Reserved => format!("{name} is in the registry"),
        Step::Keyed => format!("{name} has a key of its own"),
        Step::Built => format!("{name} has a place of its own in the storage"),
        Step::Migrated => format!("{name} has all its tables"),
        Step::Activated => format!("{name} is in use"),
    }
}

fn differences(tenant: &Tenant, declaration: &Declaration) -> Vec<String> {
    let pairs = [
        ("company", &tenant.company, &declaration.company),
        ("language", &tenant.language, &declaration.language),
        ("time zone", &tenant.time_zone, &declaration.time_zone),
    ];
    let changed = pairs.into_iter().filter(|(_, now, wished)| now != wished);
    changed.map(|(what, now, wished)| format!("change the {what} from {now} to {wished}")).collect()
}
