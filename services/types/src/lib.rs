//! The words every Freehold crate shares: ids, the caller, who may call what, faults, pages, periods, money,
//! the clock and secrets.
//!
//! A leaf: it knows no database, no transport, no async and no I/O but reading the clock and the system's
//! randomness, so that everything else may depend on it. It holds no rule of one service only.

pub mod access;
mod caller;
mod clock;
mod fault;
mod id;
mod mint;
mod money;
mod page;
mod period;
mod role;
mod secret;

pub use caller::{Caller, Party, Service};
pub use clock::{Clock, SetClock, SharedClock, SystemClock};
pub use fault::{Fault, Kind, Reason, Violation, Violations};
pub use id::{
    AccessCodeId, AuditEventId, ClaimId, ClientId, CommentId, ConnectionId, ConnectorId, DirectoryGroupId, DirectoryId,
    GroupId, Id, IdKind, IdentityId, InvoiceId, JobId, OutboxEventId, ParseIdError, PasskeyAttemptId, PasskeyId,
    PasswordId, PersonId, PostId, RoleGrantId, RoleGroupId, SessionId, SignInId, SignInNameId, SyncRunId, TenantId,
};
pub use mint::Mint;
pub use money::{Currency, Money, ParseCurrencyError};
pub use page::PageSize;
pub use period::{ParsePeriodError, Period};
pub use role::{Role, Roles};
pub use secret::Secret;
