//! Errors of ours, before they meet a transport.

use std::error::Error;
use std::fmt::{self, Display};
use std::time::Duration;

/// The class of a fault; decides the gRPC code and the page a browser shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request itself is wrong; names every wrong field.
    Invalid,
    /// Nobody is signed in, or the token is refused.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The thing does not exist, or is another tenant's, which is the same to the caller.
    NotFound,
    /// The thing exists already.
    AlreadyExists,
    /// The state of things forbids it now; something else has to happen first.
    Conflict,
    /// A limit is used up.
    Exhausted,
    /// A part cannot be reached; the same request may work later.
    Unavailable,
    /// A defect of ours, or of the storage.
    Internal,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// The stable name of what went wrong. `proto/freehold/error/v1/reason.proto` is the clients' view of this list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $variant,)* }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

reasons! {
    /// A field of the request is wrong.
    InvalidRequest "INVALID_REQUEST";
    /// A sign-in is needed.
    SignInNeeded "SIGN_IN_NEEDED";
    /// The caller token is missing, expired, forged or of another installation.
    TokenRefused "TOKEN_REFUSED";
    /// The caller's role does not allow it.
    NotAllowed "NOT_ALLOWED";
    /// The call is about a tenant and the caller token names none.
    TenantNeeded "TENANT_NEEDED";
    /// Only a person can do it.
    PersonNeeded "PERSON_NEEDED";
    /// No such tenant.
    TenantNotFound "TENANT_NOT_FOUND";
    /// The tenant is being provisioned, sealed or erased.
    TenantNotActive "TENANT_NOT_ACTIVE";
    /// No such person.
    PersonNotFound "PERSON_NOT_FOUND";
    /// No such directory.
    DirectoryNotFound "DIRECTORY_NOT_FOUND";
    /// No such directory group.
    DirectoryGroupNotFound "DIRECTORY_GROUP_NOT_FOUND";
    /// The directory server cannot be reached, or broke off.
    DirectoryUnreachable "DIRECTORY_UNREACHABLE";
    /// The directory server refused the bind, the base or the search.
    DirectoryRefused "DIRECTORY_REFUSED";
    /// Another sync run of this directory is under way.
    SyncRunning "SYNC_RUNNING";
    /// The directory tells no changes; it can only be read whole.
    DirectoryNotFollowed "DIRECTORY_NOT_FOLLOWED";
    /// The guard holds the change set; it needs an approval.
    SyncHeld "SYNC_HELD";
    /// The approved change set is not what the directory says any more.
    ChangeSetStale "CHANGE_SET_STALE";
    /// The sync run was undone already, or what it did is not known any more.
    SyncRunUndone "SYNC_RUN_UNDONE";
    /// No such connector, or as many as there may be.
    ConnectorNotFound "CONNECTOR_NOT_FOUND";
    /// The connector's key is not approved, or its proof is wrong.
    ConnectorRefused "CONNECTOR_REFUSED";
    /// No connector reads the directory right now.
    ConnectorAway "CONNECTOR_AWAY";
    /// No such sync run.
    SyncRunNotFound "SYNC_RUN_NOT_FOUND";
    /// No such provisioned user or group, or no such provisioning token.
    ResourceNotFound "RESOURCE_NOT_FOUND";
    /// The resource is not the version that the change is for.
    ResourceChanged "RESOURCE_CHANGED";
    /// A patch names a value that is not there.
    NoTarget "NO_TARGET";
    /// The resource or the request is larger than it may be.
    TooLarge "TOO_LARGE";
    /// No such connection.
    ConnectionNotFound "CONNECTION_NOT_FOUND";
    /// The IdP cannot be reached, or answers nonsense.
    IdpUnavailable "IDP_UNAVAILABLE";
    /// The sign-in was refused; the reason is in the company's log, not in the answer.
    SignInRefused "SIGN_IN_REFUSED";
    /// The logout token is not one of this connection's IdP, or not a new one.
    LogoutRefused "LOGOUT_REFUSED";
    /// The access code is wrong, spent, expired or void.
    AccessCodeRefused "ACCESS_CODE_REFUSED";
    /// No such passkey.
    PasskeyNotFound "PASSKEY_NOT_FOUND";
    /// The passkey cannot be enrolled, or not be removed.
    PasskeyRefused "PASSKEY_REFUSED";
    /// The person does not have the role by hand.
    RoleNotFound "ROLE_NOT_FOUND";
    /// No such client.
    ClientNotFound "CLIENT_NOT_FOUND";
    /// The client's assertion is not accepted, or the client may not have what it asks for.
    ClientRefused "CLIENT_REFUSED";
    /// Too many tries; wait.
    TooManyTries "TOO_MANY_TRIES";
    /// No such session.
    SessionNotFound "SESSION_NOT_FOUND";
    /// No such group.
    GroupNotFound "GROUP_NOT_FOUND";
    /// No such post.
    PostNotFound "POST_NOT_FOUND";
    /// No such comment.
    CommentNotFound "COMMENT_NOT_FOUND";
    /// A thing of that name or id exists already.
    AlreadyExists "ALREADY_EXISTS";
    /// The membership follows a rule and cannot be changed by hand.
    MembershipByRule "MEMBERSHIP_BY_RULE";
    /// The request id was used before with another request.
    RequestIdReused "REQUEST_ID_REUSED";
    /// No such plan, or no subscription.
    SubscriptionNotFound "SUBSCRIPTION_NOT_FOUND";
    /// The period has not ended yet.
    PeriodOpen "PERIOD_OPEN";
    /// No such invoice.
    InvoiceNotFound "INVOICE_NOT_FOUND";
    /// The storage cannot be reached.
    StorageUnavailable "STORAGE_UNAVAILABLE";
    /// The storage is not set up as Freehold needs it.
    StorageRefused "STORAGE_REFUSED";
    /// Another service cannot be reached.
    ServiceUnavailable "SERVICE_UNAVAILABLE";
    /// The call took longer than its deadline.
    DeadlineExceeded "DEADLINE_EXCEEDED";
    /// A defect of ours; the log has the rest under the request's number.
    Internal "INTERNAL";
}

/// One mistake in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, for example `directories[0].url`.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Something that went wrong, in words for whoever asked and with a cause for whoever runs the installation.
///
/// The message is lower case without a full stop, names the kind of thing and quotes its id. The cause never
/// crosses the wire.
#[derive(Debug)]
pub struct Fault(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: Kind,
    reason: Reason,
    message: String,
    cure: Option<String>,
    resource: Option<(&'static str, String)>,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault with its public words.
    #[must_use]
    pub fn new(kind: Kind, reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            reason,
            message: message.into(),
            cure: None,
            resource: None,
            violations: Vec::new(),
            retry_after: None,
            cause: None,
        }))
    }

    /// A request with mistakes, all of them at once.
    #[must_use]
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let message = match violations.as_slice() {
            [only] => format!("{}: {}", only.field, only.message),
            several => format!("the request has {} mistakes", several.len()),
        };
        let mut fault = Self::new(Kind::Invalid, Reason::InvalidRequest, message);
        fault.0.violations = violations;
        fault
    }

    /// A thing that is not there, or not the caller's to see. `what` is the glossary's word for it.
    #[must_use]
    pub fn not_found(reason: Reason, what: &'static str, name: impl Display) -> Self {
        let mut fault = Self::new(Kind::NotFound, reason, format!("there is no {what} {name}"));
        fault.0.resource = Some((what, name.to_string()));
        fault
    }

    /// A defect of ours. `doing` is what was being done; it stays in the log with the cause.
    #[must_use]
    pub fn internal(doing: &str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal, Reason::Internal, format!("something went wrong while {doing}")).because(cause)
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn cure(mut self, cure: impl Into<String>) -> Self {
        self.0.cure = Some(cure.into());
        self
    }

    /// Adds the cause, for the log only.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds when to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The class.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The stable name.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The public words, without the cure.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn how_to_cure(&self) -> Option<&str> {
        self.0.cure.as_deref()
    }

    /// Kind and name of the thing that was not found.
    #[must_use]
    pub fn resource(&self) -> Option<(&'static str, &str)> {
        self.0.resource.as_ref().map(|(what, name)| (*what, name.as_str()))
    }

    /// Every mistake of an invalid request.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// When trying again makes sense.
    #[must_use]
    pub const fn retry(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause.as_deref().map(|cause| {
            let cause: &(dyn Error + 'static) = cause;
            cause
        })
    }
}

/// Collects every mistake of a request, so that the sender sees all of them at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes a mistake.
    pub fn push(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Violation { field: field.into(), message: message.into() });
    }

    /// Notes a mistake when `result` is one, and hands on the value when it is not.
    pub fn take<T, E: Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|mistake| self.push(field, mistake.to_string())).ok()
    }

    /// Adds the mistakes of a part of the request under its path.
    pub fn extend(&mut self, path: &str, others: Vec<Violation>) {
        self.0
            .extend(others.into_iter().map(|v| Violation { field: format!("{path}{}", v.field), message: v.message }));
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many mistakes there are so far.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// Ends the collection.
    ///
    /// # Errors
    /// Invalid, with every mistake, when there is one.
    pub fn finish(self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err(Fault::invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests;
