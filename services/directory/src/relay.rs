//! Delivers this service's outbox events to the services that must act: auth ends sessions, content computes members
//! again. An event may be delivered twice; both calls are safe to repeat.

use freehold_proto::auth::v1::EndPeopleSessionsRequest;
use freehold_proto::content::v1::RefreshMembershipsRequest;
use freehold_tenancy::Event;
use freehold_types::{Caller, Fault, Service, TenantId};
use freehold_wire::fault;
use prost::Message as _;

use crate::Deps;
use crate::events::{PEOPLE_CHANGED, PEOPLE_LEFT, PeopleLeft};

/// Delivers what the caller's tenant has waiting.
pub(crate) async fn deliver(deps: &Deps, caller: &Caller) -> Result<(), Fault> {
    deliver_for(deps, caller.tenant()?).await
}

/// Delivers what a tenant has waiting. A service that cannot be reached leaves the event for the next time.
pub(crate) async fn deliver_for(deps: &Deps, tenant: TenantId) -> Result<(), Fault> {
    let deliver = |event: Event| async move { hand_over(deps, tenant, event).await };
    deps.tenancy.relay(tenant, Service::Directory, deliver).await.map(|_delivered| ())
}

async fn hand_over(deps: &Deps, tenant: TenantId, event: Event) -> Result<(), Fault> {
    let mut calls = deps.clients.signed(&Caller::service(Service::Directory, tenant))?;
    match event.topic.as_str() {
        PEOPLE_LEFT => {
            let left = PeopleLeft::decode(event.payload.as_slice())
                .map_err(|error| Fault::internal("reading an outbox event", error))?;
            let request = EndPeopleSessionsRequest { person_ids: left.person_ids.clone() };
            calls.auth.end_people_sessions(request).await.map_err(fault)?;
            deps.leavers.ended(&left.person_ids, deps.mint.now());
        }
        PEOPLE_CHANGED => {
            calls.content.refresh_memberships(RefreshMembershipsRequest {}).await.map_err(fault)?;
        }
        other => return Err(Fault::internal("delivering an outbox event", format!("unknown topic {other}"))),
    }
    Ok(())
}
