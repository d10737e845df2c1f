//! The contract's calls: parse, call the domain, render.

use std::collections::BTreeMap;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::directory_service_server::DirectoryService;
use freehold_types::{Caller, Fault, PageSize, PersonId};
use freehold_wire::{Streaming, serve, serve_stream};
use futures::StreamExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::person::{Person, StateFilter};
use crate::progress::Progress;
use crate::{Deps, check, convert, directory, fault, person, store, sync};

/// Progress messages that may wait for a slow watcher.
const PROGRESS_WAITING_MAX: usize = 16;
/// People per message of a selection.
const SELECTION_PART: usize = 1_000;
/// How many reports of a manager are shown.
const REPORTS_MAX: usize = 100;

/// Serves `freehold.directory.v1.DirectoryService`.
pub struct Grpc {
    deps: Deps,
}

impl Grpc {
    pub(crate) const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[tonic::async_trait]
impl DirectoryService for Grpc {
    type SyncDirectoryStream = Streaming<pb::SyncDirectoryResponse>;
    type SelectPeopleStream = Streaming<pb::SelectPeopleResponse>;

    async fn apply_directories(
        &self,
        request: Request<pb::ApplyDirectoriesRequest>,
    ) -> Result<Response<pb::ApplyDirectoriesResponse>, Status> {
        serve(request, |caller, message| async move {
            let validate_only = message.validate_only;
            let wish = convert::parse_wish(message);
            let changes = directory::apply(&self.deps, &caller, wish, validate_only).await?;
            Ok(pb::ApplyDirectoriesResponse { changes })
        })
        .await
    }

    async fn list_directories(
        &self,
        request: Request<pb::ListDirectoriesRequest>,
    ) -> Result<Response<pb::ListDirectoriesResponse>, Status> {
        serve(request, |caller, pb::ListDirectoriesRequest {}| async move {
            let directories = directory::list(&self.deps, &caller).await?;
            Ok(pb::ListDirectoriesResponse {
                directories: directories.into_iter().map(convert::render_directory).collect(),
            })
        })
        .await
    }

    async fn check_directory(
        &self,
        request: Request<pb::CheckDirectoryRequest>,
    ) -> Result<Response<pb::CheckDirectoryResponse>, Status> {
        serve(request, |caller, message| async move {
            check::check(&self.deps, &caller, &message.name).await.map(convert::render_check)
        })
        .await
    }

    async fn preview_sync(
        &self,
        request: Request<pb::PreviewSyncRequest>,
    ) -> Result<Response<pb::PreviewSyncResponse>, Status> {
        serve(request, |caller, message| async move {
            let change_set = preview(&self.deps, &caller, &message.directory_name).await?;
            Ok(pb::PreviewSyncResponse { change_set: Some(change_set) })
        })
        .await
    }

    async fn sync_directory(
        &self,
        request: Request<pb::SyncDirectoryRequest>,
    ) -> Result<Response<Self::SyncDirectoryStream>, Status> {
        serve_stream(request, |caller, message| async move { Ok(watch(self.deps.clone(), caller, message)) }).await
    }

    async fn list_sync_runs(
        &self,
        request: Request<pb::ListSyncRunsRequest>,
    ) -> Result<Response<pb::ListSyncRunsResponse>, Status> {
        serve(request, |caller, message| async move { list_runs(&self.deps, &caller, &message).await }).await
    }

    async fn list_people(
        &self,
        request: Request<pb::ListPeopleRequest>,
    ) -> Result<Response<pb::ListPeopleResponse>, Status> {
        serve(request, |caller, message| async move { list_people(&self.deps, &caller, &message).await }).await
    }

    async fn get_person(
        &self,
        request: Request<pb::GetPersonRequest>,
    ) -> Result<Response<pb::GetPersonResponse>, Status> {
        serve(request, |caller, message| async move {
            let id = convert::parse_person_id("id", &message.id)?;
            get_person(&self.deps, &caller, id).await
        })
        .await
    }

    async fn batch_get_people(
        &self,
        request: Request<pb::BatchGetPeopleRequest>,
    ) -> Result<Response<pb::BatchGetPeopleResponse>, Status> {
        serve(request, |caller, message| async move {
            let ids = convert::parse_person_ids(&message.ids)?;
            let people = person::batch_get(&self.deps, &caller, &ids).await?;
            Ok(pb::BatchGetPeopleResponse {
                people: people.iter().map(|person| convert::render_person(&caller, person, "")).collect(),
            })
        })
        .await
    }

    async fn find_person(
        &self,
        request: Request<pb::FindPersonRequest>,
    ) -> Result<Response<pb::FindPersonResponse>, Status> {
        serve(request, |caller, message| async move {
            let attribute = convert::parse_link_attribute(&message)?;
            let person = person::find(&self.deps, &caller, attribute, &message.value).await?;
            Ok(pb::FindPersonResponse { person: Some(convert::render_person(&caller, &person, "")) })
        })
        .await
    }

    async fn select_people(
        &self,
        request: Request<pb::SelectPeopleRequest>,
    ) -> Result<Response<Self::SelectPeopleStream>, Status> {
        serve_stream(request, |caller, message| async move {
            let rule = convert::parse_rule(message)?;
            let ids = person::select(&self.deps, &caller, &rule).await?;
            let parts: Vec<_> = ids
                .chunks(SELECTION_PART)
                .map(|part| Ok(pb::SelectPeopleResponse { person_ids: part.iter().map(ToString::to_string).collect() }))
                .collect();
            Ok(tokio_stream::iter(parts))
        })
        .await
    }
}

async fn preview(deps: &Deps, caller: &Caller, name: &str) -> Result<pb::ChangeSet, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = directory::find(&tx, name).await?;
    drop(tx);
    let computed = sync::compute(deps, caller, &directory, &sync::Wish::default(), &Progress::to_nobody()).await?;
    let shown: Vec<PersonId> =
        computed.set.people.iter().take(convert::CHANGES_SHOWN_MAX).map(|change| change.id).collect();
    let stored: BTreeMap<PersonId, Person> =
        person::batch_get(deps, caller, &shown).await?.into_iter().map(|person| (person.id, person)).collect();
    Ok(convert::render_change_set(&computed, &stored))
}

/// Runs a sync for as long as somebody watches: dropping the stream stops the run between two steps, and the next run
/// goes on from there.
fn watch(
    deps: Deps,
    caller: Caller,
    message: pb::SyncDirectoryRequest,
) -> impl futures::Stream<Item = Result<pb::SyncDirectoryResponse, Fault>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(PROGRESS_WAITING_MAX);
    let wish = sync::Wish {
        full: message.full,
        approved: (!message.approved_change_set_id.is_empty()).then_some(message.approved_change_set_id),
        losses_wait: false,
    };
    let run = async move {
        let progress = Progress::to(sender);
        let (run, name) = Box::pin(sync::run(&deps, &caller, &message.directory_name, &wish, &progress)).await?;
        let event = pb::sync_directory_response::Event::Run(convert::render_run(run, name));
        Ok(pb::SyncDirectoryResponse { event: Some(event) })
    };
    // The run itself drives the stream; its progress channel closes when it ends, which puts the run last.
    let run = futures::stream::once(run);
    let steps = ReceiverStream::new(receiver).map(|step| Ok(convert::render_step(step)));
    last(steps, run)
}

/// Both streams at once, the single item of `end` after all of `steps`.
fn last<T: Send + 'static>(
    steps: impl futures::Stream<Item = T> + Send + 'static,
    end: impl futures::Stream<Item = T> + Send + 'static,
) -> impl futures::Stream<Item = T> + Send + 'static {
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

async fn list_runs(
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
        let run = run.seen_at(now);
        let name = names.get(&run.directory).cloned().unwrap_or_default();
        pb::SyncRun { skips: Vec::new(), ..convert::render_run(run, name) }
    };
    Ok(pb::ListSyncRunsResponse {
        sync_runs: runs.into_iter().map(render).collect(),
        next_page_token: next.unwrap_or_default(),
    })
}

async fn list_people(
    deps: &Deps,
    caller: &Caller,
    message: &pb::ListPeopleRequest,
) -> Result<pb::ListPeopleResponse, Fault> {
    const LIST: &str = "people";
    let (words, state) = convert::parse_search(message, caller.administrates())?;
    let size = PageSize::from_request(message.page_size);
    let after = deps.pages.decode(caller, LIST, &message.page_token)?;
    let after = after.and_then(|bytes| Uuid::from_slice(&bytes).ok()).map(PersonId::from_uuid);
    let snapshot = deps.snapshots.get(&deps.tenancy, caller).await?;
    let wanted = |person: &&Person| match state {
        StateFilter::Any => true,
        StateFilter::Active => person.active,
        StateFilter::Deactivated => !person.active,
    };
    let found = || snapshot.people.iter().filter(wanted).filter(|found| person::matches(found, &words));
    let start = after.and_then(|after| snapshot.people.iter().position(|person| person.id == after));
    let start = start.map_or(0, |place| place.saturating_add(1));
    let rest = snapshot.people.get(start..).unwrap_or_default();
    let mut page: Vec<&Person> = rest
        .iter()
        .filter(wanted)
        .filter(|found| person::matches(found, &words))
        .take(size.len().saturating_add(1))
        .collect();
    let more = page.len() > size.len();
    page.truncate(size.len());
    let next = page.last().filter(|_| more).map(|person| deps.pages.encode(caller, LIST, person.id.uuid().as_bytes()));
    let with_groups = message.with_directory_groups && caller.administrates();
    let render = |person: &Person| {
        let rendered = convert::render_person(caller, person, snapshot.directory_name(person.directory));
        let groups = if with_groups { convert::render_groups(caller, &snapshot, person.id) } else { Vec::new() };
        pb::Person { directory_groups: groups, ..rendered }
    };
    Ok(pb::ListPeopleResponse {
        people: page.into_iter().map(render).collect(),
        next_page_token: next.unwrap_or_default(),
        total_count: convert::count(found().count()),
    })
}

async fn get_person(deps: &Deps, caller: &Caller, id: PersonId) -> Result<pb::GetPersonResponse, Fault> {
    let snapshot = deps.snapshots.get(&deps.tenancy, caller).await?;
    let person = snapshot.people.iter().find(|person| person.id == id).ok_or_else(|| fault::person_not_found(id))?;
    let render = |person: &Person| convert::render_person(caller, person, snapshot.directory_name(person.directory));
    let with_groups = pb::Person { directory_groups: convert::render_groups(caller, &snapshot, id), ..render(person) };
    let reports = snapshot.reports_of(id).take(REPORTS_MAX).map(render).collect();
    Ok(pb::GetPersonResponse { person: Some(with_groups), reports })
}
