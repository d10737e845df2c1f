//! Reading forms and queries; whatever is wrong with one ends on a page of ours.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// The fields of a form that was sent.
#[derive(Debug)]
pub(crate) struct Fields<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Fields<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let form: Result<Form<T>, FormRejection> = Form::from_request(request, state).await;
        form.map(|Form(fields)| Self(fields)).map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Refusal::TooLarge } else { Refusal::BadForm }
        })
    }
}

/// The query of a page's address.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|_malformed| Refusal::BadForm)
    }
}

/// A query that only says which page of a list is wanted.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Paging {
    /// Token of the service; empty for the first page.
    #[serde(default)]
    pub(crate) page: String,
}
