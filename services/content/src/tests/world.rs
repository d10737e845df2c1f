use std::sync::Arc;

use chrono::{DateTime, Utc};
use freehold_proto::content::v1 as pb;
use freehold_proto::content::v1::content_service_server::ContentService as _;
use freehold_tenancy::{Declaration, Storage, Tenancy};
use freehold_types::{Caller, Fault, Mint, PersonId, Roles, Secret, SetClock, TenantId};
use freehold_vault::Vault;
use freehold_wire::{Clients, PageTokens, TokenSigner, Wires};
use tempfile::TempDir;
use tonic::{Request, Response, Status};

use crate::{Deps, Grpc};

/// One tenant in a folder of its own, and the service in front of it.
pub(crate) struct World {
    pub(crate) deps: Deps,
    pub(crate) service: Grpc,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) tenant: TenantId,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::new(start()));
        let mint = Mint::new(clock.clone());
        let vault = Vault::from_master_key(Secret::new([7; 32]));
        let signer = TokenSigner::new(&vault.derive("caller-token"), mint.clone()).unwrap();
        let storage = Storage::new(format!("sqlite://{}/data", folder.path().display()));
        let tenancy = Tenancy::connect(&storage, vault, mint).await.unwrap();
        let tenant = provision(&tenancy, "alpina").await;
        let clients = Clients::signing(Wires::default(), signer);
        let deps = Deps::new(tenancy, clients, PageTokens::new(Secret::new([1; 32])));
        Self { service: Grpc::new(deps.clone()), deps, clock, tenant, _folder: folder }
    }

    /// Somebody new who signed in.
    pub(crate) fn person(&self) -> Caller {
        let mint = self.deps.tenancy.mint();
        Caller::person_of(self.tenant, mint.id(), mint.id(), Roles::NONE)
    }

    pub(crate) async fn group(&self, caller: &Caller, name: &str, privacy: pb::GroupPrivacy) -> pb::Group {
        let request = pb::CreateGroupRequest {
            request_id: format!("group {name}"),
            name: name.to_owned(),
            purpose: String::new(),
            privacy: privacy.into(),
        };
        done(self.service.create_group(ask(caller, request)).await).unwrap().group.unwrap()
    }

    pub(crate) async fn get_group(&self, caller: &Caller, id: &str) -> Result<pb::Group, Fault> {
        let request = pb::GetGroupRequest { id: id.to_owned() };
        done(self.service.get_group(ask(caller, request)).await).map(|reply| reply.group.unwrap())
    }

    pub(crate) async fn join(&self, caller: &Caller, group: &str) -> Result<pb::Group, Fault> {
        let request = pb::JoinGroupRequest { group_id: group.to_owned() };
        done(self.service.join_group(ask(caller, request)).await).map(|reply| reply.group.unwrap())
    }

    pub(crate) async fn leave(&self, caller: &Caller, group: &str) -> Result<(), Fault> {
        let request = pb::LeaveGroupRequest { group_id: group.to_owned() };
        done(self.service.leave_group(ask(caller, request)).await).map(|_left| ())
    }

    pub(crate) async fn post(&self, caller: &Caller, group: &str, id: &str, text: &str) -> Result<pb::Post, Fault> {
        let request =
            pb::CreatePostRequest { request_id: id.to_owned(), group_id: group.to_owned(), text: text.to_owned() };
        done(self.service.create_post(ask(caller, request)).await).map(|reply| reply.post.unwrap())
    }

    pub(crate) async fn comment(
        &self,
        caller: &Caller,
        post: &str,
        parent: &str,
        text: &str,
    ) -> Result<pb::Comment, Fault> {
        let request = pb::CreateCommentRequest {
            request_id: format!("comment {text}"),
            post_id: post.to_owned(),
            parent_id: parent.to_owned(),
            text: text.to_owned(),
        };
        done(self.service.create_comment(ask(caller, request)).await).map(|reply| reply.comment.unwrap())
    }

    pub(crate) async fn posts(&self, caller: &Caller, group: &str) -> Result<Vec<pb::Post>, Fault> {
        let request = pb::ListPostsRequest { group_id: group.to_owned(), page_size: 100, page_token: String::new() };
        done(self.service.list_posts(ask(caller, request)).await).map(|reply| reply.posts)
    }

    pub(crate) async fn feed(&self, caller: &Caller, size: i32, token: &str) -> (Vec<pb::Post>, String) {
        let request = pb::ListFeedRequest { page_size: size, page_token: token.to_owned() };
        let reply = done(self.service.list_feed(ask(caller, request)).await).unwrap();
        (reply.posts, reply.next_page_token)
    }

    pub(crate) async fn members(&self, caller: &Caller, group: &str) -> Result<Vec<pb::Membership>, Fault> {
        let request = pb::ListMembersRequest { group_id: group.to_owned(), page_size: 100, page_token: String::new() };
        done(self.service.list_members(ask(caller, request)).await).map(|reply| reply.memberships)
    }
}

/// A request as the gate hands it on.
pub(crate) fn ask<M>(caller: &Caller, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(*caller);
    request
}

pub(crate) fn done<R>(answer: Result<Response<R>, Status>) -> Result<R, Fault> {
    answer.map(Response::into_inner).map_err(freehold_wire::fault)
}

pub(crate) fn id(caller: &Caller) -> PersonId {
    caller.person().unwrap()
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

async fn provision(tenancy: &Tenancy, name: &str) -> TenantId {
    let declared = Declaration {
        name: name.to_owned(),
        company: name.to_owned(),
        language: "en".to_owned(),
        time_zone: "Europe/Zurich".to_owned(),
    };
    let id = tenancy.reserve(&declared).await.unwrap().id;
    tenancy.provision(id, |_step| {}).await.unwrap();
    tenancy.activate(id).await.unwrap();
    id
}
