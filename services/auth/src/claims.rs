//! What an IdP's tokens say, each thing once.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// How far the IdP's clock and ours may disagree.
pub(crate) const CLOCK_SKEW_SECONDS: i64 = 60;
/// The longest subject, session or link claim (OpenID Connect Core section 2).
const VALUE_BYTES_MAX: usize = 255;
/// The algorithms we believe, whatever the IdP announces: asymmetric ones only, so that nobody who knows the client
/// secret or the public key can sign.
pub(crate) const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A part of a token that is no JSON object, or says something twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The members of a header or of a payload. Two parsers that read a doubled member differently would see two people,
/// so there are none.
#[derive(Default)]
pub(crate) struct Claims(BTreeMap<String, Value>);

impl Claims {
    /// Reads one of the three parts of a token.
    pub(crate) fn read(part: &str) -> Result<Self, Malformed> {
        Self::read_json(&URL_SAFE_NO_PAD.decode(part).map_err(|_words| Malformed)?)
    }

    /// Reads an answer.
    pub(crate) fn read_json(json: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(json).map_err(|_words| Malformed)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The value of a claim, when it is a plain text of 1 to 255 bytes or a whole number.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_u64() => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        plain(&text).then_some(text)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(***)")
    }
}

/// 1 to 255 bytes without control characters.
pub(crate) fn plain(value: &str) -> bool {
    !value.is_empty() && value.len() <= VALUE_BYTES_MAX && !value.chars().any(char::is_control)
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with each name once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = Claims::default();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.0.insert(name, value).is_some() {
                        return Err(de::Error::custom("a name stands twice"));
                    }
                }
                Ok(claims)
            }
        }
        deserializer.deserialize_map(Once)
    }
}
