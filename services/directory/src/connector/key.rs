//! What a connector proves who it is with: Ed25519 (RFC 8032), and what exactly is signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use freehold_types::DirectoryId;
use sha2::{Digest as _, Sha256};

/// Begins everything that is signed, so that a signature for this says nothing elsewhere.
const PURPOSE: &[u8] = b"freehold connector attaches, version 1";

/// A public key.
pub(crate) type PublicKey = [u8; 32];
/// What the installation asks to be signed, new for every stream.
pub(crate) type Nonce = [u8; 32];

/// What a proof is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub nonce: &'a Nonce,
    pub company: &'a str,
    pub directory: &'a str,
    pub key: &'a PublicKey,
    /// The directory that welcomed the key before. Another installation has no directory with that id, so it cannot
    /// use what was signed for this one.
    pub known: Option<DirectoryId>,
}

impl Claim<'_> {
    /// Every part with its length before it, so that no two claims have the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let known = self.known.map(|id| id.to_string()).unwrap_or_default();
        let parts = [PURPOSE, self.nonce, self.company.as_bytes(), self.directory.as_bytes(), self.key];
        let mut bytes = Vec::new();
        for part in parts.into_iter().chain([known.as_bytes()]) {
            bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }

    /// Whether the holder of the key signed this very claim.
    pub(crate) fn proven_by(&self, signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(self.key), Signature::from_slice(signature)) else {
            return false;
        };
        key.verify_strict(&self.bytes(), &signature).is_ok()
    }
}

/// A key pair.
#[derive(Clone)]
pub(crate) struct KeyPair(SigningKey);

impl KeyPair {
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub(crate) fn public(&self) -> PublicKey {
        self.0.verifying_key().to_bytes()
    }

    pub(crate) fn sign(&self, claim: &Claim<'_>) -> Vec<u8> {
        self.0.sign(&claim.bytes()).to_bytes().to_vec()
    }
}

/// What a key is called between people, as ssh writes it.
pub(crate) fn fingerprint(key: &PublicKey) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key)))
}

#[cfg(test)]
mod tests;
