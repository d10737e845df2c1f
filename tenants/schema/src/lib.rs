//! The tables, written once for both storage engines, and the numbers that sealed columns are bound to.
//!
//! Owns what a tenant's schema and the platform's schema look like; never opens a database and never runs a
//! statement: that is the tenancy crate's work. A migration that was released is never changed, only followed by
//! another one with a higher number. No identities, no triggers, no enums, a primary key on every table: so a
//! tenant can move between servers while it is in use.

pub mod field;
pub mod platform;
pub mod tenant;

use sea_orm_migration::MigrationTrait;

/// Tables whose rows are only ever added: nobody is granted the right to change or remove one.
pub const APPEND_ONLY: &[&str] = &["audit_event"];

/// One migration with its place in the line and the tables it leaves behind.
pub struct Numbered {
    /// Position in the one line of its kind; recorded per tenant.
    pub number: i32,
    /// What to do.
    pub migration: Box<dyn MigrationTrait>,
    /// The tables it creates, for explicit grants: granting on all tables of a schema costs a scan of all tenants.
    pub tables: &'static [&'static str],
}

#[cfg(test)]
mod tests;
