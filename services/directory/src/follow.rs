//! The service keeps in step by itself: one follower per directory, in whichever process holds its lease.
//!
//! A directory is followed once a run of it was completed, because the first one is a person's to look at.

mod batch;
mod follower;
mod lease;
mod night;
mod pace;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use freehold_types::{Caller, DirectoryId, Fault, Service, SyncRunId, TenantId};
use tokio::sync::{Notify, watch as channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

pub(crate) use watch::{Seen, watch};

use crate::directory::Directory;
use crate::settings::Settings;
use crate::{Deps, store};
use follower::Follower;
use lease::Claim;

/// How often is looked which directories there are, when nothing in this process says that they changed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Why a directory cannot be followed; sealed, because a server's words may name people.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Trouble {
    #[prost(string, tag = "1")]
    pub error: String,
    #[prost(string, tag = "2")]
    pub cure: String,
}

/// How far the service is with a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Status {
    pub followed: bool,
    pub in_step_at: Option<DateTime<Utc>>,
    pub failing_since: Option<DateTime<Utc>>,
    pub retry_at: Option<DateTime<Utc>>,
    /// The run whose losses wait for an approval.
    pub held_run: Option<SyncRunId>,
    pub trouble: Trouble,
}

/// Whether a directory is in step at present; shared by its follower, which knows, and its lease, which writes it down.
#[derive(Debug, Default)]
pub(crate) struct Step(AtomicBool);

impl Step {
    fn set(&self, is_in: bool) {
        self.0.store(is_in, Ordering::Relaxed);
    }

    fn is_in(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the calls and the followers of a process tell each other.
#[derive(Clone)]
pub(crate) struct Bell {
    look: Arc<Notify>,
    news: channel::Sender<()>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { look: Arc::default(), news: channel::Sender::new(()) }
    }
}

impl Bell {
    /// Says that directories changed or a run ended: somebody may be there to be followed now.
    pub(crate) fn ring(&self) {
        self.look.notify_one();
        self.news.send_replace(());
    }

    /// Says that whoever watches a directory may see something new.
    fn tell(&self) {
        self.news.send_replace(());
    }
}

/// Which directory of which tenant.
type Place = (TenantId, DirectoryId);

/// A follower of this process.
struct Running {
    settings: Settings,
    stop: channel::Sender<bool>,
}

/// Keeps followers for as long as it is not told to stop; gives their leases up then.
pub(crate) async fn keep(deps: Deps, stopped: impl Future<Output = ()>) {
    let mut running = BTreeMap::<Place, Running>::new();
    let mut tasks = JoinSet::<Place>::new();
    tokio::pin!(stopped);
    loop {
        match wanted(&deps).await {
            Ok((wanted, unseen)) => adjust(&deps, &mut running, &mut tasks, wanted, &unseen),
            Err(fault) => {
                tracing::warn!(reason = fault.reason().name(), "it cannot be seen which directories to follow");
            }
        }
        tokio::select! {
            () = &mut stopped => break,
            _ = timeout(LOOK_EVERY, deps.bell.look.notified()) => {}
            Some(ended) = tasks.join_next() => match ended {
                Ok(place) => drop(running.remove(&place)),
                Err(error) => {
                    tracing::error!(%error, "a follower broke off");
                    // Which one it was the next look finds: it is wanted, and its channel has no other end.
                    running.retain(|_, follower| !follower.stop.is_closed());
                }
            },
        }
    }
    for follower in running.values() {
        follower.stop.send_replace(true);
    }
    while tasks.join_next().await.is_some() {}
}

/// Starts who is missing and stops who is not wanted any more, or not like this. Whoever stops is started again when
/// it has ended. Of a tenant that could not be seen nobody is stopped.
fn adjust(
    deps: &Deps,
    running: &mut BTreeMap<Place, Running>,
    tasks: &mut JoinSet<Place>,
    mut wanted: BTreeMap<Place, Directory>,
    unseen: &BTreeSet<TenantId>,
) {
    for (place, follower) in running.iter().filter(|(place, _)| !unseen.contains(&place.0)) {
        if wanted.remove(place).is_none_or(|directory| directory.settings != follower.settings) {
            follower.stop.send_replace(true);
        }
    }
    for (place, directory) in wanted {
        let (stop, stopped) = channel::channel(false);
        running.insert(place, Running { settings: directory.settings.clone(), stop });
        let deps = deps.clone();
        tasks.spawn(async move {
            follow(&deps, place.0, directory, stopped).await;
            place
        });
    }
}

/// Every directory that is to be followed, and the tenants whose directories could not be seen.
async fn wanted(deps: &Deps) -> Result<(BTreeMap<Place, Directory>, BTreeSet<TenantId>), Fault> {
    let (mut wanted, mut unseen) = (BTreeMap::new(), BTreeSet::new());
    for tenant in deps.tenancy.active_tenants().await? {
        match wanted_of(deps, tenant).await {
            Ok(directories) => {
                wanted.extend(directories.into_iter().map(|directory| ((tenant, directory.id), directory)));
            }
            // One tenant's trouble, or its end a moment ago, is no reason to leave the others.
            Err(fault) => {
                tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "its directories cannot be seen");
                unseen.insert(tenant);
            }
        }
    }
    Ok((wanted, unseen))
}

async fn wanted_of(deps: &Deps, tenant: TenantId) -> Result<Vec<Directory>, Fault> {
    let tx = deps.tenancy.begin(&Caller::service(Service::Directory, tenant)).await?;
    let mut wanted = Vec::new();
    for directory in store::directory::all(&tx).await? {
        if !directory.retired && follows(&directory.settings) && store::sync_run::any_done(&tx, directory.id).await? {
            wanted.push(directory);
        }
    }
    Ok(wanted)
}

/// Whether the settings say that a directory is followed; a file is, by night. What an IdP pushes comes by itself.
pub(crate) fn follows(settings: &Settings) -> bool {
    !settings.provisioned() && settings.kind().is_some() && settings.follow.unwrap_or(true)
}

/// Follows one directory until it is told to stop.
async fn follow(deps: &Deps, tenant: TenantId, directory: Directory, mut stopped: channel::Receiver<bool>) {
    let caller = Caller::service(Service::Directory, tenant);
    let claim = Claim { deps, caller: &caller, directory: directory.id };
    let step = Step::default();
    let work = async {
        loop {
            claim.wait().await;
            step.set(false);
            tracing::info!(tenant.id = %tenant, directory.id = %directory.id, "a directory is followed");
            let mut follower = Follower::new(deps, &caller, &directory, &step);
            tokio::select! {
                () = Box::pin(follower.stay_in_step()) => {}
                () = claim.keep(&step) => {}
            }
        }
    };
    tokio::select! {
        () = work => {}
        // An error means that whoever could say so is gone.
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    claim.give_up().await;
    deps.bell.tell();
}
