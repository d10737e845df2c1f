//! The public keys of caller tokens, as a JSON Web Key Set (RFC 7517).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use freehold_proto::auth::v1::GetSigningKeysRequest;
use freehold_types::Fault;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::gateway::{Gateway, ask};
use crate::refusal::Refusal;

/// A key is published for a month before it signs, so nobody needs to ask often.
const KEPT: &str = "public, max-age=3600";

/// Shows the keys.
pub(crate) async fn show(State(gateway): State<Arc<Gateway>>) -> Result<Response, Refusal> {
    let keys = ask(gateway.clients.anonymous().callers.get_signing_keys(GetSigningKeysRequest {})).await?;
    let text = serde_json::to_string(&keys).map_err(|error| Fault::internal("writing the keys", error))?;
    Ok(([(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, KEPT)], text).into_response())
}
