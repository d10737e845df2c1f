//! ID tokens as an IdP would sign them, made of one byte each, so that tests need no randomness.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm as Alg};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};

/// An IdP's key.
pub(crate) fn key(seed: u8, kid: &str) -> CoreEdDsaPrivateSigningKey {
    let prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let der = [prefix.as_slice(), &[seed; 32]].concat();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(kid.to_owned()))).unwrap()
}

/// The key as the IdP publishes it.
pub(crate) fn published(seed: u8, kid: &str) -> Value {
    serde_json::to_value(key(seed, kid).as_verification_key()).unwrap()
}

pub(crate) fn joined(header: &Value, payload: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload))
}

/// Signs a payload under any header.
pub(crate) fn sign(header: &Value, payload: &str, signer: &CoreEdDsaPrivateSigningKey) -> String {
    let input = joined(header, payload);
    let signature = signer.sign(&Alg::EdDsa, input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Signs a payload as the IdP would.
pub(crate) fn signed(payload: &Value, seed: u8, kid: &str) -> String {
    sign(&json!({ "alg": "EdDSA", "kid": kid }), &payload.to_string(), &key(seed, kid))
}
