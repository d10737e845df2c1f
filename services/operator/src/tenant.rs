//! What the operator sees of tenants, and the token with which the operator acts inside one.

use freehold_audit::{Event, record};
use freehold_tenancy::{Step, Tenant, TenantState};
use freehold_types::{Caller, Fault, PageSize, TenantId};
use freehold_wire::IssuedToken;
use uuid::Uuid;

use crate::{Deps, fault};

/// Name of the list in page tokens.
const LIST: &str = "tenants";

/// The tenant of that name.
///
/// # Errors
/// Not found when there is none.
pub(crate) async fn get(deps: &Deps, name: &str) -> Result<Tenant, Fault> {
    deps.tenancy.find_by_name(name).await?.ok_or_else(|| fault::tenant_not_found(name))
}

/// A page of all tenants by name, and the token of the next one. Names are sealed, so they are sorted here.
///
/// # Errors
/// Invalid when the page token is not ours.
pub(crate) async fn list(
    deps: &Deps,
    caller: &Caller,
    size: PageSize,
    token: &str,
) -> Result<(Vec<Tenant>, String), Fault> {
    let last_seen = deps.pages.decode(caller, LIST, token)?.and_then(|position| Uuid::from_slice(&position).ok());
    let all = deps.tenancy.list().await?;
    let (page, next) = page(all, last_seen.map(TenantId::from_uuid), size);
    let next = next.map(|last| deps.pages.encode(caller, LIST, last.uuid().as_bytes()));
    Ok((page, next.unwrap_or_default()))
}

/// The tenants behind `last_seen` by name, and the last of them when more follow.
fn page(mut all: Vec<Tenant>, last_seen: Option<TenantId>, size: PageSize) -> (Vec<Tenant>, Option<TenantId>) {
    all.sort_by(|one, other| one.name.cmp(&other.name));
    let seen = match last_seen {
        // A tenant that is gone since ends the list, rather than beginning it anew.
        Some(id) => all.iter().position(|tenant| tenant.id == id).map_or(all.len(), |place| place + 1),
        None => 0,
    };
    let more = all.len() > seen + size.len();
    let page: Vec<Tenant> = all.into_iter().skip(seen).take(size.len()).collect();
    let last = page.last().map(|tenant| tenant.id).filter(|_| more);
    (page, last)
}

/// A caller token with which the operator acts inside the tenant of that name.
///
/// # Errors
/// Not found when there is none.
pub(crate) async fn issue_caller_token(deps: &Deps, name: &str) -> Result<IssuedToken, Fault> {
    let tenant = get(deps, name).await?;
    let caller = Caller::operator(Some(tenant.id));
    // Before it is in use, a company may have no log yet, and has nobody who could read it.
    if tenant.state == TenantState::Active {
        let tx = deps.tenancy.begin(&caller).await?;
        record(&tx, &caller, Event::OperatorEntered).await?;
        tx.commit().await?;
    }
    tracing::info!(tenant.id = %tenant.id, "the operator was given a caller token");
    deps.signer.sign(&caller)
}

/// Version of a tenant's tables. Opening the storage brings every complete tenant up to date, so it is the newest one.
pub(crate) fn schema_version(tenant: &Tenant) -> i32 {
    if tenant.step < Step::Migrated {
        return 0;
    }
    freehold_schema::tenant::migrations().last().map_or(0, |newest| newest.number)
}

#[cfg(test)]
mod tests;
