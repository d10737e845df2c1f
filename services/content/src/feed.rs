//! The feed: posts of all groups a person is in, newest first. No copies per reader and no ranking.

use freehold_types::{Caller, Fault, PageSize};

use crate::position::{AfterPost, Position as _};
use crate::post::{self, View};
use crate::{Deps, seat, store};

/// Kind of list, in page tokens.
const LIST: &str = "feed";

/// A page of the caller's feed. What is published meanwhile comes before the first page, so it moves nothing on the
/// later ones.
pub(crate) async fn page(
    deps: &Deps,
    caller: &Caller,
    size: PageSize,
    token: &str,
) -> Result<(Vec<View>, String), Fault> {
    let after = deps.pages.decode(caller, LIST, token)?.map(|bytes| AfterPost::from_bytes(&bytes)).transpose()?;
    let seats = seat::own(caller)?;
    let tx = deps.tenancy.begin(caller).await?;
    let mut posts = store::post::feed(&tx, &seats, after, size.get() + 1).await?;
    let more = posts.len() > size.len();
    posts.truncate(size.len());
    let last = posts.last().filter(|_last| more);
    let next = last.map(|last| AfterPost { created_at: last.created_at, id: last.id });
    let views = post::views(&tx, seats.person(), posts).await?;
    tx.commit().await?;
    Ok((views, deps.next_page(caller, LIST, next)))
}
