//! Caller tokens: who asks, signed by the installation, good for two minutes (RFC 9068 in shape, EdDSA).
//!
//! `jsonwebtoken` checks the signature and the algorithm; every other rule is ours, because its defaults accept tokens
//! without issuer, audience or a bounded life.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Caller, Fault, Kind, Mint, Party, Reason, Secret, Service, TenantId};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// How long a caller token is good for.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(120);
/// How far two machines' clocks may disagree.
pub(crate) const CLOCK_SKEW_SECONDS: i64 = 30;
/// Issuer and audience: the installation itself. The key is what tells installations apart.
const ISSUER: &str = "freehold";
/// Media type of a caller token, so that no other token of ours passes for one.
const TYPE: &str = "at+jwt";
/// DER of an Ed25519 private key up to its 32 bytes (RFC 8410 section 7).
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    /// The party: a person's id, `service:NAME`, `provisioner:DIRECTORY` or `operator`.
    sub: String,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<String>,
    /// The session of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Whether a person administers the tenant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    adm: bool,
}

/// A caller token and its end.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// Goes behind `Bearer` in the `authorization` metadata.
    pub token: Secret<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Signs caller tokens. Only processes that hold the master key have one.
#[derive(Clone)]
pub struct TokenSigner(Arc<Signing>);

struct Signing {
    key: EncodingKey,
    public: DecodingKey,
    mint: Mint,
}

impl TokenSigner {
    /// A signer with the installation's key.
    ///
    /// # Errors
    /// Internal when the key cannot be used, which no 32 bytes do.
    pub fn new(seed: &Secret<[u8; 32]>, mint: Mint) -> Result<Self, Fault> {
        let der = Secret::new([PKCS8_PREFIX.as_slice(), seed.expose()].concat());
        let key = EncodingKey::from_ed_der(der.expose());
        let public = Jwk::from_encoding_key(&key, Algorithm::EdDSA)
            .and_then(|jwk| DecodingKey::from_jwk(&jwk))
            .map_err(|error| Fault::internal("preparing the key of caller tokens", error))?;
        Ok(Self(Arc::new(Signing { key, public, mint })))
    }

    /// Signs a token for `caller`.
    ///
    /// # Errors
    /// Internal when signing fails.
    pub fn sign(&self, caller: &Caller) -> Result<IssuedToken, Fault> {
        self.sign_between(caller, self.0.mint.now(), DateTime::<Utc>::MAX_UTC)
    }

    /// Signs a token for `caller` who was known to be let in at `since` and is until `end`. The token's own end may come
    /// before.
    ///
    /// # Errors
    /// Internal when signing fails.
    pub fn sign_between(
        &self,
        caller: &Caller,
        since: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<IssuedToken, Fault> {
        let expires_at = end.min(since + TOKEN_LIFETIME);
        let (sub, sid, adm) = match caller.party {
            Party::Person { id, session, administrator } => (id.to_string(), Some(session.to_string()), administrator),
            Party::Service(service) => (format!("service:{}", service.name()), None, false),
            Party::Provisioner { directory } => (format!("provisioner:{directory}"), None, false),
            Party::Operator => ("operator".to_owned(), None, false),
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            iat: since.timestamp(),
            exp: expires_at.timestamp(),
            sub,
            tid: caller.tenant.map(|tenant| tenant.to_string()),
            sid,
            adm,
        };
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &self.0.key)
            .map_err(|error| Fault::internal("signing a caller token", error))?;
        Ok(IssuedToken { token: Secret::new(token), expires_at })
    }

    /// The other half: checks what this signer signs.
    #[must_use]
    pub fn verifier(&self) -> TokenVerifier {
        TokenVerifier(Arc::clone(&self.0))
    }
}

/// What a caller token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Who it speaks for.
    pub caller: Caller,
    /// When it was signed, in seconds since 1970 of the signer's clock.
    pub issued_at: i64,
}

/// Checks caller tokens.
#[derive(Clone)]
pub struct TokenVerifier(Arc<Signing>);

impl TokenVerifier {
    /// The caller a token speaks for, and since when.
    ///
    /// # Errors
    /// Unauthenticated when the token is forged, expired, of another kind, or says anything it should not.
    pub fn verify(&self, token: &str) -> Result<Verified, Fault> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let data = jsonwebtoken::decode::<Claims>(token, &self.0.public, &validation)
            .map_err(|error| refused().because(error))?;
        let claims = data.claims;
        let now = self.0.mint.now().timestamp();
        let life = claims.exp.saturating_sub(claims.iat);
        let longest = TimeDelta::from_std(TOKEN_LIFETIME).unwrap_or_default().num_seconds();
        let good = data.header.typ.as_deref() == Some(TYPE)
            && claims.iss == ISSUER
            && claims.aud == ISSUER
            && (0..=longest).contains(&life)
            && claims.iat <= now.saturating_add(CLOCK_SKEW_SECONDS)
            && claims.exp.saturating_add(CLOCK_SKEW_SECONDS) > now;
        let caller = if good { caller(&claims) } else { None };
        caller.map(|caller| Verified { caller, issued_at: claims.iat }).ok_or_else(refused)
    }
}

fn caller(claims: &Claims) -> Option<Caller> {
    let tenant: Option<TenantId> = match &claims.tid {
        Some(text) => Some(text.parse().ok()?),
        None => None,
    };
    if claims.sub == "operator" {
        return Some(Caller::operator(tenant));
    }
    if let Some(name) = claims.sub.strip_prefix("service:") {
        return Some(Caller { party: Party::Service(Service::find(name)?), tenant });
    }
    if let Some(directory) = claims.sub.strip_prefix("provisioner:") {
        return Some(Caller::provisioner(tenant?, directory.parse().ok()?));
    }
    let session = claims.sid.as_ref()?.parse().ok()?;
    Some(Caller::person_of(tenant?, claims.sub.parse().ok()?, session, claims.adm))
}

fn refused() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::TokenRefused, "the caller token is not accepted")
        .cure("get a new one; it is good for two minutes")
}

#[cfg(test)]
mod tests;
