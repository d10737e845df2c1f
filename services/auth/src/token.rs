//! Opaque tokens: 256 random bits that only their holder has; we keep a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use freehold_types::{Mint, Secret, SessionId};
use sha2::{Digest as _, Sha256};

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Characters of a token: base64url without padding.
const TOKEN_CHARS: usize = 43;

/// A new token in base64url.
pub(crate) fn make(mint: &Mint) -> Secret<String> {
    let bytes = Secret::new(mint.bytes::<TOKEN_BYTES>());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.expose()))
}

/// SHA-256 of a token. A plain hash is enough: nobody guesses 256 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes what a browser sent; nothing when it cannot be a token of ours.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let ours = token.len() == TOKEN_CHARS
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        ours.then(|| Self(Sha256::digest(token).into()))
    }

    /// What stands for a token where a session is known already.
    pub(crate) fn of_session(session: SessionId) -> Self {
        Self(Sha256::digest(session.to_string()).into())
    }

    /// As a column.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

#[cfg(test)]
mod tests;
