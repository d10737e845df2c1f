//! Refusals in the form of RFC 7644 section 3.12.

use axum::response::{IntoResponse, Response};
use freehold_types::{Fault, Kind, Reason};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::refusal::Refusal;

/// What a request is answered with.
pub(super) type Answer = Result<Response, ScimError>;

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct ScimError {
    status: StatusCode,
    scim_type: Option<&'static str>,
    detail: String,
    retry_seconds: Option<u64>,
}

impl ScimError {
    fn new(status: StatusCode, scim_type: Option<&'static str>, detail: impl Into<String>) -> Self {
        Self { status, scim_type, detail: detail.into(), retry_seconds: None }
    }

    fn bad(scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some(scim_type), detail)
    }

    pub(super) fn syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    pub(super) fn filter(detail: impl Into<String>) -> Self {
        Self::bad("invalidFilter", detail)
    }

    pub(super) fn path(detail: impl Into<String>) -> Self {
        Self::bad("invalidPath", detail)
    }

    pub(super) fn no_target(detail: impl Into<String>) -> Self {
        Self::bad("noTarget", detail)
    }

    pub(super) fn mutability(detail: impl Into<String>) -> Self {
        Self::bad("mutability", detail)
    }

    pub(super) fn no_place() -> Self {
        Self::new(StatusCode::NOT_FOUND, None, "there is nothing at this address")
    }

    pub(super) fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, None, "this address takes no such request")
    }

    pub(super) fn no_filter_here() -> Self {
        Self::new(StatusCode::FORBIDDEN, None, "this list takes no filter")
    }

    pub(super) fn not_implemented(detail: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, None, detail)
    }

    pub(super) fn who_are_you() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, None, "the token is not accepted")
    }

    pub(super) fn changed() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, None, "the resource is another version than the one named")
    }

    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, None, "the request is larger than 12 MiB")
    }

    pub(super) fn wrong_media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, None, "the body must be application/scim+json")
    }
}

impl From<Refusal> for ScimError {
    fn from(refusal: Refusal) -> Self {
        let status = refusal.status();
        if let Refusal::Fault(fault) = refusal {
            return Self::from(fault);
        }
        Self::new(status, None, "the request cannot be answered")
    }
}

impl From<Fault> for ScimError {
    fn from(fault: Fault) -> Self {
        let detail = match fault.how_to_cure() {
            Some(cure) => format!("{}; {cure}", fault.message()),
            None => fault.message().to_owned(),
        };
        let mut error = match (fault.kind(), fault.reason()) {
            (Kind::Invalid, Reason::NoTarget) => Self::no_target(detail),
            (Kind::Invalid, Reason::TooLarge) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, None, detail),
            (Kind::Invalid, _) if fault.violations().iter().any(|one| one.field == "filter") => Self::filter(detail),
            (Kind::Invalid, _) => Self::value(detail),
            // Which of the reasons it is stays with us.
            (Kind::Unauthenticated, _) => Self::who_are_you(),
            (Kind::Forbidden, _) => Self::new(StatusCode::FORBIDDEN, None, detail),
            (Kind::NotFound, _) => Self::new(StatusCode::NOT_FOUND, None, detail),
            (Kind::AlreadyExists, _) => Self::new(StatusCode::CONFLICT, Some("uniqueness"), detail),
            (Kind::Conflict, Reason::ResourceChanged) => Self::changed(),
            (Kind::Conflict, _) => Self::new(StatusCode::CONFLICT, None, detail),
            (Kind::Exhausted, _) => Self::new(StatusCode::TOO_MANY_REQUESTS, None, detail),
            (Kind::Unavailable, _) => Self::new(StatusCode::SERVICE_UNAVAILABLE, None, detail),
            (Kind::Internal, _) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, None, detail),
        };
        error.retry_seconds = fault.retry().map(|wait| wait.as_secs().max(1));
        error
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_str(),
            "detail": self.detail,
        });
        if let (Some(scim_type), Some(body)) = (self.scim_type, body.as_object_mut()) {
            body.insert("scimType".to_owned(), scim_type.into());
        }
        let mut response = super::json(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"scim\""));
        }
        if let Some(seconds) = self.retry_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
