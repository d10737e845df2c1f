//! Whether a logout token is to be believed (OpenID Connect Back-Channel Logout 1.0 section 2.6), and whom it is about.
//!
//! Pure. `openidconnect` knows no logout tokens, so everything but the signature itself is checked here, in [`verify`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm, JwsSigningAlgorithm as _};
use serde_json::Value;

use crate::claims::{ALGORITHMS, CLOCK_SKEW_SECONDS, Claims, Malformed};
use crate::id_token::Subject;

/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a token may be when it arrives: it is sent the moment it is made.
const AGE_SECONDS_MAX: i64 = 120;
/// How long a token may be good. Longer ones are not made for this.
const LIFE_SECONDS_MAX: i64 = 600;
/// The longest token we look at.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Which check a logout token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogoutRefusal {
    #[error("it is malformed, or says something twice")]
    Malformed,
    #[error("its header is not a logout token's")]
    Header,
    #[error("its algorithm is not one we believe")]
    Algorithm,
    #[error("its key is unknown")]
    UnknownKey,
    #[error("several keys could have signed it")]
    AmbiguousKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("its issuer is missing or another")]
    Issuer,
    #[error("its audience is not this client alone")]
    Audience,
    #[error("it has no end, has expired, or is good for too long")]
    Expiry,
    #[error("it was not issued just now")]
    IssuedAt,
    #[error("it is not good yet")]
    NotBefore,
    #[error("it has no id")]
    NoId,
    #[error("it does not name the event of a logout")]
    Event,
    #[error("it has a nonce, as ID tokens have and logout tokens must not")]
    Nonce,
    #[error("it names neither a subject nor a session, or not in plain text")]
    Nobody,
}

impl LogoutRefusal {
    /// The reason in a word, as the audit log has it. Never change one: logs are kept.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "logout_token_malformed",
            Self::Header => "logout_token_header",
            Self::Algorithm => "logout_token_algorithm",
            Self::UnknownKey => "logout_token_unknown_key",
            Self::AmbiguousKey => "logout_token_ambiguous_key",
            Self::Signature => "logout_token_signature",
            Self::Issuer => "logout_token_issuer",
            Self::Audience => "logout_token_audience",
            Self::Expiry => "logout_token_expiry",
            Self::IssuedAt => "logout_token_issued_at",
            Self::NotBefore => "logout_token_not_before",
            Self::NoId => "logout_token_no_id",
            Self::Event => "logout_token_event",
            Self::Nonce => "logout_token_nonce",
            Self::Nobody => "logout_token_nobody",
        }
    }
}

impl From<Malformed> for LogoutRefusal {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

/// What a token must agree with.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) now: DateTime<Utc>,
}

/// What a believed token says. At least one of subject and session is there.
#[derive(Debug)]
pub(crate) struct LogoutToken {
    pub(crate) id: String,
    /// From then on it is too old to be believed once more.
    pub(crate) stale_at: DateTime<Utc>,
    pub(crate) subject: Option<Subject>,
    pub(crate) sid: Option<String>,
}

/// Does every check of a logout token but the one whether it was here before.
pub(crate) fn verify(
    raw: &str,
    keys: &[CoreJsonWebKey],
    expected: &Expected<'_>,
) -> Result<LogoutToken, LogoutRefusal> {
    if raw.len() > TOKEN_BYTES_MAX {
        return Err(LogoutRefusal::Malformed);
    }
    let (signed, signature) = raw.rsplit_once('.').ok_or(LogoutRefusal::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(LogoutRefusal::Malformed)?;
    check_signature(&Claims::read(header)?, keys, signed, signature)?;
    let claims = Claims::read(payload)?;
    check_parties(&claims, expected)?;
    let issued_at = check_times(&claims, expected.now)?;
    check_event(&claims)?;
    let id = claims.text("jti").ok_or(LogoutRefusal::NoId)?;
    let (subject, sid) = (named(&claims, "sub")?, named(&claims, "sid")?);
    if subject.is_none() && sid.is_none() {
        return Err(LogoutRefusal::Nobody);
    }
    let subject = subject.map(|subject| Subject { issuer: expected.issuer.to_owned(), subject });
    let stale_at = issued_at + TimeDelta::seconds(AGE_SECONDS_MAX + 2 * CLOCK_SKEW_SECONDS);
    Ok(LogoutToken { id, stale_at, subject, sid })
}

fn check_signature(
    header: &Claims,
    keys: &[CoreJsonWebKey],
    signed: &str,
    signature: &str,
) -> Result<(), LogoutRefusal> {
    // Older IdPs say `JWT` or nothing; an ID token that says so too fails for its nonce and its missing event.
    let fitting = header.get("typ").is_none_or(|typ| {
        let typ = typ.as_str().unwrap_or_default();
        let typ = typ.strip_prefix("application/").unwrap_or(typ);
        ["logout+jwt", "JWT"].iter().any(|known| typ.eq_ignore_ascii_case(known))
    });
    if !fitting || ["crit", "cty", "enc", "zip", "b64"].iter().any(|name| header.get(name).is_some()) {
        return Err(LogoutRefusal::Header);
    }
    let algorithm = header.get("alg").cloned().map(serde_json::from_value::<CoreJwsSigningAlgorithm>);
    let Some(Ok(algorithm)) = algorithm.filter(|read| read.as_ref().is_ok_and(|known| ALGORITHMS.contains(known)))
    else {
        return Err(LogoutRefusal::Algorithm);
    };
    let kid = match header.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(_) => return Err(LogoutRefusal::Header),
    };
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_words| LogoutRefusal::Malformed)?;
    let key = find_key(keys, &algorithm, kid)?;
    key.verify_signature(&algorithm, signed.as_bytes(), &signature).map_err(|_words| LogoutRefusal::Signature)
}

/// The one key that a token with this header can be signed with.
fn find_key<'k>(
    keys: &'k [CoreJsonWebKey],
    algorithm: &CoreJwsSigningAlgorithm,
    kid: Option<&str>,
) -> Result<&'k CoreJsonWebKey, LogoutRefusal> {
    let fits = |key: &&CoreJsonWebKey| {
        let named = kid.is_none_or(|kid| key.key_id().is_some_and(|known| known.as_str() == kid));
        let signs = key.key_use().is_none_or(openidconnect::JsonWebKeyUse::allows_signature);
        let made_for_it = match key.signing_alg() {
            JsonWebKeyAlgorithm::Algorithm(known) => known == algorithm,
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        named && signs && made_for_it && algorithm.key_type().is_some_and(|kind| *key.key_type() == kind)
    };
    let mut found = keys.iter().filter(fits);
    let key = found.next().ok_or(LogoutRefusal::UnknownKey)?;
    if found.next().is_some() { Err(LogoutRefusal::AmbiguousKey) } else { Ok(key) }
}

fn check_parties(claims: &Claims, expected: &Expected<'_>) -> Result<(), LogoutRefusal> {
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer) {
        return Err(LogoutRefusal::Issuer);
    }
    let audience = match claims.get("aud") {
        Some(Value::Array(audiences)) => match audiences.as_slice() {
            [only] => only.as_str(),
            _ => None,
        },
        Some(audience) => audience.as_str(),
        None => None,
    };
    if audience == Some(expected.client_id) { Ok(()) } else { Err(LogoutRefusal::Audience) }
}

/// Answers when the token was issued.
fn check_times(claims: &Claims, now: DateTime<Utc>) -> Result<DateTime<Utc>, LogoutRefusal> {
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).and_then(|time| DateTime::from_timestamp(time, 0));
    let (expires_at, issued_at) = (time("exp"), time("iat"));
    let skew = TimeDelta::seconds(CLOCK_SKEW_SECONDS);
    let issued_at = issued_at.ok_or(LogoutRefusal::IssuedAt)?;
    let age = now - issued_at;
    if age < -skew || age > TimeDelta::seconds(AGE_SECONDS_MAX) + skew {
        return Err(LogoutRefusal::IssuedAt);
    }
    let good =
        expires_at.is_some_and(|end| now < end + skew && end - issued_at <= TimeDelta::seconds(LIFE_SECONDS_MAX));
    if !good {
        return Err(LogoutRefusal::Expiry);
    }
    let early = claims.get("nbf").is_some() && time("nbf").is_none_or(|not_before| not_before > now + skew);
    if early { Err(LogoutRefusal::NotBefore) } else { Ok(issued_at) }
}

fn check_event(claims: &Claims) -> Result<(), LogoutRefusal> {
    if claims.get("nonce").is_some() {
        return Err(LogoutRefusal::Nonce);
    }
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    if event.is_some_and(Value::is_object) { Ok(()) } else { Err(LogoutRefusal::Event) }
}

/// A claim that says who is meant. One that cannot be read is not taken for one that is not there, or a token about one
/// session would end all.
fn named(claims: &Claims, name: &str) -> Result<Option<String>, LogoutRefusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(_) => claims.text(name).map(Some).ok_or(LogoutRefusal::Nobody),
    }
}

#[cfg(test)]
mod tests;
