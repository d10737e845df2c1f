//! Billing: who was active in a month, what it costs, and the invoice that says so.
//!
//! Owns plans, subscriptions, the count of active people and invoices, all in the operator's own tables, because an
//! invoice outlives a company's data. It never stores who was active, when or with what: only pseudonyms that nobody
//! can link from one month to the next. It never changes an issued invoice, never gives a number twice and never
//! leaves one out, and never stops anybody from working.

mod close;
mod convert;
mod entity;
mod fault;
mod grpc;
mod invoice;
mod plan;
mod pricing;
mod store;
mod subscription;
#[cfg(test)]
mod testing;
mod usage;

use freehold_proto::billing::v1::billing_service_server::{BillingService, BillingServiceServer};
use freehold_tenancy::{Tenancy, Tenant};
use freehold_types::{Caller, Fault};
use freehold_wire::PageTokens;

/// What the service needs. Cheap to clone.
#[derive(Clone)]
pub struct Deps {
    tenancy: Tenancy,
    pages: PageTokens,
}

impl Deps {
    /// The database with its clock and keys, and what makes page tokens.
    #[must_use]
    pub const fn new(tenancy: Tenancy, pages: PageTokens) -> Self {
        Self { tenancy, pages }
    }
}

/// The service, to be put behind a gate.
#[must_use]
pub fn server(deps: Deps) -> BillingServiceServer<impl BillingService> {
    BillingServiceServer::new(grpc::Grpc::new(deps))
}

/// Background work: closes each month after it has ended. Never returns; ends when it is dropped.
pub async fn jobs(deps: Deps) {
    close::every_month(&deps).await;
}

/// The caller's tenant, if the caller may enter it now. Our tables are not the tenant's, so nothing else would ask.
async fn enter(deps: &Deps, caller: &Caller) -> Result<Tenant, Fault> {
    deps.tenancy.keys(caller).await?;
    deps.tenancy.get(caller.tenant()?).await
}
