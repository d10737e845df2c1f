//! The operator's service: companies are declared here.
//!
//! Owns nothing but the order of things: it reads a manifest, asks every service what is wrong with its part before
//! anything exists, leads the tenancy through its recorded steps, and hands each service its part. It also makes the
//! operator's token and lends the operator a caller token for one tenant. It never opens a company's data and keeps no
//! setting of any service.

mod apply;
mod convert;
mod fault;
mod grpc;
mod parts;
mod tenant;
pub mod token;

use freehold_proto::tenant::v1::tenant_service_server::{TenantService, TenantServiceServer};
use freehold_tenancy::Tenancy;
use freehold_wire::{Clients, PageTokens, TokenSigner};

/// What an operator sets.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people enter, without a slash at the end; a tenant's name comes behind it.
    pub public_url: String,
}

/// What the service needs. Cheap to clone.
#[derive(Clone)]
pub struct Deps {
    /// What an operator sets.
    pub config: Config,
    /// The registry, and the clock.
    pub tenancy: Tenancy,
    /// The services that a manifest's parts are for. They must speak for the operator, so this process signs.
    pub clients: Clients,
    /// Makes page tokens.
    pub pages: PageTokens,
    /// Signs caller tokens.
    pub signer: TokenSigner,
}

/// The service, to be put behind a gate.
#[must_use]
pub fn server(deps: Deps) -> TenantServiceServer<impl TenantService> {
    TenantServiceServer::new(grpc::Grpc::new(deps))
}
