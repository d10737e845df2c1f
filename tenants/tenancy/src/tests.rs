use freehold_types::{Caller, Kind, Reason};

use crate::testing::{Place, active, declared, on_both, service};
use crate::{Step, TenantState};

on_both!(declared_provisioned_and_used, the_same_name_is_the_same_tenant);

async fn declared_provisioned_and_used(place: Place) {
    let tenancy = place.open().await;
    let reserved = tenancy.reserve(&declared("meadow")).await.unwrap();
    assert_eq!((reserved.state, reserved.step), (TenantState::Provisioning, Step::Reserved));
    let refused = tenancy.begin(&service(reserved.id)).await.err().unwrap();
    assert_eq!((refused.kind(), refused.reason()), (Kind::NotFound, Reason::TenantNotActive));

    let mut steps = Vec::new();
    tenancy.provision(reserved.id, |step| steps.push(step)).await.unwrap();
    assert_eq!(steps, [Step::Keyed, Step::Built, Step::Migrated]);
    assert!(tenancy.begin(&service(reserved.id)).await.is_err(), "not active yet");
    tenancy.begin(&Caller::operator(Some(reserved.id))).await.unwrap().commit().await.unwrap();

    let tenant = tenancy.activate(reserved.id).await.unwrap();
    assert_eq!((tenant.state, tenant.step), (TenantState::Active, Step::Activated));
    assert_eq!(tenant.company, declared("meadow").company);
    tenancy.begin(&service(tenant.id)).await.unwrap().commit().await.unwrap();
    assert_eq!(tenancy.active_tenants().await.unwrap(), [tenant.id]);
}

async fn the_same_name_is_the_same_tenant(place: Place) {
    let tenancy = place.open().await;
    let first = active(&tenancy, "meadow").await;
    let again = tenancy.reserve(&declared("meadow")).await.unwrap();
    assert_eq!((again.id, again.state), (first, TenantState::Active));
    assert_eq!(tenancy.find_by_name("meadow").await.unwrap().unwrap().id, first);
    assert!(tenancy.find_by_name("brook").await.unwrap().is_none());
    assert_eq!(tenancy.list().await.unwrap().len(), 1);
}
