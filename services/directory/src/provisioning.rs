//! What an IdP pushes over SCIM 2.0 is kept here as the IdP wants it; the sync takes it from here like from any other
//! directory, so the guard, the journal and the undo are the same. A held change is kept, not refused.

pub(crate) mod document;
pub(crate) mod filter;
mod grpc;
pub(crate) mod list;
pub(crate) mod observed;
mod patch;
pub(crate) mod resource;
pub(crate) mod settle;
pub(crate) mod token;

pub use grpc::ProvisioningGrpc;
