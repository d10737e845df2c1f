//! Groups: made by hand, looked at, changed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use freehold_tenancy::TenantTx;
use freehold_types::access::{Action, Privacy};
use freehold_types::{Caller, Fault, GroupId, PageSize};

use crate::membership::Role;
use crate::position::{AfterGroup, Position as _};
use crate::request::{Claim, RequestId};
use crate::seat::{self, GroupSeat};
use crate::store::group_head::Head;
use crate::{Deps, fault, request, rule, store};

/// Kind of list, in page tokens.
const LIST: &str = "groups";

/// What a group is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) id: GroupId,
    pub(crate) name: String,
    pub(crate) purpose: String,
    pub(crate) privacy: Privacy,
    pub(crate) filled_by_rule: bool,
    pub(crate) created_at: DateTime<Utc>,
}

/// A group's name alone: lists sort by it, and only in memory, because it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) id: GroupId,
    pub(crate) name: String,
}

/// A group as somebody sees it.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) seat: GroupSeat,
    pub(crate) head: Head,
}

/// A group to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) purpose: String,
    pub(crate) privacy: Privacy,
}

/// What to change; none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Patch {
    pub(crate) name: Option<String>,
    pub(crate) purpose: Option<String>,
    pub(crate) privacy: Option<Privacy>,
}

/// Makes a group; the caller looks after it.
pub(crate) async fn create(deps: &Deps, caller: &Caller, request: &RequestId, draft: &Draft) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let body = [draft.name.as_str(), draft.purpose.as_str(), rule::privacy_word(draft.privacy)];
    let id: GroupId = match request::claim(&tx, caller, request, &body).await? {
        Claim::Again(id) => id,
        Claim::First(id) => {
            store::group_profile::insert(&tx, id, draft).await?;
            store::group_head::insert(&tx, id).await?;
            let held = store::group_head::lock(&tx, id).await?;
            store::membership::put_by_hand(&tx, &held, caller.person()?, Role::Administrator).await?;
            store::group_head::count_members(&tx, &held).await?;
            id
        }
    };
    let view = view(&tx, seat::require(&tx, caller, id, Action::SeeGroup).await?).await?;
    tx.commit().await?;
    Ok(view)
}

/// One group.
pub(crate) async fn get(deps: &Deps, caller: &Caller, id: GroupId) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let view = view(&tx, seat::require(&tx, caller, id, Action::SeeGroup).await?).await?;
    tx.commit().await?;
    Ok(view)
}

/// Changes a group.
pub(crate) async fn update(deps: &Deps, caller: &Caller, id: GroupId, patch: &Patch) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require(&tx, caller, id, Action::Manage).await?;
    store::group_profile::update(&tx, seat.group(), patch).await?;
    let view = view(&tx, seat::require(&tx, caller, id, Action::SeeGroup).await?).await?;
    tx.commit().await?;
    Ok(view)
}

/// The groups the caller may see, own ones first, then by name.
pub(crate) async fn list(
    deps: &Deps,
    caller: &Caller,
    own_only: bool,
    size: PageSize,
    token: &str,
) -> Result<(Vec<View>, String), Fault> {
    let after = deps.pages.decode(caller, LIST, token)?.map(|bytes| AfterGroup::from_bytes(&bytes)).transpose()?;
    let tx = deps.tenancy.begin(caller).await?;
    let mut keys: Vec<_> = seat::visible(&tx, caller, own_only).await?.into_iter().map(key).collect();
    keys.sort_unstable();
    if let Some(after) = after {
        // The group may have been renamed or become secret since; its place is where its name is now.
        let last = store::group_profile::find(&tx, after.id).await?.ok_or_else(fault::page_token_outdated)?;
        let last = key((after.own, Title { id: last.id, name: last.name }));
        keys.retain(|key| *key > last);
    }
    let more = keys.len() > size.len();
    keys.truncate(size.len());
    let next = keys.last().filter(|_last| more).map(|(second, _name, id)| AfterGroup { own: !second, id: *id });
    let ids: Vec<_> = keys.into_iter().map(|(_, _, id)| id).collect();
    let seats = seat::seen(&tx, caller, &ids).await?;
    let views = in_order(&ids, views(&tx, seats).await?);
    tx.commit().await?;
    Ok((views, deps.next_page(caller, LIST, next)))
}

/// The view of a group of which the caller's seat is known.
pub(crate) async fn view(tx: &TenantTx, seat: GroupSeat) -> Result<View, Fault> {
    let group = seat.group();
    let view = views(tx, vec![seat]).await?.pop();
    view.ok_or_else(|| fault::group_not_found(group))
}

async fn views(tx: &TenantTx, seats: Vec<GroupSeat>) -> Result<Vec<View>, Fault> {
    let ids: Vec<_> = seats.iter().map(GroupSeat::group).collect();
    let heads = store::group_head::list(tx, &ids).await?;
    let view = |seat: GroupSeat| {
        let head = heads.get(&seat.group()).copied();
        Ok(View { seat, head: head.ok_or_else(|| fault::row_broken("group_profile", "no head"))? })
    };
    seats.into_iter().map(view).collect()
}

fn in_order(ids: &[GroupId], views: Vec<View>) -> Vec<View> {
    let mut views: HashMap<GroupId, View> = views.into_iter().map(|view| (view.seat.group(), view)).collect();
    ids.iter().filter_map(|id| views.remove(id)).collect()
}

/// How the list sorts: own ones first, then by name whatever the case, then by id.
fn key((own, title): (bool, Title)) -> (bool, String, GroupId) {
    (!own, rule::folded(&title.name), title.id)
}
