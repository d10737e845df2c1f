//! One company's data, apart from every other's: the only crate that opens a database.
//!
//! Owns the registry of tenants, their provisioning and migration, the two storage engines, and the two transactions
//! ([`TenantTx`], [`PlatformTx`]) that are the only way to a query. On PostgreSQL a tenant is a schema and a role,
//! entered with every transaction; on SQLite it is a file. Values are sealed before they reach either.
//! Holds no rule of any service and makes no key: that is the vault's work. Raw SQL does not leave this crate.

mod column;
mod doctor;
mod engine;
mod entity;
mod fault;
mod hints;
mod identifier;
mod migrate;
mod open_tenants;
mod operator_token;
mod outbox;
mod platform_tx;
mod provision;
mod queue;
mod registry;
mod storage;
mod tenancy;
mod tenant_tx;
mod tx;

pub use column::{BlindIndex, Sealed};
pub use doctor::Finding;
pub use outbox::Event;
pub use platform_tx::PlatformTx;
pub use provision::Step;
pub use queue::Job;
pub use registry::{Declaration, Tenant, TenantState};
pub use storage::Storage;
pub use tenancy::Tenancy;
pub use tenant_tx::TenantTx;
pub use tx::Tx;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
