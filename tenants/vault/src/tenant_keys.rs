//! The keys of one tenant, opened and ready to work.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use freehold_types::{Secret, Service, TenantId};

use crate::blind::{BlindIndexer, INDEX_BYTES};
use crate::hierarchy::{self, KEY_BYTES, Key};
use crate::seal::{self, Parts, Place};
use crate::xaes::Xaes256Gcm;
use crate::{Field, VaultError};

/// Seals and indexes for one tenant, or for the platform. Cheap to clone; wiped when the last clone is dropped.
///
/// Keys derived on the way are kept, so a field costs its encryption and not its derivation.
#[derive(Clone)]
pub struct TenantKeys(Arc<Versions>);

struct Versions {
    /// None for the platform.
    tenant: Option<TenantId>,
    current: Version,
    older: Vec<Version>,
}

impl TenantKeys {
    /// Keys of which `current` seals and all open.
    pub(crate) fn new(
        tenant: Option<TenantId>,
        current: (u32, Key),
        older: impl IntoIterator<Item = (u32, Key)>,
    ) -> Self {
        let older = older.into_iter().map(Version::new).collect();
        Self(Arc::new(Versions { tenant, current: Version::new(current), older }))
    }

    /// Seals `plain` for the field of that row, with the current version of the key.
    ///
    /// `row` is the row's id: 16 bytes of a UUID, or several ids of fixed length one after the other.
    #[must_use]
    pub fn seal(&self, field: Field, row: &[u8], plain: &[u8]) -> Vec<u8> {
        let version = &self.0.current;
        seal::seal(&version.cipher(field), &self.place(field, version.number, row), plain)
    }

    /// Opens what was sealed for the same field of the same row.
    ///
    /// # Errors
    /// When the bytes were never sealed, were changed, belong elsewhere, or need a version that is not here.
    pub fn open(&self, field: Field, row: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let parts = Parts::parse(sealed).ok_or(VaultError::NotSealed { field: field.name })?;
        let missing = VaultError::KeyVersionMissing { field: field.name, version: parts.key_version };
        let version = self.find(parts.key_version).ok_or(missing)?;
        parts.open(&version.cipher(field), &self.place(field, version.number, row)).map_err(|_not_authentic| {
            VaultError::Refused { field: field.name, service: field.service, tenant: self.0.tenant }
        })
    }

    /// The blind index of a value, under the current version of the key: equal values of one column of one tenant
    /// have equal indexes, and nothing else can be told from them. Bring text into one form first, for example its
    /// case.
    #[must_use]
    pub fn index(&self, field: Field, value: &[u8]) -> [u8; INDEX_BYTES] {
        self.0.current.indexer(field).index(value)
    }

    /// A key of its own for something a service does, for example billing's `meter 2026-10`. Changes with the
    /// version of the tenant's key.
    #[must_use]
    pub fn purpose(&self, service: Service, label: &str) -> Secret<[u8; KEY_BYTES]> {
        hierarchy::purpose_key(&self.0.current.key, service, label)
    }

    /// [`Self::purpose`] under one version of the tenant's key; nothing when that version is not here.
    #[must_use]
    pub fn purpose_at(&self, version: u32, service: Service, label: &str) -> Option<Secret<[u8; KEY_BYTES]>> {
        self.find(version).map(|version| hierarchy::purpose_key(&version.key, service, label))
    }

    /// Number of the version that seals now.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.current.number
    }

    fn find(&self, number: u32) -> Option<&Version> {
        std::iter::once(&self.0.current).chain(&self.0.older).find(|version| version.number == number)
    }

    fn place<'a>(&self, field: Field, key_version: u32, row: &'a [u8]) -> Place<'a> {
        let tenant = self.0.tenant.map(|tenant| tenant.uuid().into_bytes()).unwrap_or_default();
        Place { tenant, field, key_version, row }
    }
}

impl fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantKeys").field("tenant", &self.0.tenant).finish_non_exhaustive()
    }
}

/// One version of a tenant's key, and what has been derived from it so far.
struct Version {
    number: u32,
    key: Key,
    /// By service and table.
    ciphers: Kept<(Service, u16), Xaes256Gcm>,
    /// By service, table and column.
    indexers: Kept<(Service, u16, u16), BlindIndexer>,
}

impl Version {
    fn new((number, key): (u32, Key)) -> Self {
        Self { number, key, ciphers: Kept::new(), indexers: Kept::new() }
    }

    fn cipher(&self, field: Field) -> Arc<Xaes256Gcm> {
        self.ciphers
            .get((field.service, field.table), || Xaes256Gcm::new(hierarchy::field_key(&self.key, field).expose()))
    }

    fn indexer(&self, field: Field) -> Arc<BlindIndexer> {
        self.indexers.get((field.service, field.table, field.column), || {
            BlindIndexer::new(&hierarchy::index_key(&self.key, field))
        })
    }
}

/// Things made once and kept. Bounded by the number of fields, which are constants of the code.
struct Kept<K, V>(RwLock<HashMap<K, Arc<V>>>);

impl<K: Eq + Hash, V> Kept<K, V> {
    fn new() -> Self {
        Self(RwLock::default())
    }

    fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        // A poisoned lock is as good as another: entries are complete before they go in.
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).map(Arc::clone);
        kept.unwrap_or_else(|| {
            let made = Arc::new(make());
            // Two threads may both make it; the first one's stays, and both are the same key.
            Arc::clone(self.0.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(made))
        })
    }
}

#[cfg(test)]
mod tests;
