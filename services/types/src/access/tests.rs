use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Action, Privacy, RPCS, SERVICE_CALLS, Seat, Who, may, may_call, service_at, who_may_call};
use crate::{Caller, PersonId, Service, SessionId, TenantId};

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(1))
}

fn person(administrator: bool) -> Caller {
    let id = PersonId::from_uuid(Uuid::from_u128(2));
    Caller::person_of(tenant(), id, SessionId::from_uuid(Uuid::from_u128(3)), administrator)
}

#[test]
fn no_call_stands_twice_in_the_table() {
    let paths: BTreeSet<_> = RPCS.iter().map(|(path, _)| path).collect();
    assert_eq!(paths.len(), RPCS.len());
}

#[test]
fn an_unknown_call_is_nobodys() {
    assert_eq!(who_may_call("/freehold.content.v1.ContentService/DropEverything"), None);
}

#[test]
fn each_circle_includes_exactly_its_callers() {
    let service = Caller::service(Service::Content, tenant());
    let operator = Caller::operator(None);
    let callers = [None, Some(person(false)), Some(person(true)), Some(service), Some(operator)];
    let rows = [
        (Who::Anybody, [true, true, true, true, true]),
        (Who::Everybody, [false, true, true, true, true]),
        (Who::People, [false, true, true, false, false]),
        (Who::Administrators, [false, false, true, true, true]),
        (Who::Services, [false, false, false, true, false]),
        (Who::Operator, [false, false, false, false, true]),
    ];
    for (who, expected) in rows {
        assert_eq!(callers.each_ref().map(|caller| who.includes(caller.as_ref())), expected, "{who:?}");
    }
}

#[test]
fn what_services_call_on_their_own_account_is_open_to_services() {
    for (service, path) in SERVICE_CALLS {
        let caller = Caller::service(*service, tenant());
        assert_eq!(who_may_call(path).map(|who| who.includes(Some(&caller))), Some(true), "{path}");
        assert_eq!(may_call(path, Some(&caller)), Some(true), "{path}");
    }
    let content = Caller::service(Service::Content, tenant());
    assert_eq!(may_call("/freehold.directory.v1.DirectoryService/FindPerson", Some(&content)), Some(false));
}

#[test]
fn every_call_is_answered_by_a_service() {
    assert!(RPCS.iter().all(|(path, _)| service_at(path).is_some()));
    assert_eq!(service_at("/freehold.tenant.v1.TenantService/GetTenant"), Some(Service::Operator));
    assert_eq!(service_at("/freehold.tenant.v2.TenantService/GetTenant"), None);
}

#[test]
fn a_secret_group_shows_nothing_outside() {
    assert!(Action::ALL.iter().all(|action| !may(*action, Privacy::Secret, Seat::Outside)));
}

#[test]
fn only_group_administrators_manage() {
    for privacy in [Privacy::Open, Privacy::Closed, Privacy::Secret] {
        assert!(!may(Action::Manage, privacy, Seat::Outside));
        assert!(!may(Action::Manage, privacy, Seat::Member));
        assert!(may(Action::Manage, privacy, Seat::GroupAdministrator));
    }
}
