//! What IdPs post: that sessions are over (OpenID Connect Back-Channel Logout 1.0).

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use freehold_proto::auth::v1::TakeLogoutTokenRequest;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::fields::Fields;
use crate::gateway::ask;
use crate::page::sign_in::Connection;
use crate::refusal::Refusal;
use crate::visitor::Guest;

/// The form of section 2.5.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Logout {
    #[serde(default)]
    logout_token: String,
}

/// Ends the sessions that an IdP names. A machine reads the answer: no page.
pub(crate) async fn take(
    guest: Guest,
    Path(path): Path<Connection>,
    form: Result<Fields<Logout>, Refusal>,
) -> Response {
    let taken = match form {
        Ok(Fields(form)) => {
            let request = TakeLogoutTokenRequest {
                company_address: guest.address,
                connection_name: path.connection,
                logout_token: form.logout_token,
            };
            ask(guest.gateway.clients.anonymous().auth.take_logout_token(request)).await.map(|_taken| ())
        }
        Err(refusal) => Err(refusal),
    };
    let no_store = (CACHE_CONTROL, "no-store");
    match taken {
        Ok(()) => (StatusCode::OK, [no_store]).into_response(),
        Err(refusal) => {
            // Nothing is told but whether to try again.
            let ours = refusal.status().is_server_error();
            let status = if ours { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_REQUEST };
            let error = if ours { "temporarily_unavailable" } else { "invalid_request" };
            let body = format!("{{\"error\":\"{error}\"}}");
            (status, [no_store, (CONTENT_TYPE, "application/json")], body).into_response()
        }
    }
}
