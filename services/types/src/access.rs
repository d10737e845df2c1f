//! Who may do what: one table for calls and one function for what happens inside a group.
//!
//! A call that is not in the table is refused to everybody, so a new RPC cannot be reached before somebody decided
//! who may.

mod own_account;
mod scope;
mod task;

use crate::{Caller, Party};

pub use own_account::{SERVICE_CALLS, may_call, service_at};
pub use scope::{Scope, Scopes};
pub use task::{Line, Task};

/// Who may make a call at all. What a caller may do with one particular group is decided by [`may`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in or not: the way in.
    Anybody,
    /// The operator with the operator's token, and nobody else.
    Operator,
    /// One of our services.
    Services,
    /// Those of the tenant's people whom the table of tasks names, the operator and our services.
    Holders(Task),
    /// A person of the tenant who signed in.
    People,
    /// A person, the operator or a service, within one tenant.
    Everybody,
    /// An IdP with a provisioning token of one directory, and nobody else.
    Provisioners,
}

impl Who {
    /// Whether this caller is among them. `None` is a call without a token.
    #[must_use]
    pub fn includes(self, caller: Option<&Caller>) -> bool {
        let Some(caller) = caller else { return self == Self::Anybody };
        match self {
            Self::Anybody => true,
            Self::Operator => caller.party == Party::Operator,
            Self::Services => matches!(caller.party, Party::Service(_)),
            Self::Holders(task) => caller.may(task),
            Self::People => matches!(caller.party, Party::Person { .. }),
            Self::Everybody => !matches!(caller.party, Party::Provisioner { .. } | Party::Client { .. }),
            Self::Provisioners => matches!(caller.party, Party::Provisioner { .. }),
        }
    }
}

/// Every RPC and who may call it.
pub const RPCS: &[(&str, Who)] = &[
    ("/freehold.tenant.v1.TenantService/ApplyTenant", Who::Operator),
    ("/freehold.tenant.v1.TenantService/GetTenant", Who::Operator),
    ("/freehold.tenant.v1.TenantService/IssueCallerToken", Who::Operator),
    ("/freehold.tenant.v1.TenantService/ListTenants", Who::Operator),
    ("/freehold.directory.v1.DirectoryService/ApplyDirectories", Who::Operator),
    ("/freehold.directory.v1.DirectoryService/BatchGetPeople", Who::Everybody),
    ("/freehold.directory.v1.DirectoryService/CheckDirectory", Who::Holders(Task::RunSyncs)),
    ("/freehold.directory.v1.DirectoryService/CheckMembers", Who::Services),
    ("/freehold.directory.v1.DirectoryService/FindPerson", Who::Services),
    ("/freehold.directory.v1.DirectoryService/FollowDirectory", Who::Holders(Task::ReadDirectories)),
    ("/freehold.directory.v1.DirectoryService/GetPerson", Who::Everybody),
    ("/freehold.directory.v1.DirectoryService/GetPersonPhoto", Who::Everybody),
    ("/freehold.directory.v1.DirectoryService/ListDirectories", Who::Holders(Task::ReadDirectories)),
    ("/freehold.directory.v1.DirectoryService/ListPeople", Who::Everybody),
    ("/freehold.directory.v1.DirectoryService/ListSyncRuns", Who::Holders(Task::ReadDirectories)),
    ("/freehold.directory.v1.DirectoryService/PreviewSync", Who::Holders(Task::RunSyncs)),
    ("/freehold.directory.v1.DirectoryService/SelectPeople", Who::Services),
    ("/freehold.directory.v1.DirectoryService/SyncDirectory", Who::Holders(Task::RunSyncs)),
    ("/freehold.directory.v1.DirectoryService/UndoSyncRun", Who::Holders(Task::RunSyncs)),
    ("/freehold.directory.v1.ProvisioningService/AuthenticateToken", Who::Anybody),
    ("/freehold.directory.v1.ProvisioningService/DeleteResource", Who::Provisioners),
    ("/freehold.directory.v1.ProvisioningService/GetResource", Who::Provisioners),
    ("/freehold.directory.v1.ProvisioningService/IssueToken", Who::Holders(Task::ChangeDirectoryAccess)),
    ("/freehold.directory.v1.ProvisioningService/ListResources", Who::Provisioners),
    ("/freehold.directory.v1.ProvisioningService/ListTokens", Who::Holders(Task::ChangeDirectoryAccess)),
    ("/freehold.directory.v1.ProvisioningService/PatchResource", Who::Provisioners),
    ("/freehold.directory.v1.ProvisioningService/PutResource", Who::Provisioners),
    ("/freehold.directory.v1.ProvisioningService/RevokeToken", Who::Holders(Task::ChangeDirectoryAccess)),
    ("/freehold.directory.v1.ConnectorService/ApproveConnector", Who::Holders(Task::ChangeDirectoryAccess)),
    ("/freehold.directory.v1.ConnectorService/Attach", Who::Anybody),
    ("/freehold.directory.v1.ConnectorService/Enrol", Who::Anybody),
    ("/freehold.directory.v1.ConnectorService/ListConnectors", Who::Holders(Task::ChangeDirectoryAccess)),
    ("/freehold.directory.v1.ConnectorService/RemoveConnector", Who::Holders(Task::ChangeDirectoryAccess)),
    ("/freehold.auth.v1.AuthService/ApplyConnections", Who::Operator),
    ("/freehold.auth.v1.AuthService/Authenticate", Who::Anybody),
    ("/freehold.auth.v1.AuthService/BeginPasskeyClaim", Who::Anybody),
    ("/freehold.auth.v1.AuthService/BeginPasskeyEnrolment", Who::People),
    ("/freehold.auth.v1.AuthService/BeginPasskeySignIn", Who::Anybody),
    ("/freehold.auth.v1.AuthService/BeginSignIn", Who::Anybody),
    ("/freehold.auth.v1.AuthService/CheckSessions", Who::Services),
    ("/freehold.auth.v1.AuthService/CompleteClaim", Who::Anybody),
    ("/freehold.auth.v1.AuthService/CompletePasskeyClaim", Who::Anybody),
    ("/freehold.auth.v1.AuthService/EndPeopleSessions", Who::Services),
    ("/freehold.auth.v1.AuthService/EndOtherSessions", Who::People),
    ("/freehold.auth.v1.AuthService/EndSession", Who::People),
    ("/freehold.auth.v1.AuthService/FinishPasskeyEnrolment", Who::People),
    ("/freehold.auth.v1.AuthService/FinishPasskeySignIn", Who::Anybody),
    ("/freehold.auth.v1.AuthService/FinishSignIn", Who::Anybody),
    ("/freehold.auth.v1.AuthService/FollowSessions", Who::Services),
    ("/freehold.auth.v1.AuthService/GetClaim", Who::Anybody),
    ("/freehold.auth.v1.AuthService/GetSignInOptions", Who::Anybody),
    ("/freehold.auth.v1.AuthService/IssueAccessCodes", Who::Holders(Task::IssueAccessCodes)),
    ("/freehold.auth.v1.AuthService/ListAuditEvents", Who::Holders(Task::ReadAuditLog)),
    ("/freehold.auth.v1.AuthService/ListConnections", Who::Holders(Task::ReadConnections)),
    ("/freehold.auth.v1.AuthService/ListPasskeys", Who::People),
    ("/freehold.auth.v1.AuthService/ListSessions", Who::People),
    ("/freehold.auth.v1.AuthService/OpenSignInLink", Who::Anybody),
    ("/freehold.auth.v1.AuthService/RedeemAccessCode", Who::Anybody),
    ("/freehold.auth.v1.AuthService/RemovePasskey", Who::People),
    ("/freehold.auth.v1.AuthService/ShortenSession", Who::People),
    ("/freehold.auth.v1.AuthService/SignInWithPassword", Who::Anybody),
    ("/freehold.auth.v1.AuthService/TakeLogoutToken", Who::Anybody),
    ("/freehold.auth.v1.AuthService/VerifyAuditLog", Who::Holders(Task::ReadAuditLog)),
    ("/freehold.auth.v1.CallerService/GetSigningKeys", Who::Anybody),
    ("/freehold.auth.v1.CallerService/IssueClientToken", Who::Anybody),
    ("/freehold.auth.v1.CallerService/ListClients", Who::Holders(Task::ChangeClients)),
    ("/freehold.auth.v1.CallerService/RegisterClient", Who::Holders(Task::ChangeClients)),
    ("/freehold.auth.v1.CallerService/RemoveClient", Who::Holders(Task::ChangeClients)),
    ("/freehold.auth.v1.RoleService/GrantRole", Who::Holders(Task::ChangeRoles)),
    ("/freehold.auth.v1.RoleService/ListAreaPeople", Who::Holders(Task::IssueAccessCodes)),
    ("/freehold.auth.v1.RoleService/ListRoles", Who::Holders(Task::ReadRoles)),
    ("/freehold.auth.v1.RoleService/RevokeRole", Who::Holders(Task::ChangeRoles)),
    ("/freehold.content.v1.ContentService/AddMember", Who::People),
    ("/freehold.content.v1.ContentService/ApplyGroups", Who::Operator),
    ("/freehold.content.v1.ContentService/CreateComment", Who::People),
    ("/freehold.content.v1.ContentService/CreateGroup", Who::People),
    ("/freehold.content.v1.ContentService/CreatePost", Who::People),
    ("/freehold.content.v1.ContentService/GetGroup", Who::People),
    ("/freehold.content.v1.ContentService/GetPost", Who::People),
    ("/freehold.content.v1.ContentService/JoinGroup", Who::People),
    ("/freehold.content.v1.ContentService/LeaveGroup", Who::People),
    ("/freehold.content.v1.ContentService/ListComments", Who::People),
    ("/freehold.content.v1.ContentService/ListFeed", Who::People),
    ("/freehold.content.v1.ContentService/ListGroups", Who::People),
    ("/freehold.content.v1.ContentService/ListMembers", Who::People),
    ("/freehold.content.v1.ContentService/ListPosts", Who::People),
    ("/freehold.content.v1.ContentService/RefreshMemberships", Who::Services),
    ("/freehold.content.v1.ContentService/RemoveMember", Who::People),
    ("/freehold.content.v1.ContentService/RemoveReaction", Who::People),
    ("/freehold.content.v1.ContentService/SetReaction", Who::People),
    ("/freehold.content.v1.ContentService/UpdateGroup", Who::People),
    ("/freehold.content.v1.ContentService/Watch", Who::People),
    ("/freehold.billing.v1.BillingService/ApplySubscription", Who::Operator),
    ("/freehold.billing.v1.BillingService/ClosePeriod", Who::Operator),
    ("/freehold.billing.v1.BillingService/GetInvoice", Who::Holders(Task::ReadInvoices)),
    ("/freehold.billing.v1.BillingService/GetSubscription", Who::Holders(Task::ReadInvoices)),
    ("/freehold.billing.v1.BillingService/ListInvoices", Who::Holders(Task::ReadInvoices)),
    ("/freehold.billing.v1.BillingService/ListPlans", Who::Anybody),
    ("/freehold.billing.v1.BillingService/PreviewInvoice", Who::Holders(Task::ReadInvoices)),
    ("/freehold.billing.v1.BillingService/RecordActivity", Who::People),
];

/// Who may make the call at `path`, or nothing when nobody decided yet.
#[must_use]
pub fn who_may_call(path: &str) -> Option<Who> {
    RPCS.iter().find(|(known, _)| *known == path).map(|(_, who)| *who)
}

/// How a group shows itself to people outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Everybody in the company sees it, reads it and may join.
    Open,
    /// Everybody in the company sees that it exists; only members read it.
    Closed,
    /// Only members know of it.
    Secret,
}

/// Where a person stands towards a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// Not a member.
    Outside,
    /// A member.
    Member,
    /// A member who looks after the group.
    GroupAdministrator,
}

/// What can be done with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See that it exists, its name, purpose and size.
    SeeGroup,
    /// Read posts, comments and the list of members.
    Read,
    /// Become a member without being asked.
    Join,
    /// Stop being a member.
    Leave,
    /// Publish a post.
    Publish,
    /// Comment and react.
    Respond,
    /// Change name and purpose, add and remove members.
    Manage,
}

impl Action {
    /// All actions, in the order of the golden table.
    pub const ALL: [Self; 7] =
        [Self::SeeGroup, Self::Read, Self::Join, Self::Leave, Self::Publish, Self::Respond, Self::Manage];
}

/// Whether somebody with this seat may do this in a group of this privacy.
#[must_use]
pub const fn may(action: Action, privacy: Privacy, seat: Seat) -> bool {
    match (action, seat) {
        (Action::SeeGroup | Action::Read | Action::Leave | Action::Publish | Action::Respond, Seat::Member) => true,
        (Action::Join, Seat::Member | Seat::GroupAdministrator) => false,
        (_, Seat::GroupAdministrator) => true,
        (Action::SeeGroup, Seat::Outside) => !matches!(privacy, Privacy::Secret),
        (Action::Read | Action::Join, Seat::Outside) => matches!(privacy, Privacy::Open),
        (Action::Leave | Action::Publish | Action::Respond, Seat::Outside) | (Action::Manage, _) => false,
    }
}

#[cfg(test)]
mod tests;
