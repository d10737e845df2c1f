//! Users and groups: reading, finding, creating, replacing, patching, deleting.

use axum::response::{IntoResponse as _, Response};
use freehold_proto::directory::v1 as pb;
use http::header::{CONTENT_LOCATION, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};

use super::discovery::{PAGE_MAX, list};
use super::encode::{self, Projection};
use super::error::{Answer, ScimError};
use super::filter::{self, Scope};
use super::path::resolve;
use super::schema::{Form, ResourceType, TYPES};
use super::{Asked, Idp, decode, json, patch};
use crate::gateway::ask;

/// How many resources a page has when the request does not say.
const PAGE_DEFAULT: i64 = 100;

type Sent = Option<Map<String, Value>>;

/// Answers a request about resources.
pub(super) async fn answer(idp: Idp, asked: &Asked, sent: Sent) -> Answer {
    let steps: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let find = |endpoint: &str| TYPES.iter().find(|one| one.endpoint == endpoint).ok_or_else(ScimError::no_place);
    match steps.as_slice() {
        [".search"] => search(idp, &TYPES.iter().collect::<Vec<_>>(), asked, sent).await,
        [endpoint] => {
            let of = find(endpoint)?;
            match asked.method {
                Method::GET => page(idp, &[of], &Query::of_address(asked)?).await,
                Method::POST => create(idp, of, asked, &body(sent)?).await,
                _ => Err(ScimError::wrong_method()),
            }
        }
        [endpoint, ".search"] => search(idp, &[find(endpoint)?], asked, sent).await,
        [endpoint, id] => {
            let of = find(endpoint)?;
            match asked.method {
                Method::GET => get(idp, of, id, asked).await,
                Method::PUT => replace(idp, of, id, asked, &body(sent)?).await,
                Method::PATCH => change(idp, of, id, asked, &body(sent)?).await,
                Method::DELETE => delete(idp, of, id, asked).await,
                _ => Err(ScimError::wrong_method()),
            }
        }
        _ => Err(ScimError::no_place()),
    }
}

fn body(sent: Sent) -> Result<Map<String, Value>, ScimError> {
    sent.ok_or_else(|| ScimError::syntax("the body must be one JSON object"))
}

fn projection(of: &'static ResourceType, asked: &Asked) -> Projection {
    Projection::new(of, asked.parameter("attributes"), asked.parameter("excludedAttributes"))
}

fn missing<T>(answer: Option<T>) -> Result<T, ScimError> {
    answer.ok_or_else(ScimError::no_place)
}

/// A resource with its version, and with where it is.
fn show(
    idp: &Idp,
    of: &'static ResourceType,
    status: StatusCode,
    resource: &pb::Resource,
    cut: &Projection,
) -> Response {
    let mut response = json(status, &encode::resource(&idp.base, of, resource, cut));
    let place = encode::location(&idp.base, of, &resource.resource_id);
    let place_name = if status == StatusCode::CREATED { LOCATION } else { CONTENT_LOCATION };
    for (name, value) in [(ETAG, encode::tag(resource)), (place_name, place)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn read(idp: &Idp, of: &ResourceType, id: &str, without_members: bool) -> Result<pb::Resource, ScimError> {
    let request = pb::GetResourceRequest { kind: of.kind.into(), resource_id: id.to_owned(), without_members };
    missing(ask(idp.calls.clone().provisioning.get_resource(request)).await?.resource)
}

async fn get(idp: Idp, of: &'static ResourceType, id: &str, asked: &Asked) -> Answer {
    let cut = projection(of, asked);
    let resource = read(&idp, of, id, cut.without_members()).await?;
    if tags(asked, &IF_NONE_MATCH).is_some_and(|tags| names(&tags, resource.version)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        if let Ok(tag) = HeaderValue::from_str(&encode::tag(&resource)) {
            response.headers_mut().insert(ETAG, tag);
        }
        return Ok(response);
    }
    Ok(show(&idp, of, StatusCode::OK, &resource, &cut))
}

async fn create(idp: Idp, of: &'static ResourceType, asked: &Asked, sent: &Map<String, Value>) -> Answer {
    let attributes = decode::resource(of, sent)?;
    let request = pb::PutResourceRequest { kind: of.kind.into(), attributes, ..Default::default() };
    let resource = missing(ask(idp.calls.clone().provisioning.put_resource(request)).await?.resource)?;
    Ok(show(&idp, of, StatusCode::CREATED, &resource, &projection(of, asked)))
}

async fn replace(idp: Idp, of: &'static ResourceType, id: &str, asked: &Asked, sent: &Map<String, Value>) -> Answer {
    let attributes = decode::resource(of, sent)?;
    let expected_version = expected_version(&idp, of, id, asked).await?;
    let request =
        pb::PutResourceRequest { kind: of.kind.into(), resource_id: id.to_owned(), expected_version, attributes };
    let resource = missing(ask(idp.calls.clone().provisioning.put_resource(request)).await?.resource)?;
    Ok(show(&idp, of, StatusCode::OK, &resource, &projection(of, asked)))
}

async fn change(idp: Idp, of: &'static ResourceType, id: &str, asked: &Asked, sent: &Map<String, Value>) -> Answer {
    let operations = patch::operations(of, sent)?;
    let cut = projection(of, asked);
    let resource = if operations.is_empty() {
        // Everything that was said is ours to say.
        read(&idp, of, id, cut.without_members()).await?
    } else {
        let request = pb::PatchResourceRequest {
            kind: of.kind.into(),
            resource_id: id.to_owned(),
            expected_version: expected_version(&idp, of, id, asked).await?,
            operations,
            without_members: cut.without_members(),
        };
        missing(ask(idp.calls.clone().provisioning.patch_resource(request)).await?.resource)?
    };
    Ok(show(&idp, of, StatusCode::OK, &resource, &cut))
}

async fn delete(idp: Idp, of: &'static ResourceType, id: &str, asked: &Asked) -> Answer {
    let expected_version = expected_version(&idp, of, id, asked).await?;
    let request = pb::DeleteResourceRequest { kind: of.kind.into(), resource_id: id.to_owned(), expected_version };
    ask(idp.calls.clone().provisioning.delete_resource(request)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The tags of a conditional request; none when it is not conditional.
fn tags(asked: &Asked, header: &http::HeaderName) -> Option<Vec<String>> {
    let value = asked.headers.get(header)?.to_str().unwrap_or_default();
    Some(value.split(',').map(|tag| tag.trim().to_owned()).collect())
}

fn names(tags: &[String], version: i64) -> bool {
    let tag = format!("\"{version}\"");
    tags.iter().any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// The version a change is for, 0 when it is for any.
async fn expected_version(idp: &Idp, of: &ResourceType, id: &str, asked: &Asked) -> Result<i64, ScimError> {
    match tags(asked, &IF_MATCH) {
        None => Ok(0),
        Some(tags) if tags.iter().any(|tag| tag == "*") => Ok(0),
        Some(tags) => {
            let version = read(idp, of, id, true).await?.version;
            if names(&tags, version) { Ok(version) } else { Err(ScimError::changed()) }
        }
    }
}

/// What is searched for.
struct Query {
    filter: Option<String>,
    sort_by: Option<String>,
    descending: bool,
    start: i64,
    count: i64,
    only: Option<String>,
    without: Option<String>,
}

impl Query {
    fn of_address(asked: &Asked) -> Result<Self, ScimError> {
        let text = |name| asked.parameter(name).map(str::to_owned);
        let number = |name: &str| {
            let parse =
                |text: &str| text.parse().map_err(|_other| ScimError::value(format!("{name} must be a number")));
            asked.parameter(name).map(parse).transpose()
        };
        Ok(Self {
            filter: text("filter"),
            sort_by: text("sortBy"),
            descending: asked.parameter("sortOrder").is_some_and(|order| order.eq_ignore_ascii_case("descending")),
            start: number("startIndex")?.unwrap_or(1),
            count: number("count")?.unwrap_or(PAGE_DEFAULT),
            only: text("attributes"),
            without: text("excludedAttributes"),
        })
    }

    fn of_body(sent: &Map<String, Value>) -> Self {
        let text = |name: &str| sent.get(name).and_then(Value::as_str).map(str::to_owned);
        let paths = |name: &str| {
            let paths = sent.get(name).and_then(Value::as_array);
            paths.map(|paths| paths.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
        };
        let number = |name: &str| sent.get(name).and_then(Value::as_i64);
        Self {
            filter: text("filter"),
            sort_by: text("sortBy"),
            descending: text("sortOrder").is_some_and(|order| order.eq_ignore_ascii_case("descending")),
            start: number("startIndex").unwrap_or(1),
            count: number("count").unwrap_or(PAGE_DEFAULT),
            only: paths("attributes").or_else(|| text("attributes")),
            without: paths("excludedAttributes").or_else(|| text("excludedAttributes")),
        }
    }

    /// The call for one type of resource; none when nothing of that type can be meant.
    fn request(
        &self,
        of: &'static ResourceType,
        several: bool,
        skip_count: i64,
        take_count: i64,
        cut: &Projection,
    ) -> Result<Option<pb::ListResourcesRequest>, ScimError> {
        let filter = match self.filter.as_deref().map(|text| filter::parse(Scope::Resource(of), text)).transpose() {
            Ok(filter) => filter,
            // An attribute that only the other type has is one that this type has no value of.
            Err(_unknown) if several => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut sort_path = Vec::new();
        let mut sort_case_exact = false;
        if let Some(place) = self.sort_by.as_deref().and_then(|path| resolve(of, path)) {
            let definition = place.part.or(place.attribute);
            sort_path = place.names();
            sort_case_exact = definition.is_some_and(|definition| definition.case_exact);
            let value = definition.filter(|definition| definition.form == Form::Complex);
            sort_path.extend(value.and_then(|definition| definition.part("value")).map(|part| part.name.to_owned()));
        }
        Ok(Some(pb::ListResourcesRequest {
            kind: of.kind.into(),
            filter,
            sort_path,
            descending: self.descending,
            sort_case_exact,
            skip_count,
            take_count,
            without_members: cut.without_members(),
        }))
    }
}

async fn search(idp: Idp, of: &[&'static ResourceType], asked: &Asked, sent: Sent) -> Answer {
    if asked.method != Method::POST {
        return Err(ScimError::wrong_method());
    }
    page(idp, of, &Query::of_body(&body(sent)?)).await
}

/// A page of one type of resource, or of several, one type behind the other.
async fn page(idp: Idp, of: &[&'static ResourceType], query: &Query) -> Answer {
    let start = query.start.max(1);
    let mut skip = start.saturating_sub(1);
    let mut take = query.count.clamp(0, PAGE_MAX);
    let mut total = 0_i64;
    let mut shown = Vec::new();
    let mut understood = false;
    for one in of {
        let cut = Projection::new(one, query.only.as_deref(), query.without.as_deref());
        let Some(request) = query.request(one, of.len() > 1, skip, take, &cut)? else { continue };
        understood = true;
        let found = ask(idp.calls.clone().provisioning.list_resources(request)).await?;
        total = total.saturating_add(found.total_count);
        skip = skip.saturating_sub(found.total_count).max(0);
        take = take.saturating_sub(i64::try_from(found.resources.len()).unwrap_or(i64::MAX)).max(0);
        shown.extend(found.resources.iter().map(|resource| encode::resource(&idp.base, one, resource, &cut)));
    }
    if !understood && let (Some(text), Some(first)) = (&query.filter, of.first()) {
        filter::parse(Scope::Resource(first), text)?;
    }
    Ok(json(StatusCode::OK, &list(total, start, shown)))
}
