//! Lists resources: by an index where the filter allows it, otherwise by opening all of the kind.

use std::cmp::Ordering;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attribute_value::Value;
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryId, Fault};
use uuid::Uuid;

use super::document::{truth, values};
use super::filter;
use super::resource::{Kind, Shown, Stored, directory_of, show};
use crate::Deps;
use crate::store::scim_resource::{self as store, Known};

/// The most resources on one page.
const PAGE_MAX: i64 = 1_000;

/// Which resources, in which order, and which of them.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub filter: Option<pb::Filter>,
    pub sort_path: Vec<String>,
    pub descending: bool,
    pub sort_case_exact: bool,
    pub skip: i64,
    pub take: i64,
    pub members: bool,
}

/// A page of resources and how many there are on all pages.
pub(crate) async fn list(deps: &Deps, caller: &Caller, kind: Kind, query: &Query) -> Result<(Vec<Shown>, u64), Fault> {
    let directory = directory_of(caller)?;
    if let Some(filter) = &query.filter {
        filter::check(filter)?;
    }
    let skip = u64::try_from(query.skip).unwrap_or_default();
    let take = u64::try_from(query.take.clamp(0, PAGE_MAX)).unwrap_or_default();
    let tx = deps.tenancy.begin(caller).await?;
    if query.filter.is_none() && query.sort_path.is_empty() {
        let total = store::count(&tx, directory, kind).await?;
        let page = if take == 0 { Vec::new() } else { store::page(&tx, directory, kind, skip, take).await? };
        return Ok((show(&tx, directory, page, query.members).await?, total));
    }
    let edges = match kind {
        Kind::User => "groups",
        Kind::Group => "members",
    };
    let reads_edges = query.sort_path.first().is_some_and(|first| first == edges)
        || query.filter.as_ref().is_some_and(|filter| filter::mentions(filter, edges));
    let candidates = candidates(&tx, directory, kind, query.filter.as_ref()).await?;
    let mut found = show(&tx, directory, candidates, kind == Kind::Group && reads_edges).await?;
    if let Some(filter) = &query.filter {
        found.retain(|shown| filter::meets(filter, &shown.attributes));
    }
    if !query.sort_path.is_empty() {
        sort(&mut found, query);
    }
    let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let page = found.into_iter().skip(usize::try_from(skip).unwrap_or(usize::MAX));
    let page: Vec<Stored> = page.take(usize::try_from(take).unwrap_or_default()).map(|shown| shown.stored).collect();
    Ok((show(&tx, directory, page, query.members).await?, total))
}

/// The resources that can meet the filter at all.
async fn candidates(
    tx: &TenantTx,
    directory: DirectoryId,
    kind: Kind,
    filter: Option<&pb::Filter>,
) -> Result<Vec<Stored>, Fault> {
    let Some(filter) = filter else { return store::all(tx, directory, kind).await };
    if let Some(id) = filter::must_equal(filter, "id") {
        return match Uuid::try_parse(id) {
            Ok(id) => store::known_by(tx, directory, kind, &Known::Id(id)).await,
            Err(_other) => Ok(Vec::new()),
        };
    }
    if let Some(name) = filter::must_equal(filter, kind.name_attribute()) {
        return store::known_by(tx, directory, kind, &Known::Name(name)).await;
    }
    if let Some(id) = filter::must_equal(filter, "externalId") {
        return store::known_by(tx, directory, kind, &Known::ExternalId(id)).await;
    }
    store::all(tx, directory, kind).await
}

/// Sorts by one attribute; of several values the primary one counts, or else the first. Those without one come last, or
/// first when the order is turned around (RFC 7644 section 3.4.2.3).
fn sort(found: &mut [Shown], query: &Query) {
    found.sort_by_cached_key(|shown| SortKey::of(&shown.attributes, query));
    if query.descending {
        found.reverse();
    }
}

#[derive(PartialEq, Eq)]
enum SortKey {
    Text(String),
    Whole(i64),
    Truth(bool),
    Missing,
}

impl SortKey {
    fn of(attributes: &[pb::Attribute], query: &Query) -> Self {
        let found = match query.sort_path.split_first() {
            Some((first, rest)) => {
                let several = values(attributes, std::slice::from_ref(first));
                let primary =
                    several.iter().find(|value| truth(super::document::inside(value), "primary") == Some(true));
                let chosen = primary.or_else(|| several.first()).copied();
                match chosen {
                    Some(value) if rest.is_empty() => Some(value),
                    Some(value) => values(super::document::inside(value), rest).first().copied(),
                    None => None,
                }
            }
            None => None,
        };
        match found.and_then(|value| value.value.as_ref()) {
            Some(Value::Text(text)) if query.sort_case_exact => Self::Text(text.clone()),
            Some(Value::Text(text)) => Self::Text(filter::fold(text)),
            Some(Value::Whole(number)) => Self::Whole(*number),
            Some(Value::Truth(truth)) => Self::Truth(*truth),
            Some(Value::Complex(_)) | None => Self::Missing,
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Whole(_) => 1,
            Self::Truth(_) => 2,
            Self::Missing => 3,
        }
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Whole(one), Self::Whole(other)) => one.cmp(other),
            (Self::Truth(one), Self::Truth(other)) => one.cmp(other),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
