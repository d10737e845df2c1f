//! Public keys of clients, as a JSON Web Key or as PEM: Ed25519 and P-256. What is kept is what we wrote ourselves.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, SignatureVerificationError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claims::{Claims, plain};

/// The longest key we look at.
const KEY_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a coordinate, of both curves.
const COORDINATE_BYTES: usize = 32;
/// Members that only private or shared keys have.
const SECRET_MEMBERS: [&str; 7] = ["d", "k", "p", "q", "dp", "dq", "qi"];
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";
/// DER of an Ed25519 public key up to its point (RFC 8410 section 4).
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
/// DER of a P-256 public key up to the coordinates of its uncompressed point (RFC 5480 section 2).
const P256_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 3,
    0x42, 0, 4,
];

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    /// Coordinates in base64url; an Ed25519 key has one.
    x: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    /// What the client calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kid: Option<String>,
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("must be a JSON Web Key or a PEM block that begins with {PEM_BEGIN}")]
    Unreadable,
    #[error("is a private or shared key; make a new pair, and give the public half of it only")]
    Secret,
    #[error("must be an Ed25519 or a P-256 key")]
    Kind,
    #[error("must be meant for signing, with the algorithm of its kind")]
    Use,
    #[error("must have a key id of 1 to 255 bytes, or none")]
    Name,
    #[error("is no point of its curve")]
    Point,
}

impl Key {
    /// Reads a key that somebody sent.
    pub(crate) fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.len() > KEY_BYTES_MAX {
            return Err(KeyError::Unreadable);
        }
        let key = if text.starts_with('{') { of_jwk(text)? } else { of_pem(text)? };
        // A key that verifies nothing is refused now, when somebody can still choose another.
        let nothing = vec![0; COORDINATE_BYTES * 2];
        match key.public()?.verify_signature(&key.algorithm(), b"", &nothing) {
            Err(SignatureVerificationError::CryptoError(_)) => Ok(key),
            Ok(()) | Err(_) => Err(KeyError::Point),
        }
    }

    /// The one algorithm that the key signs with.
    pub(crate) const fn algorithm(&self) -> CoreJwsSigningAlgorithm {
        if self.y.is_some() { CoreJwsSigningAlgorithm::EcdsaP256Sha256 } else { CoreJwsSigningAlgorithm::EdDsa }
    }

    /// Whether both are the same point, whatever they are called.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (&self.x, &self.y) == (&other.x, &other.y)
    }

    /// Whether this key made the signature.
    pub(crate) fn signed(&self, text: &str, signature: &[u8]) -> bool {
        let key = self.public();
        key.is_ok_and(|key| key.verify_signature(&self.algorithm(), text.as_bytes(), signature).is_ok())
    }

    fn public(&self) -> Result<CoreJsonWebKey, KeyError> {
        let written = match &self.y {
            None => serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": self.x}),
            Some(y) => serde_json::json!({"kty": "EC", "crv": "P-256", "x": self.x, "y": y}),
        };
        serde_json::from_value(written).map_err(|_words| KeyError::Point)
    }
}

fn of_jwk(text: &str) -> Result<Key, KeyError> {
    let members = Claims::read_json(text.as_bytes()).map_err(|_words| KeyError::Unreadable)?;
    if SECRET_MEMBERS.iter().any(|name| members.get(name).is_some()) {
        return Err(KeyError::Secret);
    }
    let word = |name: &str| members.get(name).and_then(Value::as_str);
    let algorithm = match (word("kty"), word("crv")) {
        (Some("OKP"), Some("Ed25519")) => "EdDSA",
        (Some("EC"), Some("P-256")) => "ES256",
        _ => return Err(KeyError::Kind),
    };
    let meant = |name: &str, what: &str| members.get(name).is_none_or(|said| said.as_str() == Some(what));
    let verifies = members
        .get("key_ops")
        .is_none_or(|said| said.as_array().is_some_and(|all| all.iter().any(|one| one == "verify")));
    if !meant("use", "sig") || !meant("alg", algorithm) || !verifies {
        return Err(KeyError::Use);
    }
    let kid = match members.get("kid") {
        None => None,
        Some(Value::String(kid)) if plain(kid) => Some(kid.clone()),
        Some(_) => return Err(KeyError::Name),
    };
    let x = coordinate(word("x"))?;
    let y = if algorithm == "ES256" { Some(coordinate(word("y"))?) } else { None };
    Ok(Key { x, y, kid })
}

/// A coordinate as we write it.
fn coordinate(text: Option<&str>) -> Result<String, KeyError> {
    let bytes = URL_SAFE_NO_PAD.decode(text.ok_or(KeyError::Point)?).map_err(|_words| KeyError::Point)?;
    if bytes.len() == COORDINATE_BYTES { Ok(URL_SAFE_NO_PAD.encode(bytes)) } else { Err(KeyError::Point) }
}

fn of_pem(text: &str) -> Result<Key, KeyError> {
    if text.contains("PRIVATE KEY") {
        return Err(KeyError::Secret);
    }
    let body = text.strip_prefix(PEM_BEGIN).and_then(|rest| rest.strip_suffix(PEM_END)).ok_or(KeyError::Unreadable)?;
    let body: String = body.chars().filter(|sign| !sign.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(body).map_err(|_words| KeyError::Unreadable)?;
    if let Some(point) = der.strip_prefix(&ED25519_PREFIX) {
        return if point.len() == COORDINATE_BYTES {
            Ok(Key { x: URL_SAFE_NO_PAD.encode(point), y: None, kid: None })
        } else {
            Err(KeyError::Point)
        };
    }
    let point = der.strip_prefix(&P256_PREFIX).ok_or(KeyError::Kind)?;
    match point.split_at_checked(COORDINATE_BYTES) {
        Some((x, y)) if y.len() == COORDINATE_BYTES => {
            Ok(Key { x: URL_SAFE_NO_PAD.encode(x), y: Some(URL_SAFE_NO_PAD.encode(y)), kid: None })
        }
        Some(_) | None => Err(KeyError::Point),
    }
}

#[cfg(test)]
pub(in crate::client) mod tests;
