//! Brings what an IdP pushed to the people: all changes that wait, in one run of a part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_types::{Caller, DirectoryId, Fault, Service, TenantId};
use tokio::sync::Notify;
use tokio::time::sleep;
use uuid::Uuid;

use super::observed;
use crate::directory::Directory;
use crate::progress::Progress;
use crate::reading::Collector;
use crate::sync::{self, Wish};
use crate::sync_run::State;
use crate::{Deps, store};

/// How many changes one run takes.
const CHANGES_MAX: u64 = 1_000;
/// How many runs one call starts at the most; what is left waits for the next call.
const RUNS_MAX: usize = 100;

/// How soon what had to wait is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// One at a time for each directory: changes that come meanwhile go into one run together.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Inner>);

#[derive(Default)]
struct Inner {
    turns: Mutex<BTreeMap<DirectoryId, Arc<tokio::sync::Mutex<()>>>>,
    /// Directories with changes that could not be settled when they came.
    late: Mutex<BTreeSet<(TenantId, DirectoryId)>>,
    some_late: Notify,
}

impl Turns {
    fn of(&self, directory: DirectoryId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(directory).or_default())
    }

    fn put_off(&self, tenant: TenantId, directory: DirectoryId) {
        self.0.late.lock().unwrap_or_else(PoisonError::into_inner).insert((tenant, directory));
        self.0.some_late.notify_one();
    }

    fn late(&self) -> BTreeSet<(TenantId, DirectoryId)> {
        std::mem::take(&mut *self.0.late.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Settles everything that waits, unless somebody else has settled `id` meanwhile.
///
/// The IdP has its answer whatever becomes of this: what it said is kept, and what could not be settled, because
/// another process reads the directory for longer than anybody waits, is tried again until it is.
pub(crate) async fn after_change(deps: &Deps, tenant: TenantId, directory: DirectoryId, id: Uuid) {
    if let Err(fault) = settle(deps, tenant, directory, Some(id)).await {
        tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "a provisioned change waits");
        deps.turns.put_off(tenant, directory);
    }
}

/// Settles what had to wait, again and again.
pub(crate) async fn keep_settling(deps: &Deps) {
    loop {
        deps.turns.0.some_late.notified().await;
        sleep(AGAIN_AFTER).await;
        for (tenant, directory) in deps.turns.late() {
            if let Err(fault) = settle(deps, tenant, directory, None).await {
                tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "a provisioned change still waits");
                deps.turns.put_off(tenant, directory);
            }
        }
    }
}

/// Settles what waits in a directory.
pub(crate) async fn settle(
    deps: &Deps,
    tenant: TenantId,
    directory: DirectoryId,
    id: Option<Uuid>,
) -> Result<(), Fault> {
    let caller = Caller::service(Service::Directory, tenant);
    let turn = deps.turns.of(directory);
    let _mine = turn.lock().await;
    if let Some(id) = id {
        let tx = deps.tenancy.begin(&caller).await?;
        if store::scim_resource::settled(&tx, id).await? {
            return Ok(());
        }
    }
    for _ in 0..RUNS_MAX {
        if !Box::pin(settle_some(deps, &caller, directory)).await? {
            break;
        }
    }
    Ok(())
}

/// Takes the oldest changes through a run; says whether there may be more.
async fn settle_some(deps: &Deps, caller: &Caller, id: DirectoryId) -> Result<bool, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directories = store::directory::all(&tx).await?;
    let found = directories.into_iter().find(|directory| directory.id == id && !directory.retired);
    let Some(directory): Option<Directory> = found else { return Ok(false) };
    let waiting = store::scim_resource::unsettled(&tx, id, CHANGES_MAX).await?;
    let told = observed::these(&tx, &directory, &waiting).await?;
    let keys = tx.keys().clone();
    drop(tx);
    if waiting.is_empty() {
        return Ok(false);
    }
    let mut collector = Collector::part(keys);
    told.into_iter().for_each(|observed| collector.take(observed));
    let wish = Wish { losses_wait: true, ..Wish::default() };
    let reading = collector.finish()?;
    let nobody = Progress::to_nobody();
    let run = Box::pin(sync::run_part(deps, caller, &directory, reading, None, &wish, &nobody)).await?;
    // What the guard holds stays in the store as the IdP said it: a preview shows it, and an approval takes it.
    if !matches!(run.state, State::Done | State::Held) {
        return Ok(false);
    }
    let tx = deps.tenancy.begin(caller).await?;
    store::scim_resource::settle(&tx, &waiting).await?;
    tx.commit().await?;
    Ok(u64::try_from(waiting.len()).is_ok_and(|count| count == CHANGES_MAX))
}

/// Settles what a process that ended left behind, in every provisioned directory of a tenant.
pub(crate) async fn left_behind(deps: &Deps, tenant: TenantId) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(&Caller::service(Service::Directory, tenant)).await?;
    let directories = store::directory::all(&tx).await?;
    drop(tx);
    for directory in directories.iter().filter(|directory| directory.settings.provisioned() && !directory.retired) {
        if let Err(fault) = settle(deps, tenant, directory.id, None).await {
            tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "a provisioned change waits");
            deps.turns.put_off(tenant, directory.id);
        }
    }
    Ok(())
}
