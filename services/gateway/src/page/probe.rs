//! For machines: liveness, readiness, counters, the tab's drawing. And for everybody who took a wrong turn.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use freehold_proto::auth::v1::GetSignInOptionsRequest;
use freehold_types::Kind;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode, Uri};

use crate::asset;
use crate::gateway::{Gateway, ask};
use crate::refusal::Refusal;

/// An address that no company can have: it begins with a hyphen.
const NOBODYS_ADDRESS: &str = "-";

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// The way in works: the service behind it and its storage answer.
pub(crate) async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    let mut anonymous = gateway.clients.anonymous();
    let request = GetSignInOptionsRequest { company_address: NOBODYS_ADDRESS.to_owned() };
    match ask(anonymous.auth.get_sign_in_options(request)).await {
        Err(Refusal::Fault(fault)) if matches!(fault.kind(), Kind::Unavailable | Kind::Internal) => {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: sign-in does not answer\n").into_response()
        }
        Ok(_) | Err(_) => "ready\n".into_response(),
    }
}

/// The counters, for Prometheus.
pub(crate) async fn metrics(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], gateway.counters.text())
}

/// The drawing in the browser's tab.
pub(crate) async fn tab_icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400")], asset::tab_icon())
}

/// The script that reads an access code from a letter's address.
pub(crate) async fn claim_script() -> impl IntoResponse {
    script(asset::CLAIM_SCRIPT)
}

/// The script that asks a browser for a passkey.
pub(crate) async fn passkey_script() -> impl IntoResponse {
    script(asset::PASSKEY_SCRIPT)
}

fn script(text: &'static str) -> impl IntoResponse {
    let kind = "text/javascript; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=3600")], text)
}

/// No such page; an address with a slash too many leads to the one without.
pub(crate) async fn nowhere(method: Method, uri: Uri) -> Response {
    let trimmed = uri.path().trim_end_matches('/');
    let own = trimmed.starts_with('/') && !trimmed.starts_with("//");
    if method == Method::GET && own && trimmed != uri.path() {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Redirect::permanent(&format!("{trimmed}{query}")).into_response();
    }
    Refusal::NoPage.into_response()
}
