use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    Action, Privacy, RPCS, SERVICE_CALLS, Scope, Scopes, Seat, Task, Who, may, may_call, service_at, who_may_call,
};
use crate::{Caller, ClientId, PersonId, Role, Roles, Service, SessionId, TenantId};

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(1))
}

fn person(roles: Roles) -> Caller {
    let id = PersonId::from_uuid(Uuid::from_u128(2));
    Caller::person_of(tenant(), id, SessionId::from_uuid(Uuid::from_u128(3)), roles)
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
    let callers = [
        None,
        Some(person(Roles::NONE)),
        Some(person(Roles::NONE.with(Role::Administrator))),
        Some(service),
        Some(operator),
    ];
    let rows = [
        (Who::Anybody, [true, true, true, true, true]),
        (Who::Everybody, [false, true, true, true, true]),
        (Who::People, [false, true, true, false, false]),
        (Who::Holders(Task::ChangeRoles), [false, false, true, true, true]),
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
        assert_eq!(may_call(path, None, Some(&caller)), Some(true), "{path}");
    }
    let content = Caller::service(Service::Content, tenant());
    assert_eq!(may_call("/freehold.directory.v1.DirectoryService/FindPerson", None, Some(&content)), Some(false));
}

#[test]
fn every_call_is_answered_by_a_service() {
    assert!(RPCS.iter().all(|(path, _)| service_at(path).is_some()));
    assert_eq!(service_at("/freehold.tenant.v1.TenantService/GetTenant"), Some(Service::Operator));
    assert_eq!(service_at("/freehold.tenant.v2.TenantService/GetTenant"), None);
}

#[test]
fn a_client_makes_the_calls_of_its_scopes() {
    let client = |scopes| Caller::client(tenant(), ClientId::from_uuid(Uuid::from_u128(4)), scopes);
    let path = "/freehold.directory.v1.DirectoryService/ListPeople";
    let asks = |scope, scopes| may_call(path, scope, Some(&client(scopes)));
    let read: Scopes = [Scope::DirectoryRead].into_iter().collect();
    assert_eq!(asks(Some(Scope::DirectoryRead), read), Some(true));
    assert_eq!(asks(Some(Scope::AuditRead), read), Some(false));
    assert_eq!(asks(None, Scopes::all()), Some(false), "a call that names no scope is not open to clients");
    assert_eq!(may_call("/freehold.auth.v1.AuthService/GetSignInOptions", None, Some(&client(read))), Some(true));
    assert_eq!(
        may_call("/freehold.auth.v1.AuthService/DropAll", Some(Scope::DirectoryRead), Some(&client(read))),
        None
    );
}

#[test]
fn scopes_are_read_as_they_are_written() {
    for bits in 0..1_u32 << Scope::ALL.len() {
        let picked = |(place, scope): (u32, Scope)| (bits & (1 << place) != 0).then_some(scope);
        let scopes: Scopes = (0..).zip(Scope::ALL).filter_map(picked).collect();
        assert_eq!(Scopes::read(&scopes.text()), (!scopes.is_empty()).then_some(scopes));
        assert!(Scopes::all().include(scopes));
        assert_eq!(scopes.include(Scopes::all()), scopes == Scopes::all());
    }
    for other in ["directory", "directory.read ", " directory.read", "directory.read  audit.read", "Directory.Read"] {
        assert_eq!(Scopes::read(other), None, "{other:?}");
    }
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

#[test]
fn only_administrators_change_anything_of_the_company_itself() {
    for task in [Task::ChangeRoles, Task::RunSyncs, Task::ChangeDirectoryAccess] {
        let who: Vec<_> = Role::ALL.into_iter().filter(|role| task.is_for(*role)).collect();
        assert_eq!(who, [Role::Administrator], "{task:?}");
    }
}

#[test]
fn roles_add_up_and_keep_apart() {
    for role in Role::ALL {
        assert_eq!(Role::find(role.name()), Some(role));
        assert_eq!(Role::from_number(role.number()), Some(role));
        assert_eq!(Roles::NONE.with(role).iter().collect::<Vec<_>>(), [role]);
        let others: Roles = Role::ALL.into_iter().filter(|other| *other != role).collect();
        assert!(!others.contains(role));
        for task in Task::ALL {
            assert_eq!(person(Roles::NONE.with(role)).may(task), task.is_for(role));
        }
    }
    assert_eq!(Role::find("owner"), None);
}
