//! Groups: the list, one group, its members, joining and leaving.

use axum::extract::Path;
use axum::response::Response;
use freehold_proto::content::v1::{
    GetGroupRequest, Group, JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest, ListMembersRequest,
    ListPostsRequest, ListPostsResponse,
};
use freehold_types::GroupId;
use maud::Markup;

use crate::fields::{Asked, Fields, Paging};
use crate::gateway::ask;
use crate::page::feed::POSTS_PER_PAGE;
use crate::page::id_in_path;
use crate::refusal::Refusal;
use crate::view;
use crate::visitor::Visitor;

const GROUPS_PER_PAGE: i32 = 50;
const MEMBERS_PER_PAGE: i32 = 50;

/// The part of the path that names the group.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Named {
    id: String,
}

/// All groups the person may see.
pub(crate) async fn list(visitor: Visitor, Asked(paging): Asked<Paging>) -> Result<Markup, Refusal> {
    let mut content = visitor.calls.content.clone();
    let request = ListGroupsRequest { mine_only: false, page_size: GROUPS_PER_PAGE, page_token: paging.page };
    let found = ask(content.list_groups(request)).await?;
    Ok(view::group::list_page(&visitor.reader, &found))
}

async fn group(visitor: &Visitor, id: String) -> Result<Group, Refusal> {
    let mut content = visitor.calls.content.clone();
    Ok(ask(content.get_group(GetGroupRequest { id })).await?.group.unwrap_or_default())
}

/// One group with its posts.
pub(crate) async fn show(
    visitor: Visitor,
    Path(named): Path<Named>,
    Asked(paging): Asked<Paging>,
) -> Result<Markup, Refusal> {
    let id = id_in_path::<GroupId>(&named.id)?;
    let group = group(&visitor, id.clone()).await?;
    let first = paging.page.is_empty();
    let posts = if view::group::readable(&group) {
        let mut content = visitor.calls.content.clone();
        let request = ListPostsRequest { group_id: id, page_size: POSTS_PER_PAGE, page_token: paging.page };
        ask(content.list_posts(request)).await?
    } else {
        ListPostsResponse::default()
    };
    let people = visitor.people(posts.posts.iter().map(|post| post.author_id.as_str())).await?;
    visitor.note_read().await;
    Ok(view::group::page(&visitor.reader, &group, &posts, &people, first))
}

/// Who is in a group.
pub(crate) async fn members(
    visitor: Visitor,
    Path(named): Path<Named>,
    Asked(paging): Asked<Paging>,
) -> Result<Markup, Refusal> {
    let id = id_in_path::<GroupId>(&named.id)?;
    let mut content = visitor.calls.content.clone();
    let request = ListMembersRequest { group_id: id.clone(), page_size: MEMBERS_PER_PAGE, page_token: paging.page };
    let (group, members) = tokio::join!(group(&visitor, id), ask(content.list_members(request)));
    let (group, members) = (group?, members?);
    let people = visitor.people(members.memberships.iter().map(|member| member.person_id.as_str())).await?;
    Ok(view::group::members_page(&visitor.reader, &group, &members, &people))
}

/// Where to go afterwards.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

/// Makes the person a member.
pub(crate) async fn join(
    visitor: Visitor,
    Path(named): Path<Named>,
    Fields(to): Fields<Back>,
) -> Result<Response, Refusal> {
    let group_id = id_in_path::<GroupId>(&named.id)?;
    let mut content = visitor.calls.content.clone();
    let group = visitor.reader.path(&format!("/groups/{group_id}"));
    ask(content.join_group(JoinGroupRequest { group_id })).await?;
    Ok(visitor.back_to(if to.back.is_empty() { &group } else { &to.back }))
}

/// Ends the person's membership. The list of groups is always there afterwards; a secret group is not.
pub(crate) async fn leave(visitor: Visitor, Path(named): Path<Named>) -> Result<Response, Refusal> {
    let group_id = id_in_path::<GroupId>(&named.id)?;
    let mut content = visitor.calls.content.clone();
    ask(content.leave_group(LeaveGroupRequest { group_id })).await?;
    Ok(visitor.back_to(&visitor.reader.path("/groups")))
}
