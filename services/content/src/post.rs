//! Posts: published in a group, read one by one and group by group.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use freehold_tenancy::TenantTx;
use freehold_types::access::Action;
use freehold_types::{Caller, Fault, GroupId, PageSize, PersonId, PostId};

use crate::position::{AfterSeq, Position as _};
use crate::reaction::Reaction;
use crate::request::{Claim, RequestId};
use crate::seat::{self, GroupSeat};
use crate::{Deps, fault, request, store};

/// What somebody published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) id: PostId,
    pub(crate) group: GroupId,
    pub(crate) author: PersonId,
    pub(crate) text: String,
    pub(crate) seq: i64,
    pub(crate) created_at: DateTime<Utc>,
}

/// A post as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) post: Post,
    pub(crate) group_name: String,
    pub(crate) comment_count: i64,
    /// In the order of the kinds, those without any left out.
    pub(crate) reactions: Vec<(Reaction, i64)>,
    pub(crate) my_reaction: Option<Reaction>,
}

/// Publishes a post.
pub(crate) async fn publish(
    deps: &Deps,
    caller: &Caller,
    request: &RequestId,
    group: GroupId,
    text: &str,
) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require(&tx, caller, group, Action::Publish).await?;
    let id: PostId = match request::claim(&tx, caller, request, &[&group.to_string(), text]).await? {
        Claim::Again(id) => id,
        Claim::First(id) => {
            let held = store::group_head::lock(&tx, group).await?;
            let place = store::group_head::take_place(&tx, held).await?;
            store::post::insert(&tx, &seat, place, id, text).await?;
            id
        }
    };
    let view = view(&tx, &seat, id).await?;
    let tenant = tx.tenant();
    tx.commit().await?;
    deps.live.published(tenant);
    Ok(view)
}

/// One post.
pub(crate) async fn get(deps: &Deps, caller: &Caller, id: PostId) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require_at_post(&tx, caller, id, Action::Read).await?;
    let view = view(&tx, &seat, id).await?;
    tx.commit().await?;
    Ok(view)
}

/// A group's posts, newest first.
pub(crate) async fn list(
    deps: &Deps,
    caller: &Caller,
    group: GroupId,
    size: PageSize,
    token: &str,
) -> Result<(Vec<View>, String), Fault> {
    let list = format!("posts {group}");
    let after = deps.pages.decode(caller, &list, token)?.map(|bytes| AfterSeq::from_bytes(&bytes)).transpose()?;
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require(&tx, caller, group, Action::Read).await?;
    let mut posts = store::post::page(&tx, &seat, after, size.get() + 1).await?;
    let more = posts.len() > size.len();
    posts.truncate(size.len());
    let next = posts.last().filter(|_last| more).map(|last| AfterSeq(last.seq));
    let views = views(&tx, seat.person(), posts).await?;
    tx.commit().await?;
    Ok((views, deps.next_page(caller, &list, next)))
}

/// A post of a group in which the caller's seat is known, as the caller sees it.
pub(crate) async fn view(tx: &TenantTx, seat: &GroupSeat, id: PostId) -> Result<View, Fault> {
    let post = store::post::find(tx, seat, id).await?.ok_or_else(|| fault::post_not_found(id))?;
    let view = views(tx, seat.person(), vec![post]).await?.pop();
    view.ok_or_else(|| fault::post_not_found(id))
}

/// Posts as a person sees them: four queries, however many posts and groups there are.
pub(crate) async fn views(tx: &TenantTx, person: PersonId, posts: Vec<Post>) -> Result<Vec<View>, Fault> {
    let mut groups: Vec<_> = posts.iter().map(|post| post.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let profiles = store::group_profile::list(tx, &groups).await?;
    let names: HashMap<_, _> = profiles.into_iter().map(|profile| (profile.id, profile.name)).collect();
    let comments = store::comment::counts(tx, &posts).await?;
    let mut reactions = store::reaction::counts(tx, &posts).await?;
    let mine = store::reaction::of_person(tx, person, &posts).await?;
    let view = |post: Post| View {
        group_name: names.get(&post.group).cloned().unwrap_or_default(),
        comment_count: comments.get(&post.id).copied().unwrap_or_default(),
        reactions: reactions.remove(&post.id).unwrap_or_default(),
        my_reaction: mine.get(&post.id).copied(),
        post,
    };
    Ok(posts.into_iter().map(view).collect())
}
