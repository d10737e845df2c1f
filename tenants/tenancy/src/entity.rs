//! The tables this crate itself reads and writes.

pub(crate) mod installation;
pub(crate) mod job;
pub(crate) mod operator_token;
pub(crate) mod outbox;
pub(crate) mod schema_migration;
pub(crate) mod tenant;
pub(crate) mod tenant_key;
