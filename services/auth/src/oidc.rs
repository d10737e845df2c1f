//! The steps of the authorization code flow that speak to an IdP: where to send the browser, what the code is worth, and
//! later whether the IdP still gives tokens. PKCE always (RFC 7636).

use std::time::Duration;

use freehold_types::Secret;
use openidconnect::AsyncHttpClient as _;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreJsonWebKeySet};
use openidconnect::http::Request;
use openidconnect::http::header::{ACCEPT, AUTHORIZATION};
use openidconnect::{
    AccessToken, AuthType, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardErrorResponse, TokenResponse as _,
};

use crate::claims::{Claims, Malformed};
use crate::connection::Connection;
use crate::http::CallError;
use crate::id_token::Subject;
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
    /// To ask the IdP again later whether it still lets the person in.
    pub(crate) refresh_token: Option<Secret<String>>,
}

/// What an IdP gives for a refresh token. Some bring a new ID token, some a new refresh token.
pub(crate) struct Refreshed {
    pub(crate) id_token: Option<Secret<String>>,
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: Option<Secret<String>>,
}

/// Without it some IdPs give no refresh token (OpenID Connect Core section 11).
const OFFLINE: &str = "offline_access";
/// The longest refresh token we keep.
const REFRESH_TOKEN_BYTES_MAX: usize = 16 * 1024;

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
    let mut scopes = vec![Scope::new("profile".to_owned())];
    if idp.wants_offline_access() {
        scopes.push(Scope::new(OFFLINE.to_owned()));
    }
    let more = connection.settings.scopes.iter().cloned().map(Scope::new);
    for scope in more {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    let mut request = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state.expose().clone()),
            move || Nonce::new(nonce.expose().clone()),
        )
        .add_scopes(scopes)
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    let demands = &connection.settings.demands;
    for acr in &demands.acr {
        request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
    }
    if let Some(minutes) = demands.max_age_minutes {
        request = request.set_max_age(Duration::from_secs(u64::from(minutes.unsigned_abs()) * 60));
    }
    let (url, _state, _nonce) = request.url();
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
        .map_err(refused)?;
    let id_token = answer.id_token().ok_or(Refusal::NoIdToken)?;
    Ok(Tokens {
        id_token: Secret::new(id_token.to_string()),
        access_token: answer.access_token().clone(),
        refresh_token: answer.refresh_token().and_then(kept),
    })
}

/// Asks for new tokens. The answer matters more than the tokens: who may not sign in any more gets none.
pub(crate) async fn refresh(
    idp: &Idp,
    connection: &Connection,
    redirect_uri: &str,
    refresh_token: &Secret<String>,
) -> Result<Refreshed, Refusal> {
    let client = client(idp, connection, redirect_uri).map_err(Refusal::Idp)?;
    let refresh_token = RefreshToken::new(refresh_token.expose().clone());
    let answer = client.exchange_refresh_token(&refresh_token).request_async(&idp.caller).await.map_err(refused)?;
    Ok(Refreshed {
        id_token: answer.id_token().map(|token| Secret::new(token.to_string())),
        access_token: answer.access_token().clone(),
        refresh_token: answer.refresh_token().and_then(kept),
    })
}

/// What the IdP tells of the person besides the ID token, if it can be asked. Only what it says of this very subject is
/// taken (OpenID Connect Core section 5.3.2).
pub(crate) async fn user_info(
    idp: &Idp,
    access_token: &AccessToken,
    subject: &Subject,
) -> Result<Option<Claims>, Refusal> {
    let Some(endpoint) = idp.metadata.userinfo_endpoint() else { return Ok(None) };
    let request = Request::get(endpoint.as_str())
        .header(ACCEPT, "application/json")
        .header(AUTHORIZATION, format!("Bearer {}", access_token.secret()))
        .body(Vec::new())
        .map_err(|error| Refusal::Idp(IdpError::Call(CallError::Request(error))))?;
    let answer = idp.caller.call(request).await.map_err(|error| Refusal::Idp(IdpError::Call(error)))?;
    if !answer.status().is_success() {
        return Err(Refusal::Idp(IdpError::Answer(answer.status().as_u16())));
    }
    let claims = Claims::read_json(answer.body()).map_err(|Malformed| Refusal::AnswerUnreadable)?;
    if claims.text("sub").as_ref() == Some(&subject.subject) { Ok(Some(claims)) } else { Err(Refusal::OtherUserInfo) }
}

type TokenError = RequestTokenError<CallError, StandardErrorResponse<CoreErrorResponseType>>;

fn refused(error: TokenError) -> Refusal {
    match error {
        RequestTokenError::ServerResponse(answer) => Refusal::CodeRefused(error_name(answer.error())),
        RequestTokenError::Request(error) => Refusal::Idp(IdpError::Call(error)),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Refusal::AnswerUnreadable,
    }
}

fn kept(token: &RefreshToken) -> Option<Secret<String>> {
    let text = token.secret();
    (text.len() <= REFRESH_TOKEN_BYTES_MAX).then(|| Secret::new(text.clone()))
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
