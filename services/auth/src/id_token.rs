//! Whether an ID token is to be believed (OpenID Connect Core section 3.1.3.7), and what it says.
//!
//! Pure: everything it needs is handed in. `openidconnect` checks signature, header, issuer, audience, expiry and
//! nonce; [`check_claims`] checks what the crate leaves to us.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::Secret;
use openidconnect::core::{CoreGenderClaim, CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKey, CoreJsonWebKeySet};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, EmptyAdditionalClaims, IdTokenClaims, IssuerUrl,
    Nonce, NonceVerifier as _, SignatureVerificationError,
};
use serde_json::Value;

use crate::claims::{ALGORITHMS, CLOCK_SKEW_SECONDS, Claims, Malformed, plain};
use crate::connection::{Demands, Pin};

/// How old a token may be when it arrives: it was made for this very exchange.
const TOKEN_AGE_SECONDS_MAX: i64 = 600;
/// The longest token we look at.
const TOKEN_BYTES_MAX: usize = 64 * 1024;
type Verified = IdTokenClaims<EmptyAdditionalClaims, CoreGenderClaim>;

/// Which check an ID token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenRefusal {
    #[error("it is malformed, or says something twice")]
    Malformed,
    #[error("its header is not an ID token's")]
    Header,
    #[error("its algorithm is not one we believe")]
    Algorithm,
    #[error("its key is unknown")]
    UnknownKey,
    #[error("several keys could have signed it")]
    AmbiguousKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("its issuer is another")]
    Issuer,
    #[error("its audience is not this client alone")]
    Audience,
    #[error("it was made for another client")]
    AuthorizedParty,
    #[error("it has expired")]
    Expired,
    #[error("it was not issued just now")]
    IssuedAt,
    #[error("it is not good yet")]
    NotBefore,
    #[error("its nonce is missing or another")]
    Nonce,
    #[error("its subject is empty, too long or has control characters")]
    Subject,
    #[error("it belongs to another access token")]
    AccessTokenHash,
    #[error("its pinned claim is missing or another: it is of another company")]
    Pin,
    #[error("the sign-in at the IdP was weaker or longer ago than the connection demands")]
    StepUp,
    #[error("the crate gives a reason we do not know")]
    Other,
}

impl TokenRefusal {
    /// The reason in a word, as the audit log has it. Never change one: logs are kept.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "id_token_malformed",
            Self::Header => "id_token_header",
            Self::Algorithm => "id_token_algorithm",
            Self::UnknownKey => "id_token_unknown_key",
            Self::AmbiguousKey => "id_token_ambiguous_key",
            Self::Signature => "id_token_signature",
            Self::Issuer => "id_token_issuer",
            Self::Audience => "id_token_audience",
            Self::AuthorizedParty => "id_token_authorized_party",
            Self::Expired => "id_token_expired",
            Self::IssuedAt => "id_token_issued_at",
            Self::NotBefore => "id_token_not_before",
            Self::Nonce => "id_token_nonce",
            Self::Subject => "id_token_subject",
            Self::AccessTokenHash => "id_token_access_token_hash",
            Self::Pin => "id_token_pin",
            Self::StepUp => "id_token_step_up",
            Self::Other => "id_token_other",
        }
    }
}

impl From<Malformed> for TokenRefusal {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

/// What a token must agree with.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a IssuerUrl,
    pub(crate) client_id: &'a str,
    /// None for a token that a refresh brought: it has the old one or none.
    pub(crate) nonce: Option<&'a Secret<String>>,
    pub(crate) now: DateTime<Utc>,
    /// What tells this company's people from others of the same issuer.
    pub(crate) pin: Option<&'a Pin>,
    /// None for a token that a refresh brought: nobody signed in for it.
    pub(crate) demands: Option<&'a Demands>,
}

/// Who signed in, as the IdP knows them. Neither part means anything without the other.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(***)")
    }
}

/// What a believed token says.
#[derive(Debug)]
pub(crate) struct IdToken {
    pub(crate) subject: Subject,
    /// As it came; a hint to the IdP when the person signs out there.
    pub(crate) raw: Secret<String>,
    claims: Claims,
}

impl IdToken {
    /// The value of a claim, when it is a plain text of 1 to 255 bytes or a whole number.
    pub(crate) fn text(&self, claim: &str) -> Option<String> {
        self.claims.text(claim)
    }
}

/// Does every check of an ID token.
pub(crate) fn verify(
    raw: &str,
    access_token: &AccessToken,
    keys: &[CoreJsonWebKey],
    expected: &Expected<'_>,
) -> Result<IdToken, TokenRefusal> {
    if raw.len() > TOKEN_BYTES_MAX {
        return Err(TokenRefusal::Malformed);
    }
    let token: CoreIdToken = raw.parse().map_err(|_words| TokenRefusal::Malformed)?;
    let oldest = expected.now - TimeDelta::seconds(CLOCK_SKEW_SECONDS);
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new(expected.client_id.to_owned()),
        expected.issuer.clone(),
        CoreJsonWebKeySet::new(keys.to_vec()),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || oldest);
    let same = |sent: Option<&Nonce>| check_nonce(sent, expected.nonce);
    let verified = token.claims(&verifier, same).map_err(|error| reason(&error))?;
    let claims = Claims::read(raw.split('.').nth(1).unwrap_or_default())?;
    check_claims(verified, &claims, expected)?;
    check_access_token_hash(&token, verified, access_token, &verifier)?;
    let subject = Subject { issuer: verified.issuer().to_string(), subject: verified.subject().to_string() };
    Ok(IdToken { subject, raw: Secret::new(raw.to_owned()), claims })
}

/// In constant time, by the crate.
fn check_nonce(sent: Option<&Nonce>, expected: Option<&Secret<String>>) -> Result<(), String> {
    let Some(expected) = expected else { return Ok(()) };
    (&Nonce::new(expected.expose().clone())).verify(sent)
}

/// The checks on claims that `openidconnect` leaves to its user.
fn check_claims(verified: &Verified, claims: &Claims, expected: &Expected<'_>) -> Result<(), TokenRefusal> {
    if verified.authorized_party().is_some_and(|party| party.as_str() != expected.client_id) {
        return Err(TokenRefusal::AuthorizedParty);
    }
    let age = expected.now - verified.issue_time();
    if age < TimeDelta::seconds(-CLOCK_SKEW_SECONDS) || age > TimeDelta::seconds(TOKEN_AGE_SECONDS_MAX) {
        return Err(TokenRefusal::IssuedAt);
    }
    if let Some(not_before) = claims.get("nbf") {
        let not_before = not_before.as_i64().ok_or(TokenRefusal::NotBefore)?;
        if not_before > expected.now.timestamp().saturating_add(CLOCK_SKEW_SECONDS) {
            return Err(TokenRefusal::NotBefore);
        }
    }
    if !plain(verified.subject().as_str()) {
        return Err(TokenRefusal::Subject);
    }
    if expected.pin.is_some_and(|pin| claims.text(&pin.claim).as_ref() != Some(&pin.value)) {
        return Err(TokenRefusal::Pin);
    }
    if expected.demands.is_none_or(|demands| met(demands, claims, expected.now)) {
        Ok(())
    } else {
        Err(TokenRefusal::StepUp)
    }
}

/// Whether a sign-in was what the connection demands. What the token does not say does not count.
fn met(demands: &Demands, claims: &Claims, now: DateTime<Utc>) -> bool {
    let acr = claims.text("acr");
    let strong = demands.acr.is_empty() || acr.is_some_and(|acr| demands.acr.contains(&acr));
    let methods: Vec<&str> = claims
        .get("amr")
        .and_then(Value::as_array)
        .map(|methods| methods.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let complete = demands.amr.iter().all(|wanted| methods.contains(&wanted.as_str()));
    let fresh = demands.max_age_minutes.is_none_or(|minutes| {
        // Zero is what some IdPs send when they do not know.
        let signed_in = claims.get("auth_time").and_then(Value::as_i64).filter(|time| *time > 0);
        let skew = CLOCK_SKEW_SECONDS;
        signed_in.and_then(|time| DateTime::from_timestamp(time, 0)).is_some_and(|time| {
            let age = now - time;
            age >= TimeDelta::seconds(-skew) && age <= TimeDelta::minutes(i64::from(minutes)) + TimeDelta::seconds(skew)
        })
    });
    strong && complete && fresh
}

fn check_access_token_hash(
    token: &CoreIdToken,
    verified: &Verified,
    access_token: &AccessToken,
    verifier: &CoreIdTokenVerifier<'_>,
) -> Result<(), TokenRefusal> {
    let Some(sent) = verified.access_token_hash() else { return Ok(()) };
    let algorithm = token.signing_alg().map_err(|error| signature_reason(&error))?;
    let key = token.signing_key(verifier).map_err(|error| signature_reason(&error))?;
    let made =
        AccessTokenHash::from_token(access_token, algorithm, key).map_err(|_words| TokenRefusal::AccessTokenHash)?;
    if *sent == made { Ok(()) } else { Err(TokenRefusal::AccessTokenHash) }
}

fn reason(error: &ClaimsVerificationError) -> TokenRefusal {
    match error {
        ClaimsVerificationError::Expired(_) => TokenRefusal::Expired,
        ClaimsVerificationError::InvalidAudience(_) => TokenRefusal::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => TokenRefusal::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => TokenRefusal::Nonce,
        ClaimsVerificationError::InvalidSubject(_) => TokenRefusal::Subject,
        ClaimsVerificationError::Unsupported(_) => TokenRefusal::Header,
        ClaimsVerificationError::SignatureVerification(error) => signature_reason(error),
        ClaimsVerificationError::InvalidAuthContext(_)
        | ClaimsVerificationError::InvalidAuthTime(_)
        | ClaimsVerificationError::Other(_) => TokenRefusal::Other,
        _ => TokenRefusal::Other,
    }
}

fn signature_reason(error: &SignatureVerificationError) -> TokenRefusal {
    match error {
        SignatureVerificationError::AmbiguousKeyId(_) => TokenRefusal::AmbiguousKey,
        SignatureVerificationError::CryptoError(_) | SignatureVerificationError::InvalidKey(_) => {
            TokenRefusal::Signature
        }
        SignatureVerificationError::DisallowedAlg(_)
        | SignatureVerificationError::UnsupportedAlg(_)
        | SignatureVerificationError::NoSignature => TokenRefusal::Algorithm,
        SignatureVerificationError::NoMatchingKey => TokenRefusal::UnknownKey,
        SignatureVerificationError::Other(_) => TokenRefusal::Other,
        _ => TokenRefusal::Other,
    }
}

#[cfg(test)]
mod tests;
