//! Whether a client's assertion is to be believed (RFC 7523 section 3, `private_key_jwt`), and which one it is.
//!
//! Pure: everything it needs is handed in. Stricter than the RFC: one audience, which is our issuer and nothing else, and
//! at most two minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::ClientId;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::Value;

use super::key::Key;
use crate::claims::{CLOCK_SKEW_SECONDS, Claims, Malformed};

/// How far ahead an assertion may end.
const AHEAD_SECONDS_MAX: i64 = 120;
/// The longest assertion we look at.
const ASSERTION_BYTES_MAX: usize = 8 * 1024;

/// Which check an assertion failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssertionRefusal {
    #[error("it is malformed, or says something twice")]
    Malformed,
    #[error("its header is not an assertion's")]
    Header,
    #[error("its algorithm is not one of the client's keys")]
    Algorithm,
    #[error("its key is none of the client's")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("its issuer and subject are not one client")]
    Party,
    #[error("its audience is not our issuer alone")]
    Audience,
    #[error("it has no end, has expired, or ends too far ahead")]
    Expiry,
    #[error("it was issued in the future, or is not good yet")]
    Early,
    #[error("it has no id")]
    NoId,
}

impl AssertionRefusal {
    /// The reason in a word, as the audit log has it. Never change one: logs are kept.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "client_assertion_malformed",
            Self::Header => "client_assertion_header",
            Self::Algorithm => "client_assertion_algorithm",
            Self::UnknownKey => "client_assertion_unknown_key",
            Self::Signature => "client_assertion_signature",
            Self::Party => "client_assertion_party",
            Self::Audience => "client_assertion_audience",
            Self::Expiry => "client_assertion_expiry",
            Self::Early => "client_assertion_early",
            Self::NoId => "client_assertion_no_id",
        }
    }
}

impl From<Malformed> for AssertionRefusal {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

/// What an assertion must agree with.
pub(crate) struct Expected<'a> {
    pub(crate) client: ClientId,
    /// Our issuer for the client's company.
    pub(crate) issuer: &'a str,
    pub(crate) now: DateTime<Utc>,
}

/// A believed assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assertion {
    pub(crate) id: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Whose an assertion claims to be, before anything of it is believed.
pub(crate) fn claimed(raw: &str) -> Result<ClientId, AssertionRefusal> {
    let (_, payload, _) = parts(raw)?;
    let issuer = Claims::read(payload)?.text("iss").ok_or(AssertionRefusal::Party)?;
    issuer.parse().map_err(|_words| AssertionRefusal::Party)
}

/// Does every check of an assertion but the one whether it was here before.
pub(crate) fn verify(raw: &str, keys: &[Key], expected: &Expected<'_>) -> Result<Assertion, AssertionRefusal> {
    let (header, payload, signature) = parts(raw)?;
    let signed = raw.rsplit_once('.').map(|(signed, _)| signed).ok_or(AssertionRefusal::Malformed)?;
    let keys = fitting(&Claims::read(header)?, keys)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_words| AssertionRefusal::Malformed)?;
    if !keys.iter().any(|key| key.signed(signed, &signature)) {
        return Err(AssertionRefusal::Signature);
    }
    let claims = Claims::read(payload)?;
    let client = expected.client.to_string();
    let says = |name: &str, what: &str| claims.get(name).and_then(Value::as_str) == Some(what);
    if !says("iss", &client) || !says("sub", &client) {
        return Err(AssertionRefusal::Party);
    }
    if !says("aud", expected.issuer) {
        return Err(AssertionRefusal::Audience);
    }
    let expires_at = check_times(&claims, expected.now)?;
    let id = claims.text("jti").ok_or(AssertionRefusal::NoId)?;
    Ok(Assertion { id, expires_at })
}

fn parts(raw: &str) -> Result<(&str, &str, &str), AssertionRefusal> {
    let mut parts = raw.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None) if raw.len() <= ASSERTION_BYTES_MAX => {
            Ok((header, payload, signature))
        }
        _ => Err(AssertionRefusal::Malformed),
    }
}

/// The keys that an assertion with this header may be signed with.
fn fitting<'k>(header: &Claims, keys: &'k [Key]) -> Result<Vec<&'k Key>, AssertionRefusal> {
    // `client-authentication+jwt` is what the successor of RFC 7523 calls it. Other tokens of ours have types of their own.
    let types = ["JWT", "client-authentication+jwt"];
    let typed = header.get("typ").is_none_or(|typ| typ.as_str().is_some_and(|typ| types.contains(&typ)));
    if !typed || ["crit", "cty", "enc", "zip", "b64"].iter().any(|name| header.get(name).is_some()) {
        return Err(AssertionRefusal::Header);
    }
    let algorithm = header.get("alg").cloned().map(serde_json::from_value::<CoreJwsSigningAlgorithm>);
    let Some(Ok(algorithm)) = algorithm else { return Err(AssertionRefusal::Algorithm) };
    let mut keys: Vec<&Key> = keys.iter().filter(|key| key.algorithm() == algorithm).collect();
    if keys.is_empty() {
        return Err(AssertionRefusal::Algorithm);
    }
    match header.get("kid") {
        None => {}
        // A key that was registered without a name goes by any.
        Some(Value::String(kid)) => keys.retain(|key| key.kid.as_ref().is_none_or(|known| known == kid)),
        Some(_) => return Err(AssertionRefusal::Header),
    }
    if keys.is_empty() { Err(AssertionRefusal::UnknownKey) } else { Ok(keys) }
}

/// Answers when the assertion ends.
fn check_times(claims: &Claims, now: DateTime<Utc>) -> Result<DateTime<Utc>, AssertionRefusal> {
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).and_then(|time| DateTime::from_timestamp(time, 0));
    let ahead = TimeDelta::seconds(AHEAD_SECONDS_MAX);
    let good = |end: &DateTime<Utc>| now < *end && *end - now <= ahead;
    let expires_at = time("exp").filter(good).ok_or(AssertionRefusal::Expiry)?;
    let latest = now + TimeDelta::seconds(CLOCK_SKEW_SECONDS);
    let early = |name: &str| claims.get(name).is_some() && time(name).is_none_or(|moment| moment > latest);
    if early("iat") || early("nbf") { Err(AssertionRefusal::Early) } else { Ok(expires_at) }
}

#[cfg(test)]
mod tests;
