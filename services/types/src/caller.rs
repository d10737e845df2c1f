//! Who asks.

use crate::access::{Scopes, Task};
use crate::{ClientId, DirectoryId, Fault, Kind, PersonId, Reason, Role, Roles, SessionId, TenantId};

/// One of our own services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// The operator's own service: tenants are declared here.
    Operator,
    /// Directory sync.
    Directory,
    /// Sign-in and sessions.
    Auth,
    /// Groups and posts.
    Content,
    /// Metering and invoices.
    Billing,
}

impl Service {
    /// All of them, in the order of the architecture drawing.
    pub const ALL: [Self; 5] = [Self::Operator, Self::Directory, Self::Auth, Self::Content, Self::Billing];

    /// The name in tokens, key labels and configuration. Never change one: keys depend on it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Directory => "directory",
            Self::Auth => "auth",
            Self::Content => "content",
            Self::Billing => "billing",
        }
    }

    /// The service of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// Number in database columns. Never change one: rows depend on it.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Operator => 0,
            Self::Directory => 1,
            Self::Auth => 2,
            Self::Content => 3,
            Self::Billing => 4,
        }
    }
}

/// What kind of party a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// A person who signed in.
    Person {
        /// Who.
        id: PersonId,
        /// The session that proves it.
        session: SessionId,
        /// The roles the person has in the tenant.
        roles: Roles,
    },
    /// One of our services, on its own account.
    Service(Service),
    /// An IdP that pushes people into one directory of its company.
    Provisioner {
        /// The one directory it may see and change.
        directory: DirectoryId,
    },
    /// A program of the company, on its own account.
    Client {
        /// Which.
        id: ClientId,
        /// What it may do.
        scopes: Scopes,
    },
    /// Who runs the installation.
    Operator,
}

/// The authenticated party of a request. The tenant comes from here and never from a request field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Who asks.
    pub party: Party,
    /// The tenant the call is about; none only for the operator's own business.
    pub tenant: Option<TenantId>,
}

impl Caller {
    /// A person in their tenant.
    #[must_use]
    pub const fn person_of(tenant: TenantId, id: PersonId, session: SessionId, roles: Roles) -> Self {
        Self { party: Party::Person { id, session, roles }, tenant: Some(tenant) }
    }

    /// A service that works for one tenant.
    #[must_use]
    pub const fn service(service: Service, tenant: TenantId) -> Self {
        Self { party: Party::Service(service), tenant: Some(tenant) }
    }

    /// An IdP that pushes people into a tenant's directory.
    #[must_use]
    pub const fn provisioner(tenant: TenantId, directory: DirectoryId) -> Self {
        Self { party: Party::Provisioner { directory }, tenant: Some(tenant) }
    }

    /// A program of the tenant's company.
    #[must_use]
    pub const fn client(tenant: TenantId, id: ClientId, scopes: Scopes) -> Self {
        Self { party: Party::Client { id, scopes }, tenant: Some(tenant) }
    }

    /// The operator, on the installation's business or on one tenant's.
    #[must_use]
    pub const fn operator(tenant: Option<TenantId>) -> Self {
        Self { party: Party::Operator, tenant }
    }

    /// The tenant this call is about.
    ///
    /// # Errors
    /// Forbidden when the caller has none.
    pub fn tenant(&self) -> Result<TenantId, Fault> {
        self.tenant.ok_or_else(|| {
            Fault::new(Kind::Forbidden, Reason::TenantNeeded, "this call needs a caller token of one tenant")
                .cure("ask TenantService.IssueCallerToken for one")
        })
    }

    /// The person who asks.
    ///
    /// # Errors
    /// Forbidden when the caller is a service or the operator.
    pub fn person(&self) -> Result<PersonId, Fault> {
        match self.party {
            Party::Person { id, .. } => Ok(id),
            Party::Service(_) | Party::Provisioner { .. } | Party::Client { .. } | Party::Operator => {
                Err(Fault::new(Kind::Forbidden, Reason::PersonNeeded, "only a person who signed in can do this"))
            }
        }
    }

    /// Whether the caller may do an administrator's work in its tenant.
    #[must_use]
    pub const fn administrates(&self) -> bool {
        match self.party {
            Party::Person { roles, .. } => roles.contains(Role::Administrator),
            Party::Provisioner { .. } | Party::Client { .. } => false,
            Party::Service(_) | Party::Operator => true,
        }
    }

    /// Whether the caller may do this in its tenant.
    #[must_use]
    pub fn may(&self, task: Task) -> bool {
        match self.party {
            Party::Person { roles, .. } => roles.iter().any(|role| task.is_for(role)),
            Party::Provisioner { .. } | Party::Client { .. } => false,
            Party::Service(_) | Party::Operator => true,
        }
    }
}
