//! Requests that make something: the same one twice makes it once.

use chrono::TimeDelta;
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, Fault, Id, IdKind};

use crate::{fault, store};

/// How long a repeated request gives what the first one made.
const KEPT_DAYS: i64 = 30;

/// The id a client gave its request, 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) String);

/// Whose turn it is to make the thing.
pub(crate) enum Claim<K> {
    /// Nobody made it: it is to be made now, under this id, in this transaction.
    First(Id<K>),
    /// An earlier request made it.
    Again(Id<K>),
}

/// Claims a caller's request id for a thing of kind `K` made of these fields. A second request of that id waits here
/// for the first to end. Conflict, when the id was used for something else.
pub(crate) async fn claim<K: IdKind>(
    tx: &TenantTx,
    caller: &Caller,
    RequestId(request): &RequestId,
    fields: &[&str],
) -> Result<Claim<K>, Fault> {
    let person = caller.person()?;
    store::create_request::forget(tx, person, tx.mint().now() - TimeDelta::days(KEPT_DAYS)).await?;
    // With the person and the request in it, two equal posts do not show as equal in the table.
    let whose = person.to_string();
    let parts = [K::PREFIX, whose.as_str(), request.as_str()];
    let body = store::create_request::digest(tx, &joined(parts.iter().chain(fields)));
    let id: Id<K> = tx.mint().id();
    if store::create_request::keep(tx, person, request, &body, id.uuid()).await? {
        return Ok(Claim::First(id));
    }
    let kept = store::create_request::get(tx, person, request).await?;
    if kept.body == body { Ok(Claim::Again(Id::from_uuid(kept.made))) } else { Err(fault::request_id_reused()) }
}

/// Fields one after the other, each with its length before it, so that none can run into the next.
fn joined<'a>(fields: impl Iterator<Item = &'a &'a str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in fields {
        bytes.extend(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(field.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests;
