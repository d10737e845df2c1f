//! Typed ids: a UUIDv7 that says what it names, so that a person's id cannot be passed for a group's.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::Uuid;

/// What an id names; gives the prefix of its text form.
pub trait IdKind: 'static {
    /// Three letters before the underscore, for example `per`.
    const PREFIX: &'static str;
}

/// A 128-bit id, time-ordered (UUIDv7, RFC 9562). Text form: prefix, underscore, 32 hexadecimal digits.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K: IdKind> Id<K> {
    /// Takes a UUID as it comes from a database row or a mint.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// The UUID, for a database column or a sealing row id.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind looks like {prefix}_ and 32 hexadecimal digits")]
pub struct ParseIdError {
    prefix: &'static str,
}

impl<K: IdKind> FromStr for Id<K> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let refuse = || ParseIdError { prefix: K::PREFIX };
        let digits = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or_else(refuse)?;
        // One id, one text: Uuid's parser would also take upper case, braces and hyphens.
        if digits.len() != 32 || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(refuse());
        }
        Uuid::try_parse(digits).map(Self::from_uuid).map_err(|_malformed| refuse())
    }
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.uuid.simple())
    }
}

impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// Derives would ask the same of `K`, which is never instantiated.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $alias:ident = $kind:ident $prefix:literal;)*) => {
        /// The kinds of id, never instantiated.
        pub mod kind {
            $(#[doc = concat!("Kind of [`super::", stringify!($alias), "`].")]
            pub enum $kind {}
            impl super::IdKind for $kind {
                const PREFIX: &'static str = $prefix;
            })*
        }
        $($(#[$doc])* pub type $alias = Id<kind::$kind>;)*
    };
}

ids! {
    /// A tenant: one company's key, schema and registry row.
    TenantId = Tenant "ten";
    /// A person known to a tenant.
    PersonId = Person "per";
    /// A configured directory of a tenant.
    DirectoryId = Directory "dir";
    /// A group mirrored from a directory.
    DirectoryGroupId = DirectoryGroup "dgr";
    /// One execution of reading a directory.
    SyncRunId = SyncRun "run";
    /// A key that may read a directory from inside the company's network.
    ConnectorId = Connector "cnn";
    /// A tenant's trust in one IdP.
    ConnectionId = Connection "con";
    /// A subject at a connection, linked to a person.
    IdentityId = Identity "idn";
    /// What a successful sign-in leaves.
    SessionId = Session "ses";
    /// One attempt to sign in.
    SignInId = SignIn "sgn";
    /// A one-time code with which a person claims an account.
    AccessCodeId = AccessCode "acc";
    /// An access code on its way to being an account.
    ClaimId = Claim "clm";
    /// A person's password and authenticator app.
    PasswordId = Password "pwd";
    /// A key on a person's device.
    PasskeyId = Passkey "psk";
    /// A passkey that is being asked for.
    PasskeyAttemptId = PasskeyAttempt "psa";
    /// A program of the company that calls on its own account.
    ClientId = Client "cli";
    /// A name under which a person signs in with a password.
    SignInNameId = SignInName "sin";
    /// A role that a person was given by hand.
    RoleGrantId = RoleGrant "rol";
    /// A directory group whose members have a role.
    RoleGroupId = RoleGroup "rlg";
    /// A place where people post.
    GroupId = Group "grp";
    /// A post in a group.
    PostId = Post "pst";
    /// A comment under a post.
    CommentId = Comment "cmt";
    /// An invoice, draft or issued.
    InvoiceId = Invoice "inv";
    /// An event written in the transaction it tells of.
    OutboxEventId = OutboxEvent "evt";
    /// An event in a tenant's audit log.
    AuditEventId = AuditEvent "aud";
    /// A job in the queue.
    JobId = Job "job";
}

#[cfg(test)]
mod tests;
