//! What happens to one directory, for whoever watches it from wherever: everything is in the storage, so it does not
//! matter which process follows.

use std::time::Duration;

use freehold_proto::auth::v1::ListRolesRequest;
use freehold_tenancy::TenantTx;
use freehold_types::access::Task;
use freehold_types::{Caller, DirectoryId, Fault, Kind, PageSize, Party, Reason, Role, Service, SyncRunId};
use freehold_wire::fault;
use tokio::time::timeout;

use super::Status;
use crate::directory::{self, Directory};
use crate::sync_run::{State, SyncRun};
use crate::{Deps, store};

/// How often is looked for what another process did.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Something that a watcher sees.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    Status(Status),
    /// A run that ended, and the name of its directory.
    Run(Box<SyncRun>, String),
}

/// What a watcher has seen so far.
struct Watcher {
    deps: Deps,
    caller: Caller,
    directory: Directory,
    status: Option<Status>,
    /// Runs up to this one were told, or were there before.
    told: Option<SyncRunId>,
    /// Seen and not told yet, the next one last.
    waiting: Vec<Seen>,
}

/// Streams the status, at once and whenever it changes, and every run that ends.
///
/// # Errors
/// Not found when there is no such directory.
pub(crate) async fn watch(
    deps: &Deps,
    caller: &Caller,
    name: &str,
) -> Result<impl futures::Stream<Item = Result<Seen, Fault>> + Send + 'static + use<>, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = directory::find(&tx, name).await?;
    let told = newest(&tx, directory.id).await?.first().map(|run| run.id);
    drop(tx);
    let (deps, caller) = (deps.clone(), *caller);
    let watcher = Watcher { deps, caller, directory, status: None, told, waiting: Vec::new() };
    Ok(futures::stream::try_unfold(watcher, |mut watcher| async move {
        let seen = watcher.next().await?;
        Ok(Some((seen, watcher)))
    }))
}

impl Watcher {
    async fn next(&mut self) -> Result<Seen, Fault> {
        let mut news = self.deps.bell.news.subscribe();
        loop {
            if let Some(seen) = self.waiting.pop() {
                return Ok(seen);
            }
            news.mark_unchanged();
            self.look().await?;
            if self.waiting.is_empty() {
                // Either is a reason to look, also that nobody can tell any more.
                timeout(LOOK_EVERY, news.changed()).await.ok();
            }
        }
    }

    async fn look(&mut self) -> Result<(), Fault> {
        let tx = self.deps.tenancy.begin(&self.caller).await?;
        let administrator = administrates(&tx, &self.caller).await?;
        let status = store::directory_follow::status(&tx, self.directory.id).await?;
        let runs = newest(&tx, self.directory.id).await?;
        drop(tx);
        still_may(&self.deps, &self.caller, administrator).await?;
        let now = self.deps.mint.now();
        let new = runs.into_iter().take_while(|run| self.told.is_none_or(|told| run.id > told));
        // Newest first: what ended before a run that is still under way is told with it, in order.
        let new: Vec<SyncRun> = new.map(|run| run.seen_at(now)).collect();
        let ended: Vec<SyncRun> = new.into_iter().rev().take_while(|run| run.state != State::Running).collect();
        if let Some(last) = ended.last() {
            self.told = Some(last.id);
        }
        if self.status.as_ref().is_none_or(|known| differs(known, &status)) {
            self.waiting.push(Seen::Status(status.clone()));
            self.status = Some(status);
        }
        let name = &self.directory.settings.name;
        self.waiting.extend(ended.into_iter().rev().map(|run| Seen::Run(Box::new(run), name.clone())));
        Ok(())
    }
}

/// A stream outlives the token it began with, but not the right to it: the session ends the stream when a role is taken
/// away, and here is looked whether the directory still has it. Asks auth only when the directory does not say so.
async fn still_may(deps: &Deps, caller: &Caller, administrator: bool) -> Result<(), Fault> {
    let Party::Person { id, .. } = caller.party else { return Ok(()) };
    if administrator {
        return Ok(());
    }
    let mut calls = deps.clients.signed(&Caller::service(Service::Directory, caller.tenant()?))?;
    let request = ListRolesRequest { person_id: id.to_string() };
    let answer = calls.roles.list_roles(request).await.map_err(fault)?.into_inner();
    let roles = answer.holdings.iter().filter_map(|holding| Role::from_number(i16::try_from(holding.role).ok()?));
    if roles.into_iter().any(|role| Task::ReadDirectories.is_for(role)) {
        Ok(())
    } else {
        Err(Fault::new(Kind::Forbidden, Reason::NotAllowed, "this person may not watch a directory any more"))
    }
}

async fn administrates(tx: &TenantTx, caller: &Caller) -> Result<bool, Fault> {
    let Party::Person { id, .. } = caller.party else { return Ok(false) };
    let people = store::person::list(tx, &[id]).await?;
    Ok(people.iter().any(|person| person.active && person.administrator))
}

async fn newest(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<SyncRun>, Fault> {
    store::sync_run::list(tx, Some(directory), None, PageSize::from_request(0)).await
}

/// Whether a watcher should be told. That a directory is still in step is no news.
fn differs(known: &Status, status: &Status) -> bool {
    let known = Status { in_step_at: status.in_step_at, ..known.clone() };
    known != *status
}
