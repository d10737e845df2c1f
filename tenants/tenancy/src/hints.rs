//! Which outboxes just got something, within this process. Lossy: a poll repairs what a hint missed.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use freehold_types::{Service, TenantId};
use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct Hints {
    fresh: Mutex<HashSet<(Service, TenantId)>>,
    changed: Notify,
}

impl Hints {
    /// Tells those who wait that these services wrote events for this tenant.
    pub(crate) fn give(&self, tenant: TenantId, owners: impl IntoIterator<Item = Service>) {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.extend(owners.into_iter().map(|owner| (owner, tenant)));
        drop(fresh);
        self.changed.notify_waiters();
    }

    /// Waits for tenants with events of this service; none when nothing came in time.
    pub(crate) async fn take(&self, owner: Service, at_most: Duration) -> Vec<TenantId> {
        let wait = async {
            loop {
                let mut changed = std::pin::pin!(self.changed.notified());
                // Listen before looking, or a hint between the two would be missed.
                changed.as_mut().enable();
                let tenants = self.take_now(owner);
                if !tenants.is_empty() {
                    return tenants;
                }
                changed.await;
            }
        };
        tokio::time::timeout(at_most, wait).await.unwrap_or_default()
    }

    fn take_now(&self, owner: Service) -> Vec<TenantId> {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let tenants: Vec<TenantId> = fresh.iter().filter(|hint| hint.0 == owner).map(|hint| hint.1).collect();
        fresh.retain(|hint| hint.0 != owner);
        tenants
    }
}
