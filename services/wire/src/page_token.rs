//! Page tokens: opaque to clients, made by us only. They hold positions and never names, because a client can read
//! what it cannot forge.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use freehold_types::{Caller, Fault, Secret, Violation};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Bytes of the tag in front of the position.
const TAG_BYTES: usize = 16;
/// The longest token we look at.
const TOKEN_CHARS_MAX: usize = 512;

/// Makes and reads page tokens.
#[derive(Clone)]
pub struct PageTokens(Secret<[u8; 32]>);

impl PageTokens {
    /// With the installation's key for this purpose.
    #[must_use]
    pub const fn new(key: Secret<[u8; 32]>) -> Self {
        Self(key)
    }

    /// A token for `position` in the list `list` of this caller's tenant.
    #[must_use]
    pub fn encode(&self, caller: &Caller, list: &str, position: &[u8]) -> String {
        let tag = self.mac(caller, list, position).finalize().into_bytes();
        let (tag, _rest) = tag.split_at(TAG_BYTES);
        URL_SAFE_NO_PAD.encode([tag, position].concat())
    }

    /// The position a token stands for; nothing for the empty token of a first page.
    ///
    /// # Errors
    /// Invalid when the token is not ours, or of another list or tenant.
    pub fn decode(&self, caller: &Caller, list: &str, token: &str) -> Result<Option<Vec<u8>>, Fault> {
        if token.is_empty() {
            return Ok(None);
        }
        let bytes = (token.len() <= TOKEN_CHARS_MAX).then(|| URL_SAFE_NO_PAD.decode(token).ok()).flatten();
        let parts = bytes.as_deref().and_then(|bytes| bytes.split_at_checked(TAG_BYTES));
        match parts {
            Some((tag, position)) if self.mac(caller, list, position).verify_truncated_left(tag).is_ok() => {
                Ok(Some(position.to_vec()))
            }
            Some(_) | None => Err(Fault::invalid(vec![Violation {
                field: "page_token".to_owned(),
                message: "must be empty or the next_page_token of an answer to the same list".to_owned(),
            }])),
        }
    }

    fn mac(&self, caller: &Caller, list: &str, position: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("HMAC takes a key of any length (RFC 2104)");
        let tenant = caller.tenant.map(|tenant| tenant.uuid().into_bytes()).unwrap_or_default();
        mac.update(&tenant);
        mac.update(list.as_bytes());
        // A list's name has no zero byte, so name and position cannot run into each other.
        mac.update(&[0]);
        mac.update(position);
        mac
    }
}

#[cfg(test)]
mod tests;
