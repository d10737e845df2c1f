//! Reactions: one of six kinds, at most one of a person to a post.

use freehold_tenancy::TenantTx;
use freehold_types::access::Action;
use freehold_types::{Caller, Fault, PostId};

use crate::post::{self, Post, View};
use crate::seat::{self, GroupSeat};
use crate::{Deps, fault, store};

/// What a person can give to a post without words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    Like,
    Love,
    Celebrate,
    Laugh,
    Surprise,
    Support,
}

impl Reaction {
    /// All kinds, in the order they are shown.
    pub(crate) const ALL: [Self; 6] =
        [Self::Like, Self::Love, Self::Celebrate, Self::Laugh, Self::Surprise, Self::Support];
}

/// Sets the caller's reaction to a post; an earlier one is replaced.
pub(crate) async fn set(deps: &Deps, caller: &Caller, id: PostId, reaction: Reaction) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let (seat, post) = respond_to(&tx, caller, id).await?;
    store::reaction::put(&tx, &seat, &post, reaction).await?;
    let view = post::view(&tx, &seat, id).await?;
    tx.commit().await?;
    Ok(view)
}

/// Takes the caller's reaction back. Without one there is nothing to do.
pub(crate) async fn remove(deps: &Deps, caller: &Caller, id: PostId) -> Result<View, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let (seat, post) = respond_to(&tx, caller, id).await?;
    store::reaction::delete(&tx, &seat, &post).await?;
    let view = post::view(&tx, &seat, id).await?;
    tx.commit().await?;
    Ok(view)
}

async fn respond_to(tx: &TenantTx, caller: &Caller, id: PostId) -> Result<(GroupSeat, Post), Fault> {
    let seat = seat::require_at_post(tx, caller, id, Action::Respond).await?;
    let post = store::post::find(tx, &seat, id).await?.ok_or_else(|| fault::post_not_found(id))?;
    Ok((seat, post))
}
