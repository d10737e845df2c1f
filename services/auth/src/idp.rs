//! What an IdP says about itself, kept for a while: its endpoints and its keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{ConnectionId, Mint};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::url::Url;
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};

use crate::address::{self, Reach};
use crate::connection::Connection;
use crate::http::{CallError, IdpCaller};

/// How long metadata and keys are believed.
const KEPT_MINUTES: i64 = 10;
/// How long an IdP that failed is left alone, so that a queue of people does not wait for it one by one.
const FAILED_PAUSE_SECONDS: i64 = 5;
/// How often keys are read again because a token names an unknown one.
pub(crate) const UNKNOWN_KEY_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How often keys are read again because a signature is wrong: some IdPs change a key and keep its id.
pub(crate) const WRONG_SIGNATURE_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// The shortest RSA key we believe.
const RSA_BYTES_MIN: usize = 256;
/// Keys of one IdP we keep; real ones have a handful.
const KEYS_MAX: usize = 64;
/// Connections whose IdP we remember; beyond that we start over.
const IDPS_MAX: usize = 10_000;

/// What we read of the metadata besides the standard fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Announced {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    backchannel_logout_supported: bool,
}

impl AdditionalProviderMetadata for Announced {}

type Metadata = ProviderMetadata<
    Announced,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Why an IdP cannot be used. Never holds anything that was sent or received.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdpError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("the IdP's metadata or keys cannot be read")]
    Unreadable,
    #[error("the IdP answered {0}")]
    Answer(u16),
    #[error("the issuer in the IdP's metadata is not the configured one, letter by letter")]
    OtherIssuer,
    #[error("the IdP has no token endpoint, or an endpoint at an address we do not call")]
    Endpoints,
    #[error("the IdP publishes no key that we believe")]
    NoKeys,
    #[error("the IdP does not support PKCE with S256")]
    NoPkce,
    #[error("the IdP failed a moment ago")]
    Failing,
}

/// An IdP as it last described itself.
#[derive(Debug, Clone)]
pub(crate) struct Idp {
    pub(crate) metadata: Metadata,
    pub(crate) keys: Vec<CoreJsonWebKey>,
    pub(crate) caller: IdpCaller,
    issuer: String,
    ca_pem: String,
    fetched_at: DateTime<Utc>,
}

impl Idp {
    /// Whether the IdP says that it names itself in every callback (RFC 9207).
    pub(crate) fn announces_issuer(&self) -> bool {
        self.metadata.additional_metadata().authorization_response_iss_parameter_supported
    }

    /// Where people sign out of the IdP (OpenID Connect RP-Initiated Logout 1.0), when it can be done.
    pub(crate) fn sign_out_endpoint(&self) -> Option<&Url> {
        self.metadata.additional_metadata().end_session_endpoint.as_ref()
    }

    /// Whether to ask for a refresh token by scope. An IdP that says by itself when sessions are over is not asked: there
    /// the scope means tokens that outlive its own sessions.
    pub(crate) fn wants_offline_access(&self) -> bool {
        let announced = self.metadata.scopes_supported();
        let offered = announced.is_some_and(|scopes| scopes.iter().any(|scope| scope.as_str() == "offline_access"));
        offered && !self.metadata.additional_metadata().backchannel_logout_supported
    }

    /// Whether the client secret goes into the body, because the IdP takes it nowhere else.
    pub(crate) fn wants_secret_in_body(&self) -> bool {
        self.metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        })
    }
}

/// All IdPs somebody signed in with lately.
pub(crate) struct Idps {
    mint: Mint,
    reach: Reach,
    slots: Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<Slot>>>>,
}

#[derive(Default)]
struct Slot {
    idp: Option<Arc<Idp>>,
    failed_at: Option<DateTime<Utc>>,
    keys_again_at: Option<DateTime<Utc>>,
}

impl Idps {
    pub(crate) fn new(mint: Mint, reach: Reach) -> Self {
        Self { mint, reach, slots: Mutex::default() }
    }

    /// The IdP behind a connection, asked again when what we know is old or the connection changed.
    pub(crate) async fn get(&self, connection: &Connection) -> Result<Arc<Idp>, IdpError> {
        let slot = self.slot(connection.id);
        let mut slot = slot.lock().await;
        let now = self.mint.now();
        let settings = &connection.settings;
        if let Some(idp) = &slot.idp {
            if idp.issuer != settings.issuer || idp.ca_pem != settings.ca_pem {
                *slot = Slot::default();
            } else if now - idp.fetched_at < TimeDelta::minutes(KEPT_MINUTES) {
                return Ok(Arc::clone(idp));
            }
        }
        if slot.failed_at.is_some_and(|failed_at| now - failed_at < TimeDelta::seconds(FAILED_PAUSE_SECONDS)) {
            return Err(IdpError::Failing);
        }
        match discover(&settings.issuer, &settings.ca_pem, &self.reach, now).await {
            Ok(idp) => {
                let idp = Arc::new(idp);
                *slot = Slot { idp: Some(Arc::clone(&idp)), failed_at: None, keys_again_at: slot.keys_again_at };
                Ok(idp)
            }
            Err(error) => {
                slot.failed_at = Some(now);
                Err(error)
            }
        }
    }

    /// The IdP with its keys read again, because a token's key is unknown; as it is known when they were read again
    /// less than `pause` ago, perhaps by somebody else a moment ago.
    pub(crate) async fn get_with_new_keys(
        &self,
        connection: &Connection,
        pause: TimeDelta,
    ) -> Result<Arc<Idp>, IdpError> {
        let known = self.get(connection).await?;
        let slot = self.slot(connection.id);
        let mut slot = slot.lock().await;
        let now = self.mint.now();
        if slot.keys_again_at.is_some_and(|read_at| now - read_at < pause) {
            return Ok(slot.idp.clone().unwrap_or(known));
        }
        slot.keys_again_at = Some(now);
        let keys =
            CoreJsonWebKeySet::fetch_async(known.metadata.jwks_uri(), &known.caller).await.map_err(read_error)?;
        let idp = Arc::new(Idp { keys: believable(&keys), ..Idp::clone(&known) });
        slot.idp = Some(Arc::clone(&idp));
        Ok(idp)
    }

    fn slot(&self, connection: ConnectionId) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= IDPS_MAX && !slots.contains_key(&connection) {
            slots.clear();
        }
        Arc::clone(slots.entry(connection).or_default())
    }
}

async fn discover(issuer: &str, ca_pem: &str, reach: &Reach, now: DateTime<Utc>) -> Result<Idp, IdpError> {
    let url = reach.issuer(issuer).map_err(|_mistake| IdpError::Endpoints)?;
    let caller = IdpCaller::new(&url, ca_pem, reach)?;
    let spelled = IssuerUrl::new(issuer.to_owned()).map_err(|_malformed| IdpError::Endpoints)?;
    let metadata = Metadata::discover_async(spelled, &caller).await.map_err(read_error)?;
    let on_loopback = address::loopback(&url);
    let token_endpoint = metadata.token_endpoint().ok_or(IdpError::Endpoints)?;
    let endpoints = [metadata.authorization_endpoint().url(), token_endpoint.url(), metadata.jwks_uri().url()];
    let sign_out = metadata.additional_metadata().end_session_endpoint.as_ref();
    let user_info = metadata.userinfo_endpoint().map(|endpoint| endpoint.url());
    if !endpoints.into_iter().chain(sign_out).chain(user_info).all(|endpoint| reach.callable(endpoint, on_loopback)) {
        return Err(IdpError::Endpoints);
    }
    // Entra says nothing about PKCE and supports it; who says something must say S256.
    let methods = &metadata.additional_metadata().code_challenge_methods_supported;
    if methods.as_ref().is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        return Err(IdpError::NoPkce);
    }
    let keys = believable(metadata.jwks());
    if keys.is_empty() {
        return Err(IdpError::NoKeys);
    }
    Ok(Idp { metadata, keys, caller, issuer: issuer.to_owned(), ca_pem: ca_pem.to_owned(), fetched_at: now })
}

/// The keys without RSA keys that are too short to mean anything.
fn believable(keys: &CoreJsonWebKeySet) -> Vec<CoreJsonWebKey> {
    keys.keys().iter().filter(|key| long_enough(key)).take(KEYS_MAX).cloned().collect()
}

fn long_enough(key: &CoreJsonWebKey) -> bool {
    // The crate keeps the modulus to itself, but writes it when asked for the key's JSON form.
    let Ok(json) = serde_json::to_value(key) else { return false };
    let Some(modulus) = json.get("n") else { return true };
    let modulus = modulus.as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).unwrap_or_default();
    modulus.iter().skip_while(|byte| **byte == 0).count() >= RSA_BYTES_MIN
}

fn read_error(error: DiscoveryError<CallError>) -> IdpError {
    match error {
        DiscoveryError::Request(error) => IdpError::Call(error),
        DiscoveryError::Response(status, _body, _words) if !status.is_success() => IdpError::Answer(status.as_u16()),
        DiscoveryError::Validation(_words) => IdpError::OtherIssuer,
        DiscoveryError::UrlParse(_) => IdpError::Endpoints,
        DiscoveryError::Response(..) | DiscoveryError::Parse(_) | DiscoveryError::Other(_) => IdpError::Unreadable,
        _ => IdpError::Unreadable,
    }
}

#[cfg(test)]
mod tests;
