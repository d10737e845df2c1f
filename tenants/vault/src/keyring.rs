//! The master key at work: it wraps tenant keys, opens them, and gives the installation its own keys.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use freehold_types::{Secret, TenantId};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::hierarchy::{self, FINGERPRINT_BYTES, KEY_BYTES, Key};
use crate::xaes::{NONCE_BYTES, TAG_BYTES, Xaes256Gcm};
use crate::{TenantKeys, VaultError, master_key, random};

/// First byte of a wrapped key: format | fingerprint of the master key \[8\] | nonce \[24\] | sealed key \[32\] |
/// tag \[16\].
const FORMAT: u8 = 1;
const FIRST_VERSION: u32 = 1;

/// Holds the master key and never hands it out. Cheap to clone; wiped when the last clone is dropped.
#[derive(Clone)]
pub struct Vault(Arc<Master>);

struct Master {
    key: Key,
    fingerprint: [u8; FINGERPRINT_BYTES],
    wrapping: Xaes256Gcm,
    platform: TenantKeys,
}

/// A tenant key as it is stored: no use to anybody without the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Counts from 1; the highest one seals.
    pub version: u32,
    /// The key, sealed by the master key for this tenant and version.
    pub wrapped: Vec<u8>,
    /// 32 bytes derived from the key. AES-GCM does not commit to a key: without this, one wrapped key could be made
    /// to open as two.
    pub commitment: Vec<u8>,
}

impl Vault {
    /// A vault around a master key that the caller keeps safe.
    #[must_use]
    pub fn from_master_key(key: Secret<[u8; KEY_BYTES]>) -> Self {
        let platform = TenantKeys::new(None, (FIRST_VERSION, hierarchy::platform_key(&key)), []);
        Self(Arc::new(Master {
            fingerprint: hierarchy::fingerprint(&key),
            wrapping: Xaes256Gcm::new(hierarchy::wrapping_key(&key).expose()),
            platform,
            key,
        }))
    }

    /// Reads the master key file, which must be there: one line, `freehold-master-key-1:` and the key in base64.
    ///
    /// # Errors
    /// When the file cannot be read, is open to its group or to others, or holds no key.
    pub fn load(path: &Path) -> Result<Self, VaultError> {
        master_key::read(path).map(Self::from_master_key)
    }

    /// Reads the master key file, or makes it with a new key and mode 0600 if there is none. Whoever installs
    /// Freehold must keep a copy elsewhere: without it nothing sealed can ever be opened.
    ///
    /// # Errors
    /// As [`Vault::load`], and when the file is not there and cannot be made.
    pub fn load_or_create(path: &Path) -> Result<Self, VaultError> {
        master_key::read_or_create(path).map(Self::from_master_key)
    }

    /// Names the master key without telling anything about it: 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex(self.0.fingerprint)
    }

    /// A new random key for a tenant, wrapped, version 1.
    #[must_use]
    pub fn create_tenant_key(&self, tenant: TenantId) -> WrappedKey {
        self.wrap(tenant, FIRST_VERSION, &Secret::new(random::bytes()))
    }

    /// Opens all versions of a tenant's key. The highest one seals.
    ///
    /// # Errors
    /// When there is none, or when one of them was wrapped by another master key, for another tenant or version, or
    /// was damaged.
    pub fn tenant_keys(&self, tenant: TenantId, keys: &[WrappedKey]) -> Result<TenantKeys, VaultError> {
        let mut opened = Vec::with_capacity(keys.len());
        for key in keys {
            opened.push((key.version, self.unwrap(tenant, key)?));
        }
        opened.sort_unstable_by_key(|(version, _)| *version);
        let current = opened.pop().ok_or(VaultError::TenantKeyMissing { tenant })?;
        Ok(TenantKeys::new(Some(tenant), current, opened))
    }

    /// Keys for the platform's own rows, which belong to no tenant.
    #[must_use]
    pub fn platform_keys(&self) -> TenantKeys {
        self.0.platform.clone()
    }

    /// A key of the installation, for example `caller-token`.
    #[must_use]
    pub fn derive(&self, label: &str) -> Secret<[u8; KEY_BYTES]> {
        hierarchy::installation_key(&self.0.key, label)
    }

    fn wrap(&self, tenant: TenantId, version: u32, key: &Key) -> WrappedKey {
        let nonce = random::bytes();
        let mut text = Zeroizing::new(*key.expose());
        let tag = self.0.wrapping.seal(&nonce, &wrapped_for(tenant, version), &mut *text);
        let wrapped = [&[FORMAT], &self.0.fingerprint[..], &nonce, &*text, &tag].concat();
        WrappedKey { version, wrapped, commitment: hierarchy::commitment(key).to_vec() }
    }

    fn unwrap(&self, tenant: TenantId, key: &WrappedKey) -> Result<Key, VaultError> {
        let damaged = || VaultError::TenantKeyDamaged { tenant, version: key.version };
        let parts = Wrapped::parse(&key.wrapped).ok_or_else(damaged)?;
        if *parts.fingerprint != self.0.fingerprint {
            let wrapped_by = hex(*parts.fingerprint);
            return Err(VaultError::WrongMasterKey { tenant, wrapped_by, in_use: self.fingerprint() });
        }
        let mut text = Zeroizing::new(*parts.text);
        self.0
            .wrapping
            .open(parts.nonce, &wrapped_for(tenant, key.version), &mut *text, parts.tag)
            .map_err(|_not_authentic| damaged())?;
        let opened = Secret::new(*text);
        if bool::from(hierarchy::commitment(&opened).as_slice().ct_eq(&key.commitment)) {
            Ok(opened)
        } else {
            Err(damaged())
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
    }
}

/// A wrapped key, taken apart and not yet trusted.
struct Wrapped<'a> {
    fingerprint: &'a [u8; FINGERPRINT_BYTES],
    nonce: &'a [u8; NONCE_BYTES],
    text: &'a [u8; KEY_BYTES],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> Wrapped<'a> {
    fn parse(wrapped: &'a [u8]) -> Option<Self> {
        let rest = wrapped.strip_prefix(&[FORMAT])?;
        let (fingerprint, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (text, rest) = rest.split_first_chunk()?;
        Some(Self { fingerprint, nonce, text, tag: rest.try_into().ok()? })
    }
}

/// What a wrapped key is bound to, so that a key cannot be moved to another tenant or pass for another version.
fn wrapped_for(tenant: TenantId, version: u32) -> Vec<u8> {
    [&b"FHW1"[..], tenant.uuid().as_bytes(), &version.to_be_bytes()].concat()
}

fn hex(fingerprint: [u8; FINGERPRINT_BYTES]) -> String {
    format!("{:016x}", u64::from_be_bytes(fingerprint))
}

#[cfg(test)]
mod tests;
