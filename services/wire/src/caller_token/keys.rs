//! The keys that sign caller tokens: one for each period, made from the installation's key, so that they change by
//! themselves and every process that holds the master key has the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use freehold_types::{Fault, Secret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;

use super::{CLOCK_SKEW_SECONDS, TOKEN_LIFETIME_SECONDS};

/// How long a key signs.
const PERIOD_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How long a key checks after it stopped to sign: every token it signed is over by then.
const GRACE_SECONDS: i64 = TOKEN_LIFETIME_SECONDS + CLOCK_SKEW_SECONDS;
/// DER of an Ed25519 private key up to its 32 bytes (RFC 8410 section 7).
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// Makes the keys, and keeps those in use.
pub(super) struct Keys {
    seed: Secret<[u8; 32]>,
    made: Mutex<BTreeMap<i64, Arc<Key>>>,
}

/// The key of one period.
pub(super) struct Key {
    /// Its name in tokens, `kid`.
    pub(super) name: String,
    pub(super) signing: EncodingKey,
    pub(super) checking: DecodingKey,
    point: String,
}

/// The public half of a key that may be met in a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name in tokens, `kid`.
    pub name: String,
    /// The 32 bytes of the Ed25519 point (RFC 8037), in base64url.
    pub point: String,
}

impl Keys {
    pub(super) const fn new(seed: Secret<[u8; 32]>) -> Self {
        Self { seed, made: Mutex::new(BTreeMap::new()) }
    }

    /// The key that signs now.
    pub(super) fn current(&self, now: DateTime<Utc>) -> Result<Arc<Key>, Fault> {
        self.of(period(now.timestamp()))
    }

    /// The key of that name, if it may be met now.
    pub(super) fn find(&self, name: &str, now: DateTime<Utc>) -> Result<Option<Arc<Key>>, Fault> {
        let known = acceptable(now).find(|period| key_name(*period) == name);
        known.map(|period| self.of(period)).transpose()
    }

    /// The public halves of all keys that may be met from now until the next one signs.
    pub(super) fn published(&self, now: DateTime<Utc>) -> Result<Vec<PublicKey>, Fault> {
        let next = period(now.timestamp()) + 1;
        let mut periods: Vec<i64> = acceptable(now).collect();
        if !periods.contains(&next) {
            periods.push(next);
        }
        let public = |key: Arc<Key>| PublicKey { name: key.name.clone(), point: key.point.clone() };
        periods.into_iter().map(|period| self.of(period).map(public)).collect()
    }

    fn of(&self, period: i64) -> Result<Arc<Key>, Fault> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = made.get(&period) {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(Key::make(&self.seed, period)?);
        // Two neighbours are the most that are in use at once, and a test's clock may jump.
        made.retain(|kept, _| kept.abs_diff(period) <= 1);
        made.insert(period, Arc::clone(&key));
        Ok(key)
    }
}

impl Key {
    fn make(seed: &Secret<[u8; 32]>, period: i64) -> Result<Self, Fault> {
        let unusable = |error| Fault::internal("preparing a key of caller tokens", error);
        let name = key_name(period);
        let mut mac = Hmac::<Sha256>::new_from_slice(seed.expose()).expect("HMAC takes a key of any length (RFC 2104)");
        mac.update(name.as_bytes());
        let private = Secret::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
        let der = Secret::new([PKCS8_PREFIX.as_slice(), private.expose()].concat());
        let signing = EncodingKey::from_ed_der(der.expose());
        let jwk = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(unusable)?;
        let checking = DecodingKey::from_jwk(&jwk).map_err(unusable)?;
        let AlgorithmParameters::OctetKeyPair(point) = jwk.algorithm else {
            return Err(Fault::internal("preparing a key of caller tokens", "a key of another kind"));
        };
        Ok(Self { name, signing, checking, point: point.x })
    }
}

fn key_name(period: i64) -> String {
    format!("caller-{period}")
}

fn period(seconds: i64) -> i64 {
    seconds.div_euclid(PERIOD_SECONDS)
}

/// The periods whose keys may have signed a token that is good now, by any clock.
fn acceptable(now: DateTime<Utc>) -> impl Iterator<Item = i64> {
    let now = now.timestamp();
    let (first, last) = (period(now.saturating_sub(GRACE_SECONDS)), period(now.saturating_add(CLOCK_SKEW_SECONDS)));
    first..=last
}
