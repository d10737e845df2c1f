//! The generated service trait: parse, call one domain function, render. Nothing is decided here.

use freehold_proto::content::v1 as pb;
use freehold_proto::content::v1::content_service_server::ContentService;
use freehold_types::PageSize;
use freehold_wire::{Streaming, serve, serve_stream};
use futures::TryStreamExt as _;
use tonic::{Request, Response, Status};

use crate::{Deps, comment, convert, feed, filling, group, live, membership, post, reaction};

/// The content service behind its generated trait.
pub struct Grpc {
    deps: Deps,
}

impl Grpc {
    pub(crate) const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[tonic::async_trait]
impl ContentService for Grpc {
    async fn apply_groups(
        &self,
        request: Request<pb::ApplyGroupsRequest>,
    ) -> Result<Response<pb::ApplyGroupsResponse>, Status> {
        serve(request, async |caller, request| {
            let declared = convert::parse_declared(request.groups)?;
            let changes = if request.validate_only {
                filling::preview(&self.deps, &caller, declared).await?
            } else {
                filling::apply(&self.deps, &caller, declared).await?
            };
            Ok(pb::ApplyGroupsResponse { changes })
        })
        .await
    }

    async fn refresh_memberships(
        &self,
        request: Request<pb::RefreshMembershipsRequest>,
    ) -> Result<Response<pb::RefreshMembershipsResponse>, Status> {
        serve(request, async |caller, _request| {
            let changed = filling::refresh(&self.deps, &caller).await?;
            Ok(pb::RefreshMembershipsResponse { added_count: changed.gained_count, removed_count: changed.lost_count })
        })
        .await
    }

    async fn create_group(
        &self,
        request: Request<pb::CreateGroupRequest>,
    ) -> Result<Response<pb::CreateGroupResponse>, Status> {
        serve(request, async |caller, request| {
            let (request_id, draft) = convert::parse_create_group(request)?;
            let view = group::create(&self.deps, &caller, &request_id, &draft).await?;
            Ok(pb::CreateGroupResponse { group: Some(convert::render_group(view)) })
        })
        .await
    }

    async fn get_group(&self, request: Request<pb::GetGroupRequest>) -> Result<Response<pb::GetGroupResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("id", &request.id)?;
            let view = group::get(&self.deps, &caller, id).await?;
            Ok(pb::GetGroupResponse { group: Some(convert::render_group(view)) })
        })
        .await
    }

    async fn list_groups(
        &self,
        request: Request<pb::ListGroupsRequest>,
    ) -> Result<Response<pb::ListGroupsResponse>, Status> {
        serve(request, async |caller, request| {
            let size = PageSize::from_request(request.page_size);
            let (rows, next_page_token) =
                group::list(&self.deps, &caller, request.mine_only, size, &request.page_token).await?;
            let groups = rows.into_iter().map(convert::render_group).collect();
            Ok(pb::ListGroupsResponse { groups, next_page_token })
        })
        .await
    }

    async fn update_group(
        &self,
        request: Request<pb::UpdateGroupRequest>,
    ) -> Result<Response<pb::UpdateGroupResponse>, Status> {
        serve(request, async |caller, request| {
            let (id, patch) = convert::parse_update_group(request)?;
            let view = group::update(&self.deps, &caller, id, &patch).await?;
            Ok(pb::UpdateGroupResponse { group: Some(convert::render_group(view)) })
        })
        .await
    }

    async fn join_group(
        &self,
        request: Request<pb::JoinGroupRequest>,
    ) -> Result<Response<pb::JoinGroupResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("group_id", &request.group_id)?;
            let view = membership::join(&self.deps, &caller, id).await?;
            Ok(pb::JoinGroupResponse { group: Some(convert::render_group(view)) })
        })
        .await
    }

    async fn leave_group(
        &self,
        request: Request<pb::LeaveGroupRequest>,
    ) -> Result<Response<pb::LeaveGroupResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("group_id", &request.group_id)?;
            membership::leave(&self.deps, &caller, id).await?;
            Ok(pb::LeaveGroupResponse {})
        })
        .await
    }

    async fn add_member(
        &self,
        request: Request<pb::AddMemberRequest>,
    ) -> Result<Response<pb::AddMemberResponse>, Status> {
        serve(request, async |caller, request| {
            let (id, person, role) = convert::parse_add_member(&request)?;
            let member = membership::add(&self.deps, &caller, id, person, role).await?;
            Ok(pb::AddMemberResponse { membership: Some(convert::render_member(member)) })
        })
        .await
    }

    async fn remove_member(
        &self,
        request: Request<pb::RemoveMemberRequest>,
    ) -> Result<Response<pb::RemoveMemberResponse>, Status> {
        serve(request, async |caller, request| {
            let (id, person) = convert::parse_remove_member(&request)?;
            membership::remove(&self.deps, &caller, id, person).await?;
            Ok(pb::RemoveMemberResponse {})
        })
        .await
    }

    async fn list_members(
        &self,
        request: Request<pb::ListMembersRequest>,
    ) -> Result<Response<pb::ListMembersResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("group_id", &request.group_id)?;
            let size = PageSize::from_request(request.page_size);
            let (rows, next_page_token) = membership::list(&self.deps, &caller, id, size, &request.page_token).await?;
            let memberships = rows.into_iter().map(convert::render_member).collect();
            Ok(pb::ListMembersResponse { memberships, next_page_token })
        })
        .await
    }

    async fn create_post(
        &self,
        request: Request<pb::CreatePostRequest>,
    ) -> Result<Response<pb::CreatePostResponse>, Status> {
        serve(request, async |caller, request| {
            let (request_id, group, text) = convert::parse_create_post(request)?;
            let view = post::publish(&self.deps, &caller, &request_id, group, &text).await?;
            Ok(pb::CreatePostResponse { post: Some(convert::render_post(view)) })
        })
        .await
    }

    async fn get_post(&self, request: Request<pb::GetPostRequest>) -> Result<Response<pb::GetPostResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("id", &request.id)?;
            let view = post::get(&self.deps, &caller, id).await?;
            Ok(pb::GetPostResponse { post: Some(convert::render_post(view)) })
        })
        .await
    }

    async fn list_posts(
        &self,
        request: Request<pb::ListPostsRequest>,
    ) -> Result<Response<pb::ListPostsResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("group_id", &request.group_id)?;
            let size = PageSize::from_request(request.page_size);
            let (rows, next_page_token) = post::list(&self.deps, &caller, id, size, &request.page_token).await?;
            let posts = rows.into_iter().map(convert::render_post).collect();
            Ok(pb::ListPostsResponse { posts, next_page_token })
        })
        .await
    }

    async fn create_comment(
        &self,
        request: Request<pb::CreateCommentRequest>,
    ) -> Result<Response<pb::CreateCommentResponse>, Status> {
        serve(request, async |caller, request| {
            let (request_id, draft) = convert::parse_create_comment(request)?;
            let comment = comment::create(&self.deps, &caller, &request_id, &draft).await?;
            Ok(pb::CreateCommentResponse { comment: Some(convert::render_comment(comment)) })
        })
        .await
    }

    async fn list_comments(
        &self,
        request: Request<pb::ListCommentsRequest>,
    ) -> Result<Response<pb::ListCommentsResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("post_id", &request.post_id)?;
            let size = PageSize::from_request(request.page_size);
            let (rows, next_page_token) = comment::list(&self.deps, &caller, id, size, &request.page_token).await?;
            let comments = rows.into_iter().map(convert::render_comment).collect();
            Ok(pb::ListCommentsResponse { comments, next_page_token })
        })
        .await
    }

    async fn set_reaction(
        &self,
        request: Request<pb::SetReactionRequest>,
    ) -> Result<Response<pb::SetReactionResponse>, Status> {
        serve(request, async |caller, request| {
            let (id, kind) = convert::parse_set_reaction(&request)?;
            let view = reaction::set(&self.deps, &caller, id, kind).await?;
            Ok(pb::SetReactionResponse { post: Some(convert::render_post(view)) })
        })
        .await
    }

    async fn remove_reaction(
        &self,
        request: Request<pb::RemoveReactionRequest>,
    ) -> Result<Response<pb::RemoveReactionResponse>, Status> {
        serve(request, async |caller, request| {
            let id = convert::parse_id("post_id", &request.post_id)?;
            let view = reaction::remove(&self.deps, &caller, id).await?;
            Ok(pb::RemoveReactionResponse { post: Some(convert::render_post(view)) })
        })
        .await
    }

    async fn list_feed(&self, request: Request<pb::ListFeedRequest>) -> Result<Response<pb::ListFeedResponse>, Status> {
        serve(request, async |caller, request| {
            let size = PageSize::from_request(request.page_size);
            let (rows, next_page_token) = feed::page(&self.deps, &caller, size, &request.page_token).await?;
            let posts = rows.into_iter().map(convert::render_post).collect();
            Ok(pb::ListFeedResponse { posts, next_page_token })
        })
        .await
    }

    type WatchStream = Streaming<pb::WatchResponse>;

    async fn watch(&self, request: Request<pb::WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        serve_stream(request, async |caller, pb::WatchRequest {}| {
            Ok(live::watch(&self.deps, &caller).await?.map_ok(convert::render_publications))
        })
        .await
    }
}
