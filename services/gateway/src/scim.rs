//! SCIM 2.0 (RFC 7643, RFC 7644): an IdP pushes a company's people and groups here. The schema, the grammar of filters
//! and paths, and JSON are ours; what is kept and what becomes of it is the directory service's word.

mod decode;
mod discovery;
mod encode;
mod error;
mod filter;
mod patch;
mod path;
mod resources;
mod schema;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use freehold_proto::directory::v1::AuthenticateTokenRequest;
use freehold_wire::Calls;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};
use serde_json::{Map, Value};

use crate::gateway::{Gateway, ask};
use crate::refusal::Refusal;
use crate::scim::error::{Answer, ScimError};
use crate::site::company_address;

/// The largest request: a group of the most members there can be, each with its names.
const BODY_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Media type of everything that is answered.
const MEDIA_TYPE: &str = "application/scim+json";

/// An IdP that is let in, at one company.
struct Idp {
    calls: Calls,
    /// Address of the company's endpoint, without a slash at its end.
    base: String,
}

/// A request without its body.
struct Asked {
    method: Method,
    /// The part of the path behind `scim/v2`.
    path: Vec<String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
}

impl Asked {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Answers every request below a company's `scim/v2`.
pub(crate) async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = match answer(&gateway, parts, body).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn answer(gateway: &Gateway, parts: Parts, body: Body) -> Answer {
    let mut steps = parts.uri.path().split('/').skip(1);
    let address = steps.next().and_then(company_address).ok_or_else(ScimError::no_place)?;
    let path: Vec<String> = steps.skip(2).filter(|step| !step.is_empty()).map(decoded).collect();
    // Who asks comes before what is asked: nobody learns from an answer which companies there are.
    let idp = let_in(gateway, address, &parts.headers).await?;
    let asked = Asked { method: parts.method, path, query: query(&parts.uri)?, headers: parts.headers };
    let steps: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    match steps.as_slice() {
        ["ServiceProviderConfig" | "ResourceTypes" | "Schemas", ..] => discovery::answer(&idp.base, &asked),
        ["Me", ..] => Err(ScimError::not_implemented("a token speaks for an IdP, so there is no /Me")),
        ["Bulk"] => Err(ScimError::not_implemented("bulk operations are not supported")),
        _ => {
            let sent = read(&asked, body).await?;
            Box::pin(resources::answer(idp, &asked, sent)).await
        }
    }
}

/// Exchanges the token for a caller token. Every refusal looks alike.
async fn let_in(gateway: &Gateway, address: &str, headers: &HeaderMap) -> Result<Idp, ScimError> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, secret) = value.and_then(|value| value.split_once(' ')).ok_or_else(ScimError::who_are_you)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ScimError::who_are_you());
    }
    let request = AuthenticateTokenRequest { company_address: address.to_owned(), secret: secret.trim().to_owned() };
    let mut anonymous = gateway.clients.anonymous();
    let issued = ask(anonymous.provisioning.authenticate_token(request)).await?;
    let calls = gateway.clients.bearer(&issued.caller_token).map_err(|fault| ScimError::from(Refusal::Fault(fault)))?;
    Ok(Idp { calls, base: format!("{}/{address}/scim/v2", gateway.site.origin()) })
}

fn query(uri: &Uri) -> Result<Vec<(String, String)>, ScimError> {
    Query::try_from_uri(uri).map(|Query(pairs)| pairs).map_err(|_malformed| ScimError::syntax("the query is malformed"))
}

/// The object a request carries; none when it carries nothing.
async fn read(asked: &Asked, body: Body) -> Result<Option<Map<String, Value>>, ScimError> {
    if matches!(asked.method, Method::GET | Method::DELETE | Method::HEAD) {
        return Ok(None);
    }
    let kind = asked.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or(MEDIA_TYPE);
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if ![MEDIA_TYPE, "application/json"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(ScimError::wrong_media_type());
    }
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_too_large| ScimError::too_large())?;
    // The parser goes 128 levels deep and no further.
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(Some(object)),
        Ok(_) | Err(_) => Err(ScimError::syntax("the body must be one JSON object")),
    }
}

/// A step of a path without its percent signs; what is malformed stays as it is and names nothing.
fn decoded(step: &str) -> String {
    let mut bytes = Vec::with_capacity(step.len());
    let mut rest = step.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = (*first == b'%').then(|| after.split_at_checked(2)).flatten();
        let byte = pair
            .and_then(|(digits, _)| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, pair) {
            (Some(byte), Some((_, behind))) => {
                bytes.push(byte);
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_other| step.to_owned())
}

/// An answer in JSON.
fn json(status: http::StatusCode, value: &Value) -> Response {
    (status, [(CONTENT_TYPE, MEDIA_TYPE)], value.to_string()).into_response()
}

#[cfg(test)]
mod tests;
