//! The contract's calls: parse, call the domain, render.

mod runs;

use std::collections::BTreeSet;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::directory_service_server::DirectoryService;
use freehold_types::{Caller, Fault, PageSize, Party, PersonId};
use freehold_wire::{Streaming, serve, serve_stream};
use futures::TryStreamExt as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::person::{Person, StateFilter};
use crate::{Deps, check, convert, directory, fault, follow, person, photo, rule};

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
    type FollowDirectoryStream = Streaming<pb::FollowDirectoryResponse>;
    type UndoSyncRunStream = Streaming<pb::UndoSyncRunResponse>;
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

    async fn check_members(
        &self,
        request: Request<pb::CheckMembersRequest>,
    ) -> Result<Response<pb::CheckMembersResponse>, Status> {
        serve(request, |caller, message| async move {
            let people = convert::parse_members(&message)?;
            let names = message.directory_groups;
            let found = rule::members(&self.deps, &caller, &people, &names).await?;
            let render = |(directory_group, members): (String, Option<Vec<PersonId>>)| pb::DirectoryGroupMembers {
                directory_group,
                known: members.is_some(),
                person_ids: members.unwrap_or_default().iter().map(ToString::to_string).collect(),
            };
            Ok(pb::CheckMembersResponse { groups: names.into_iter().zip(found).map(render).collect() })
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
                directories: directories
                    .into_iter()
                    .map(|(one, status)| convert::render_directory(one, status))
                    .collect(),
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
            let change_set = runs::preview(&self.deps, &caller, &message.directory_name).await?;
            Ok(pb::PreviewSyncResponse { change_set: Some(change_set) })
        })
        .await
    }

    async fn sync_directory(
        &self,
        request: Request<pb::SyncDirectoryRequest>,
    ) -> Result<Response<Self::SyncDirectoryStream>, Status> {
        serve_stream(request, |caller, message| async move { Ok(runs::sync(self.deps.clone(), caller, message)) }).await
    }

    async fn undo_sync_run(
        &self,
        request: Request<pb::UndoSyncRunRequest>,
    ) -> Result<Response<Self::UndoSyncRunStream>, Status> {
        serve_stream(request, |caller, message| async move {
            let id = convert::parse_sync_run_id(&message.sync_run_id)?;
            Ok(runs::undo(self.deps.clone(), caller, message.directory_name, id))
        })
        .await
    }

    async fn follow_directory(
        &self,
        request: Request<pb::FollowDirectoryRequest>,
    ) -> Result<Response<Self::FollowDirectoryStream>, Status> {
        serve_stream(request, |caller, message| async move {
            let seen = follow::watch(&self.deps, &caller, &message.directory_name).await?;
            Ok(seen.map_ok(convert::render_seen))
        })
        .await
    }

    async fn list_sync_runs(
        &self,
        request: Request<pb::ListSyncRunsRequest>,
    ) -> Result<Response<pb::ListSyncRunsResponse>, Status> {
        serve(request, |caller, message| async move { runs::list(&self.deps, &caller, &message).await }).await
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

    async fn get_person_photo(
        &self,
        request: Request<pb::GetPersonPhotoRequest>,
    ) -> Result<Response<pb::GetPersonPhotoResponse>, Status> {
        serve(request, |caller, message| async move {
            let id = convert::parse_person_id("person_id", &message.person_id)?;
            let (jpeg, version) = photo::get(&self.deps, &caller, id).await?;
            Ok(pb::GetPersonPhotoResponse { jpeg, photo_version: convert::photo_version(version) })
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
            let selected = rule::select(&self.deps, &caller, &rule).await?;
            let part = |ids: &[PersonId]| pb::SelectPeopleResponse {
                person_ids: ids.iter().map(ToString::to_string).collect(),
                unknown_names: Vec::new(),
            };
            let first = pb::SelectPeopleResponse { unknown_names: selected.unknown_names, ..Default::default() };
            let parts: Vec<_> =
                [first].into_iter().chain(selected.people.chunks(SELECTION_PART).map(part)).map(Ok).collect();
            Ok(tokio_stream::iter(parts))
        })
        .await
    }
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
    let service = matches!(caller.party, Party::Service(_));
    let groups: &[String] = if service { &message.directory_groups } else { &[] };
    let members: BTreeSet<PersonId> = groups.iter().flat_map(|dn| snapshot.members_of(dn)).collect();
    let wanted = |person: &&Person| wanted(person) && (groups.is_empty() || members.contains(&person.id));
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
