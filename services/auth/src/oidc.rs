//! The two steps of the authorization code flow that speak to an IdP: where to send the browser, and what the code is
//! worth. PKCE always (RFC 7636).

use freehold_types::Secret;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreJsonWebKeySet};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    TokenResponse as _,
};

use crate::connection::Connection;
use crate::idp::{Idp, IdpError};
use crate::refusal::{Refusal, known_error};
use crate::sign_in::Secrets;

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

/// What an IdP gives for a code.
pub(crate) struct Tokens {
    /// As it came, not verified yet.
    pub(crate) id_token: Secret<String>,
    /// Only its hash is compared; it is never used.
    pub(crate) access_token: AccessToken,
}

/// Where to send the browser.
pub(crate) fn authorization_url(
    idp: &Idp,
    connection: &Connection,
    redirect_uri: &str,
    secrets: &Secrets,
) -> Result<String, IdpError> {
    let client = client(idp, connection, redirect_uri)?;
    let verifier = PkceCodeVerifier::new(secrets.code_verifier.expose().clone());
    let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
    let (url, _state, _nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state.expose().clone()),
            move || Nonce::new(nonce.expose().clone()),
        )
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .url();
    Ok(url.into())
}

/// Redeems a code. The errors of the crate carry the raw answer in their debug form, so none of them leaves here.
pub(crate) async fn exchange(
    idp: &Idp,
    connection: &Connection,
    redirect_uri: &str,
    code: &str,
    code_verifier: &Secret<String>,
) -> Result<Tokens, Refusal> {
    let client = client(idp, connection, redirect_uri).map_err(Refusal::Idp)?;
    let answer = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(code_verifier.expose().clone()))
        .request_async(&idp.caller)
        .await
        .map_err(|error| match error {
            RequestTokenError::ServerResponse(answer) => Refusal::CodeRefused(error_name(answer.error())),
            RequestTokenError::Request(error) => Refusal::Idp(IdpError::Call(error)),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Refusal::AnswerUnreadable,
        })?;
    let id_token = answer.id_token().ok_or(Refusal::NoIdToken)?;
    Ok(Tokens { id_token: Secret::new(id_token.to_string()), access_token: answer.access_token().clone() })
}

fn error_name(error: &CoreErrorResponseType) -> &'static str {
    known_error(error.as_ref())
}

fn client(idp: &Idp, connection: &Connection, redirect_uri: &str) -> Result<Client, IdpError> {
    let settings = &connection.settings;
    let redirect_uri = RedirectUrl::new(redirect_uri.to_owned()).map_err(|_malformed| IdpError::Endpoints)?;
    let token_endpoint = idp.metadata.token_endpoint().ok_or(IdpError::Endpoints)?;
    let auth_type = if idp.wants_secret_in_body() { AuthType::RequestBody } else { AuthType::BasicAuth };
    let no_keys = CoreJsonWebKeySet::new(Vec::new());
    Ok(CoreClient::new(ClientId::new(settings.client_id.clone()), idp.metadata.issuer().clone(), no_keys)
        .set_client_secret(ClientSecret::new(settings.client_secret.expose().clone()))
        .set_auth_type(auth_type)
        .set_redirect_uri(redirect_uri)
        .set_auth_uri(idp.metadata.authorization_endpoint().clone())
        .set_token_uri(token_endpoint.clone()))
}

#[cfg(test)]
mod tests;
