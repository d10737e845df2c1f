//! Tells people at once that something was published in their groups: what, not what it says.
//!
//! The truth is the sequence of each group. A write in this process is a hint to look; a look every second finds what
//! other processes wrote. Who is told is decided when it is told, from the memberships of that moment.

mod room;

use std::sync::Arc;
use std::time::Duration;

use freehold_tenancy::TenantTx;
use freehold_types::{Caller, CommentId, Fault, GroupId, Kind, PersonId, PostId, Reason, Service, TenantId};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{Deps, seat, store};
use room::Rooms;

/// How often the store is asked what other processes wrote.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Tenants that are looked at side by side.
const TENANTS_AT_ONCE: usize = 8;
/// How often a stream says something although nothing was published.
const SAY_EVERY: Duration = Duration::from_secs(20);
/// Publications of one group that one look tells of each kind; the feed has the others.
const TOLD_MAX: u64 = 100;

/// Something that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Publication {
    pub(crate) group: GroupId,
    pub(crate) seq: i64,
    pub(crate) post: PostId,
    /// None when the post itself was published.
    pub(crate) comment: Option<CommentId>,
}

/// Everybody who watches in this process. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Live(Arc<Rooms>);

impl Live {
    /// Hints that something was published, once that is committed.
    pub(crate) fn published(&self, tenant: TenantId) {
        self.0.hint(tenant);
    }
}

/// Tells the caller what is published from now on in the groups they are in; something at once, and now and then.
pub(crate) async fn watch(
    deps: &Deps,
    caller: &Caller,
) -> Result<impl Stream<Item = Result<Vec<Publication>, Fault>> + Send + use<>, Fault> {
    let person = caller.person()?;
    let tx = deps.tenancy.begin(caller).await?;
    let heads = store::group_head::since(&tx, None).await?;
    let (tenant, now) = (tx.tenant(), tx.mint().now());
    tx.commit().await?;
    let told = deps.live.0.enter(tenant, person, heads, now)?;
    Ok(futures::stream::unfold(Some((told, true)), async |state| {
        let (mut told, first) = state?;
        if first {
            return Some((Ok(Vec::new()), Some((told, false))));
        }
        match timeout(SAY_EVERY, told.recv()).await {
            Ok(Some(publications)) => Some((Ok(publications), Some((told, false)))),
            Ok(None) => Some((Err(left_behind()), None)),
            Err(_elapsed) => Some((Ok(Vec::new()), Some((told, false)))),
        }
    }))
}

/// Looks what was published, and tells, for ever.
pub(crate) async fn tell(deps: &Deps) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let tenants = tokio::select! {
            tenants = deps.live.0.hinted() => tenants,
            _ = ticks.tick() => deps.live.0.watched(),
        };
        futures::stream::iter(tenants)
            .for_each_concurrent(TENANTS_AT_ONCE, async |tenant| {
                if let Err(fault) = look(deps, tenant).await {
                    tracing::warn!(tenant.id = %tenant, %fault, "people are not told what is published");
                }
            })
            .await;
    }
}

async fn look(deps: &Deps, tenant: TenantId) -> Result<(), Fault> {
    let rooms = &deps.live.0;
    let Some(seen_at) = rooms.seen_at(tenant) else { return Ok(()) };
    let tx = deps.tenancy.begin(&Caller::service(Service::Content, tenant)).await?;
    let now = tx.mint().now();
    let heads = store::group_head::since(&tx, Some(seen_at)).await?;
    let changed = rooms.changed(tenant, &heads);
    let mut told = Vec::new();
    if !changed.is_empty() {
        let people = rooms.people(tenant);
        for (group, after) in changed {
            let readers = seat::readers(&tx, group, &people).await?;
            if !readers.is_empty() {
                told.push((readers, publications(&tx, group, after).await?));
            }
        }
    }
    tx.commit().await?;
    rooms.tell(tenant, &told);
    rooms.seen(tenant, &heads, now);
    Ok(())
}

/// What a group got after a place in its sequence, in its order.
async fn publications(tx: &TenantTx, group: GroupId, after: i64) -> Result<Vec<Publication>, Fault> {
    let mut published = store::post::published(tx, group, after, TOLD_MAX).await?;
    published.extend(store::comment::published(tx, group, after, TOLD_MAX).await?);
    published.sort_unstable_by_key(|publication| publication.seq);
    Ok(published)
}

/// Where a watcher is told things.
type Ear = mpsc::Sender<Vec<Publication>>;

/// People and what they are to be told.
type Message = (Vec<PersonId>, Vec<Publication>);

fn left_behind() -> Fault {
    Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, "more was published than this stream took in")
        .cure("read the feed again, then watch again")
}
