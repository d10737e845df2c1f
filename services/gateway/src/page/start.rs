//! The installation's first page: which company?

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::GetSignInOptionsRequest;
use freehold_types::Kind;
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, StatusCode};

use crate::fields::Asked;
use crate::gateway::{Gateway, ask};
use crate::refusal::Refusal;
use crate::site::company_address;
use crate::text::Language;
use crate::view::entry;

#[derive(Debug, serde::Deserialize)]
pub(crate) struct Query {
    #[serde(default)]
    company: String,
}

/// Asks for the company, and leads there when it exists.
pub(crate) async fn show(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    Asked(query): Asked<Query>,
) -> Result<Response, Refusal> {
    let accept = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = Language::choose(accept, None);
    let typed = query.company.trim().to_lowercase();
    if typed.is_empty() {
        return Ok(entry::which_company(language, "", false).into_response());
    }
    if let Some(address) = company_address(&typed) {
        let mut anonymous = gateway.clients.anonymous();
        let request = GetSignInOptionsRequest { company_address: address.to_owned() };
        match ask(anonymous.auth.get_sign_in_options(request)).await {
            Ok(_) => return Ok(Redirect::to(&format!("/{address}")).into_response()),
            Err(Refusal::Fault(fault)) if matches!(fault.kind(), Kind::NotFound | Kind::Invalid) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok((StatusCode::NOT_FOUND, entry::which_company(language, &typed, true)).into_response())
}
