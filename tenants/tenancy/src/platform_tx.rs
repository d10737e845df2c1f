//! A transaction on the operator's own tables.

use std::ops::Deref;

use freehold_types::Fault;

use crate::Tx;

/// A transaction on the operator's own tables: registry, queue, invoices. It sees no tenant's data.
///
/// What it seals is under the platform's key, which outlives every tenant's.
pub struct PlatformTx(Tx);

impl PlatformTx {
    pub(crate) const fn new(tx: Tx) -> Self {
        Self(tx)
    }

    /// Makes everything done here last.
    pub async fn commit(self) -> Result<(), Fault> {
        self.0.commit().await
    }
}

impl Deref for PlatformTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.0
    }
}
