//! A transaction that can see exactly one tenant.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use freehold_types::{Fault, Service, TenantId};

use crate::{Tenancy, Tx, outbox};

/// A transaction that can see exactly one tenant: the caller's.
///
/// Never hold one over a call to another service: on SQLite a tenant has one writer, which would wait for itself.
pub struct TenantTx {
    tx: Tx,
    tenant: TenantId,
    tenancy: Tenancy,
    wrote_events: Mutex<BTreeSet<Service>>,
}

impl TenantTx {
    pub(crate) const fn new(tx: Tx, tenant: TenantId, tenancy: Tenancy) -> Self {
        Self { tx, tenant, tenancy, wrote_events: Mutex::new(BTreeSet::new()) }
    }

    /// Whose data this is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Writes an event that is relayed once this transaction is committed, and never if it is not.
    pub async fn put_event(&self, owner: Service, topic: &'static str, payload: &[u8]) -> Result<(), Fault> {
        outbox::put(self, self.tenancy.positions(), owner, topic, payload).await?;
        self.wrote_events.lock().unwrap_or_else(PoisonError::into_inner).insert(owner);
        Ok(())
    }

    /// Makes everything done here last.
    pub async fn commit(self) -> Result<(), Fault> {
        self.tx.commit().await?;
        let owners = self.wrote_events.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !owners.is_empty() {
            self.tenancy.hints().give(self.tenant, owners);
        }
        Ok(())
    }
}

impl Deref for TenantTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}
