//! Keys and sealing: the master key wraps the tenant keys, a tenant key gives its services their keys, and those
//! seal fields, index them blindly and serve named purposes.
//!
//! Owns what a key is derived from, what a sealed field looks like and what it is bound to; `hierarchy` draws the
//! keys, `seal` the bytes. Never knows a database, a clock or what the sealed bytes mean, and never hands out the
//! master key or a tenant key.

mod blind;
mod error;
mod field;
mod hierarchy;
mod keyring;
mod master_key;
mod random;
mod seal;
mod tenant_keys;
mod xaes;

pub use error::VaultError;
pub use field::Field;
pub use keyring::{Vault, WrappedKey};
pub use tenant_keys::TenantKeys;
