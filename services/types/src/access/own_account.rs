//! What our services may call on their own account, and what clients may call.

use super::{Scope, Who, who_may_call};
use crate::{Caller, Party, Service};

/// The calls that our services make on their own account, for whichever tenant their work is about. A service that acts
/// for a person or the operator calls as them, and may what they may.
pub const SERVICE_CALLS: &[(Service, &str)] = &[
    (Service::Operator, "/freehold.auth.v1.AuthService/CheckSessions"),
    (Service::Operator, "/freehold.auth.v1.AuthService/FollowSessions"),
    (Service::Directory, "/freehold.auth.v1.AuthService/CheckSessions"),
    (Service::Directory, "/freehold.auth.v1.AuthService/EndPeopleSessions"),
    (Service::Directory, "/freehold.auth.v1.AuthService/FollowSessions"),
    (Service::Directory, "/freehold.auth.v1.RoleService/ListRoles"),
    (Service::Directory, "/freehold.content.v1.ContentService/RefreshMemberships"),
    (Service::Auth, "/freehold.auth.v1.AuthService/CheckSessions"),
    (Service::Auth, "/freehold.auth.v1.AuthService/FollowSessions"),
    (Service::Auth, "/freehold.directory.v1.DirectoryService/BatchGetPeople"),
    (Service::Auth, "/freehold.directory.v1.DirectoryService/CheckMembers"),
    (Service::Auth, "/freehold.directory.v1.DirectoryService/FindPerson"),
    (Service::Auth, "/freehold.directory.v1.DirectoryService/ListPeople"),
    (Service::Auth, "/freehold.directory.v1.DirectoryService/SelectPeople"),
    (Service::Content, "/freehold.auth.v1.AuthService/CheckSessions"),
    (Service::Content, "/freehold.auth.v1.AuthService/FollowSessions"),
    (Service::Content, "/freehold.directory.v1.DirectoryService/SelectPeople"),
    (Service::Billing, "/freehold.auth.v1.AuthService/CheckSessions"),
    (Service::Billing, "/freehold.auth.v1.AuthService/FollowSessions"),
];

/// Whether this caller may make the call at `path`, whose contract names `scope`, or nothing when nobody decided yet. `None`
/// is a call without a token.
#[must_use]
pub fn may_call(path: &str, scope: Option<Scope>, caller: Option<&Caller>) -> Option<bool> {
    let who = who_may_call(path)?;
    if let Some(Party::Client { scopes, .. }) = caller.map(|caller| caller.party) {
        return Some(who == Who::Anybody || scope.is_some_and(|scope| scopes.contains(scope)));
    }
    let own_account = match caller.map(|caller| caller.party) {
        Some(Party::Service(service)) => who == Who::Anybody || SERVICE_CALLS.contains(&(service, path)),
        Some(Party::Person { .. } | Party::Provisioner { .. } | Party::Client { .. } | Party::Operator) | None => true,
    };
    Some(own_account && who.includes(caller))
}

/// The service that answers the call at `path`.
#[must_use]
pub fn service_at(path: &str) -> Option<Service> {
    let area = path.strip_prefix("/freehold.")?.split_once(".v1.")?.0;
    if area == "tenant" { Some(Service::Operator) } else { Service::find(area) }
}
