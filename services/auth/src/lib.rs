//! Signing in: connections to companies' IdPs, identities, access codes, sessions and caller tokens.
//!
//! Owns who is let in and for how long; every later call of a person starts with a session kept here. Never creates a
//! person: only somebody whom the directory service knows and calls active comes in. Never meets a person by an e-mail
//! address, and keeps no password.

mod access_code;
mod address;
mod claims;
mod code;
mod company;
mod connection;
mod convert;
mod entity;
mod fault;
mod grpc;
mod http;
mod id_token;
mod identity;
mod idp;
mod logout_token;
mod oidc;
mod people;
mod refusal;
mod return_to;
mod session;
mod sign_in;
mod sign_out;
mod store;
mod throttle;
mod token;

use std::sync::Arc;

use freehold_proto::auth::v1::auth_service_server::AuthServiceServer;
use freehold_tenancy::Tenancy;
use freehold_types::Mint;
use freehold_wire::{Clients, PageTokens, TokenSigner};

use crate::idp::Idps;
use crate::throttle::Throttle;

pub use crate::grpc::Grpc;

/// What an operator sets.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where browsers reach this installation, `https://people.example.com`, with or without a slash at its end. Redirect
    /// URIs are made from it, so IdPs must be told when it changes.
    pub public_url: String,
}

/// What the service works with.
#[derive(Clone)]
pub struct Deps {
    /// What an operator sets.
    pub config: Config,
    /// The database.
    pub tenancy: Tenancy,
    /// The other services; of these only the directory service is called.
    pub clients: Clients,
    /// Ids, times and random bytes.
    pub mint: Mint,
    /// Page tokens.
    pub pages: PageTokens,
    /// Signs the caller tokens that sessions are exchanged for.
    pub signer: TokenSigner,
}

/// The service, ready for a router.
#[must_use]
pub fn server(deps: Deps) -> AuthServiceServer<Grpc> {
    let idps = Idps::new(deps.mint.clone());
    AuthServiceServer::new(Grpc::new(Auth { deps, idps, code_tries: Throttle::default() }))
}

/// What every part of the service is handed first.
pub(crate) struct Auth {
    deps: Deps,
    idps: Idps,
    code_tries: Throttle,
}

type Shared = Arc<Auth>;

#[cfg(test)]
mod testing;
