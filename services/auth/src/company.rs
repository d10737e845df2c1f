//! Finding the tenant before there is a caller: by the address in a browser's request.

use freehold_tenancy::{Tenant, TenantState};
use freehold_types::{Caller, Fault, Service};

use crate::Auth;

/// The longest address that can be a tenant's.
const ADDRESS_BYTES_MAX: usize = 63;

/// The tenant in use at this address.
pub(crate) async fn find(auth: &Auth, address: &str) -> Result<Option<Tenant>, Fault> {
    if address.is_empty() || address.len() > ADDRESS_BYTES_MAX {
        return Ok(None);
    }
    let found = auth.deps.tenancy.find_by_name(address).await?;
    Ok(found.filter(|tenant| tenant.state == TenantState::Active))
}

/// This service, at work for the tenant of a caller.
pub(crate) fn service_of(caller: &Caller) -> Result<Caller, Fault> {
    Ok(Caller::service(Service::Auth, caller.tenant()?))
}

/// This service, at work for a tenant whose caller is not known yet.
pub(crate) const fn on_behalf(tenant: &Tenant) -> Caller {
    Caller::service(Service::Auth, tenant.id)
}
