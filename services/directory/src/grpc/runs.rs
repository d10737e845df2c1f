//! The calls about runs.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::directory::v1 as pb;
use freehold_types::{Caller, DirectoryGroupId, Fault, PageSize, PersonId, SyncRunId};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use crate::guard::facts;
use crate::known::Member;
use crate::progress::Progress;
use crate::sync::Computed;
use crate::{Deps, convert, directory, fault, person, store, sync, undo};

/// Progress messages that may wait for a slow watcher.
const PROGRESS_WAITING_MAX: usize = 16;

pub(super) async fn preview(deps: &Deps, caller: &Caller, name: &str) -> Result<pb::ChangeSet, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = directory::find(&tx, name).await?;
    drop(tx);
    let computed = sync::preview(deps, caller, &directory).await?;
    let stored = stored(deps, caller, &computed).await?;
    Ok(convert::render_change_set(&computed, &stored))
}

/// The records, as they are now, of everything of a change set that is shown.
async fn stored(deps: &Deps, caller: &Caller, computed: &Computed) -> Result<convert::Stored, Fault> {
    let changes = computed.set.people.iter().take(convert::CHANGES_SHOWN_MAX);
    let mut people: BTreeSet<PersonId> = changes.map(|change| change.id).collect();
    let mut groups = BTreeSet::<DirectoryGroupId>::new();
    for (group, member) in &computed.known.edges {
        if let Member::Person(person) = member
            && people.contains(person)
        {
            groups.insert(*group);
        }
    }
    for ((group, member), _) in convert::shown_edges(computed) {
        groups.insert(*group);
        match member {
            Member::Person(id) => drop(people.insert(*id)),
            Member::Group(id) => drop(groups.insert(*id)),
        }
    }
    let mut seen = BTreeMap::new();
    for change in computed.set.people.iter().filter(|change| people.contains(&change.id)) {
        if let Some(person) = change.seen.and_then(|place| computed.reading.people.get(place)) {
            seen.insert(change.id, computed.reading.record(person)?);
        }
    }
    let people: Vec<_> = people.into_iter().collect();
    let people = person::batch_get(deps, caller, &people).await?;
    let people = people.into_iter().map(|person| (person.id, person)).collect();
    let tx = deps.tenancy.begin(caller).await?;
    let mut groups = facts::names(&tx, groups.into_iter()).await?;
    drop(tx);
    for change in &computed.set.groups {
        let seen = computed.reading.groups.get(change.seen);
        groups.extend(seen.map(|seen| (change.id, seen.record.name.clone())));
    }
    Ok(convert::Stored { people, seen, groups })
}

/// Runs a sync for as long as somebody watches: dropping the stream stops the run between two steps, and the next run
/// goes on from there.
pub(super) fn sync(
    deps: Deps,
    caller: Caller,
    message: pb::SyncDirectoryRequest,
) -> impl Stream<Item = Result<pb::SyncDirectoryResponse, Fault>> + Send + 'static {
    use pb::sync_directory_response::Event;
    let (sender, receiver) = mpsc::channel(PROGRESS_WAITING_MAX);
    let wish = sync::Wish {
        full: message.full,
        approved: (!message.approved_change_set_id.is_empty()).then_some(message.approved_change_set_id),
        losses_wait: false,
        whole: false,
    };
    let run = async move {
        let progress = Progress::to(sender);
        let (run, name) = Box::pin(sync::run(&deps, &caller, &message.directory_name, &wish, &progress)).await?;
        Ok(pb::SyncDirectoryResponse { event: Some(Event::Run(convert::render_run(run, name))) })
    };
    // The run itself drives the stream; its progress channel closes when it ends, which puts the run last.
    let run = futures::stream::once(run);
    let steps = ReceiverStream::new(receiver)
        .map(|step| Ok(pb::SyncDirectoryResponse { event: Some(Event::Progress(convert::render_step(step))) }));
    last(steps, run)
}

/// Undoes a run for as long as somebody watches.
pub(super) fn undo(
    deps: Deps,
    caller: Caller,
    directory_name: String,
    id: SyncRunId,
) -> impl Stream<Item = Result<pb::UndoSyncRunResponse, Fault>> + Send + 'static {
    use pb::undo_sync_run_response::Event;
    let (sender, receiver) = mpsc::channel(PROGRESS_WAITING_MAX);
    let run = async move {
        let progress = Progress::to(sender);
        let (run, name) = Box::pin(undo::run(&deps, &caller, &directory_name, id, &progress)).await?;
        Ok(pb::UndoSyncRunResponse { event: Some(Event::Run(convert::render_run(run, name))) })
    };
    let run = futures::stream::once(run);
    let steps = ReceiverStream::new(receiver)
        .map(|step| Ok(pb::UndoSyncRunResponse { event: Some(Event::Progress(convert::render_step(step))) }));
    last(steps, run)
}

/// Both streams at once, the single item of `end` after all of `steps`.
fn last<T: Send + 'static>(
    steps: impl Stream<Item = T> + Send + 'static,
    end: impl Stream<Item = T> + Send + 'static,
) -> impl Stream<Item = T> + Send + 'static {
    let tagged = futures::stream::select(steps.map(|item| (false, item)), end.map(|item| (true, item)));
    futures::stream::unfold((Box::pin(tagged), None), |(mut tagged, mut held)| async move {
        loop {
            match tagged.next().await {
                Some((true, item)) => held = Some(item),
                Some((false, item)) => return Some((item, (tagged, held))),
                None => return held.take().map(|item| (item, (tagged, None))),
            }
        }
    })
}

pub(super) async fn list(
    deps: &Deps,
    caller: &Caller,
    message: &pb::ListSyncRunsRequest,
) -> Result<pb::ListSyncRunsResponse, Fault> {
    const LIST: &str = "sync-runs";
    let size = PageSize::from_request(message.page_size);
    let before = deps.pages.decode(caller, LIST, &message.page_token)?;
    let before = before.and_then(|bytes| Uuid::from_slice(&bytes).ok());
    let tx = deps.tenancy.begin(caller).await?;
    let directories = store::directory::all(&tx).await?;
    let only = directories.iter().find(|directory| directory.settings.name == message.directory_name);
    if only.is_none() && !message.directory_name.is_empty() {
        let names: Vec<_> = directories.into_iter().map(|directory| directory.settings.name).collect();
        return Err(fault::directory_not_found(&message.directory_name, &names));
    }
    let mut runs = store::sync_run::list(&tx, only.map(|directory| directory.id), before, size).await?;
    drop(tx);
    let more = runs.len() > size.len();
    runs.truncate(size.len());
    let next = runs.last().filter(|_| more).map(|run| deps.pages.encode(caller, LIST, run.id.uuid().as_bytes()));
    let names: BTreeMap<_, _> =
        directories.into_iter().map(|directory| (directory.id, directory.settings.name)).collect();
    let now = deps.mint.now();
    let render = |run: crate::sync_run::SyncRun| {
        let mut run = run.seen_at(now);
        run.report.skips.clear();
        let name = names.get(&run.directory).cloned().unwrap_or_default();
        convert::render_run(run, name)
    };
    Ok(pb::ListSyncRunsResponse {
        sync_runs: runs.into_iter().map(render).collect(),
        next_page_token: next.unwrap_or_default(),
    })
}
