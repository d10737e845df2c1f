//! Comments: answers to a post, or to another comment under the same post.

use chrono::{DateTime, Utc};
use freehold_types::access::Action;
use freehold_types::{Caller, CommentId, Fault, PageSize, PersonId, PostId};

use crate::position::{AfterSeq, Position as _};
use crate::request::{Claim, RequestId};
use crate::{Deps, fault, request, seat, store};

/// What somebody answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) post: PostId,
    pub(crate) parent: Option<CommentId>,
    pub(crate) author: PersonId,
    pub(crate) text: String,
    pub(crate) seq: i64,
    pub(crate) created_at: DateTime<Utc>,
}

/// A comment to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) post: PostId,
    /// The comment it answers; none when it answers the post.
    pub(crate) parent: Option<CommentId>,
    pub(crate) text: String,
}

/// Writes a comment.
pub(crate) async fn create(deps: &Deps, caller: &Caller, request: &RequestId, draft: &Draft) -> Result<Comment, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require_at_post(&tx, caller, draft.post, Action::Respond).await?;
    if let Some(parent) = draft.parent {
        let answered = store::comment::find(&tx, &seat, draft.post, parent).await?;
        answered.ok_or_else(|| fault::comment_not_found(parent))?;
    }
    let parent = draft.parent.map(|parent| parent.to_string()).unwrap_or_default();
    let body = [&draft.post.to_string(), parent.as_str(), draft.text.as_str()];
    let id = match request::claim(&tx, caller, request, &body).await? {
        Claim::Again(id) => id,
        Claim::First(id) => {
            let held = store::group_head::lock(&tx, seat.group()).await?;
            let place = store::group_head::take_place(&tx, held).await?;
            store::comment::insert(&tx, &seat, place, id, draft).await?;
            id
        }
    };
    let comment = store::comment::find(&tx, &seat, draft.post, id).await?;
    let comment = comment.ok_or_else(|| fault::comment_not_found(id))?;
    let tenant = tx.tenant();
    tx.commit().await?;
    deps.live.published(tenant);
    Ok(comment)
}

/// A post's comments, oldest first.
pub(crate) async fn list(
    deps: &Deps,
    caller: &Caller,
    post: PostId,
    size: PageSize,
    token: &str,
) -> Result<(Vec<Comment>, String), Fault> {
    let list = format!("comments {post}");
    let after = deps.pages.decode(caller, &list, token)?.map(|bytes| AfterSeq::from_bytes(&bytes)).transpose()?;
    let tx = deps.tenancy.begin(caller).await?;
    let seat = seat::require_at_post(&tx, caller, post, Action::Read).await?;
    let mut comments = store::comment::page(&tx, &seat, post, after, size.get() + 1).await?;
    tx.commit().await?;
    let more = comments.len() > size.len();
    comments.truncate(size.len());
    let next = comments.last().filter(|_last| more).map(|last| AfterSeq(last.seq));
    Ok((comments, deps.next_page(caller, &list, next)))
}
