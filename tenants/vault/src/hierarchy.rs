//! Which key comes from which. All are 32 bytes; an arrow is HKDF-Expand (RFC 5869) with SHA-256 and the label.
//!
//! ```text
//! master key, from its file
//!  ├─ fh1|master|wrap          wraps the tenant keys
//!  ├─ fh1|master|fingerprint   names the master key (8 bytes, not secret)
//!  ├─ fh1|master|platform      the platform's own key: below it, everything as below a tenant key
//!  └─ fh1|installation|LABEL   keys of the installation: caller tokens, the database login
//!
//! tenant key, random, wrapped by the master key, several versions
//!  ├─ fh1|commit               stands beside the wrapped key and proves which key it holds (not secret)
//!  └─ fh1|svc|SERVICE          a service's key
//!      ├─ fh1|field|TABLE            seals the fields of a table
//!      ├─ fh1|index|TABLE COLUMN     blind index of a column
//!      └─ fh1|purpose|LABEL          purpose keys
//! ```
//!
//! Master key and tenant keys are uniformly random, so HKDF-Extract would add nothing. What varies stands last in a
//! label or has a fixed length (numbers are two bytes, the high one first), so no two keys share a label.

use freehold_types::{Secret, Service};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::Field;

pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const FINGERPRINT_BYTES: usize = 8;

pub(crate) type Key = Secret<[u8; KEY_BYTES]>;

pub(crate) fn wrapping_key(master: &Key) -> Key {
    Secret::new(expand(master, &[b"fh1|master|wrap"]))
}

pub(crate) fn fingerprint(master: &Key) -> [u8; FINGERPRINT_BYTES] {
    expand(master, &[b"fh1|master|fingerprint"])
}

pub(crate) fn platform_key(master: &Key) -> Key {
    Secret::new(expand(master, &[b"fh1|master|platform"]))
}

pub(crate) fn installation_key(master: &Key, label: &str) -> Key {
    Secret::new(expand(master, &[b"fh1|installation|", label.as_bytes()]))
}

pub(crate) fn commitment(tenant_key: &Key) -> [u8; KEY_BYTES] {
    expand(tenant_key, &[b"fh1|commit"])
}

pub(crate) fn field_key(tenant_key: &Key, field: Field) -> Key {
    Secret::new(expand(&service_key(tenant_key, field.service), &[b"fh1|field|", &field.table.to_be_bytes()]))
}

pub(crate) fn index_key(tenant_key: &Key, field: Field) -> Key {
    let service = service_key(tenant_key, field.service);
    Secret::new(expand(&service, &[b"fh1|index|", &field.table.to_be_bytes(), &field.column.to_be_bytes()]))
}

pub(crate) fn purpose_key(tenant_key: &Key, service: Service, label: &str) -> Key {
    Secret::new(expand(&service_key(tenant_key, service), &[b"fh1|purpose|", label.as_bytes()]))
}

fn service_key(tenant_key: &Key, service: Service) -> Key {
    Secret::new(expand(tenant_key, &[b"fh1|svc|", service.name().as_bytes()]))
}

fn expand<const N: usize>(key: &Key, label: &[&[u8]]) -> [u8; N] {
    let mut derived = [0; N];
    Hkdf::<Sha256>::from_prk(key.expose())
        .expect("a key is as long as a SHA-256 hash")
        .expand_multi_info(label, &mut derived)
        .expect("a key is shorter than the 8160 bytes that HKDF can give");
    derived
}

#[cfg(test)]
mod tests;
