//! The tenants in use at the moment, with their keys, so that a request costs no look-up in the registry.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use freehold_types::TenantId;
use freehold_vault::TenantKeys;
use tokio::time::Instant;

use crate::registry::Entry;

/// How long a sealed or erased tenant may still be entered through another process.
const FRESH_MS: u64 = 2_000;
/// More tenants than this are not kept.
const TENANTS_MAX: usize = 4_096;

/// A tenant and its keys as they were a moment ago.
pub(crate) struct OpenTenant {
    pub(crate) entry: Entry,
    pub(crate) keys: TenantKeys,
}

#[derive(Default)]
pub(crate) struct OpenTenants(Mutex<HashMap<TenantId, (Instant, std::sync::Arc<OpenTenant>)>>);

impl OpenTenants {
    pub(crate) fn find(&self, id: TenantId) -> Option<std::sync::Arc<OpenTenant>> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(&id).filter(|(since, _)| fresh(*since)).map(|(_, open)| open.clone())
    }

    pub(crate) fn keep(&self, open: std::sync::Arc<OpenTenant>) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= TENANTS_MAX {
            map.retain(|_, (since, _)| fresh(*since));
        }
        if map.len() < TENANTS_MAX {
            map.insert(open.entry.id, (Instant::now(), open));
        }
    }

    pub(crate) fn forget(&self, id: TenantId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

fn fresh(since: Instant) -> bool {
    since.elapsed() < Duration::from_millis(FRESH_MS)
}
