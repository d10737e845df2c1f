//! Signing in: connections to companies' IdPs, identities, access codes, sessions and caller tokens.
//!
//! Owns who is let in and for how long; every later call of a person starts with a session kept here. Never creates a
//! person: only somebody whom the directory service knows and calls active comes in. Never meets a person by an e-mail
//! address. Of a password it keeps a hash that costs a guesser memory and time, and that only beside an authenticator app.

mod access_code;
mod address;
mod audit;
mod claim;
mod claims;
mod client;
mod code;
mod company;
mod connection;
mod convert;
mod delay;
mod emergency;
mod ended;
mod enforcement;
mod entity;
mod fault;
mod grpc;
mod http;
mod id_token;
mod identity;
mod idp;
mod local;
mod logout_token;
mod oidc;
mod passkey;
mod password;
mod people;
mod probe;
mod reach;
mod refusal;
mod return_to;
mod role;
mod session;
mod sign_in;
mod sign_out;
mod store;
mod throttle;
mod token;
mod totp;

use std::sync::Arc;

use freehold_proto::auth::v1::auth_service_server::AuthServiceServer;
use freehold_proto::auth::v1::caller_service_server::CallerServiceServer;
use freehold_proto::auth::v1::role_service_server::RoleServiceServer;
use freehold_tenancy::Tenancy;
use freehold_types::Mint;
use freehold_wire::{Clients, PageTokens, TokenSigner};
use ipnet::IpNet;
use tokio::sync::Semaphore;
use webauthn_rs::prelude::Webauthn;

use crate::address::Reach;
use crate::audit::Refusals;
use crate::delay::Delays;
use crate::ended::Teller;
use crate::idp::Idps;
use crate::password::Hashed;
use crate::probe::Probes;
use crate::throttle::Throttle;

pub use crate::grpc::{CallerGrpc, Grpc};
pub use crate::role::RolesGrpc;

/// What an operator sets.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where browsers reach this installation, `https://people.example.com`, with or without a slash at its end. Redirect
    /// URIs are made from it, so IdPs must be told when it changes.
    pub public_url: String,
    /// Whether an access code alone opens a session. For the demo only: anybody who sees the link before its owner takes
    /// their place.
    pub sign_in_links: bool,
    /// Private networks in which IdPs may stand; others are not called there.
    pub private_networks: Vec<IpNet>,
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

/// What of a process answers calls.
pub struct Servers {
    /// Signing in.
    pub people: AuthServiceServer<Grpc>,
    /// Keys of callers that are no people.
    pub callers: CallerServiceServer<CallerGrpc>,
    /// Roles.
    pub roles: RoleServiceServer<RolesGrpc>,
}

/// The services, ready for a router, and their work in the background: asking IdPs whether sessions still hold. That never
/// ends by itself; it ends when it is dropped.
pub fn services(deps: Deps) -> (Servers, impl Future<Output = ()> + Send) {
    let auth: Shared = Arc::new(Auth::new(deps));
    let servers = Servers {
        people: AuthServiceServer::new(Grpc::new(Arc::clone(&auth))),
        callers: CallerServiceServer::new(CallerGrpc::new(Arc::clone(&auth))),
        roles: RoleServiceServer::new(RolesGrpc::new(Arc::clone(&auth))),
    };
    (servers, probe::keep(auth))
}

/// What every part of the service is handed first.
pub(crate) struct Auth {
    deps: Deps,
    idps: Idps,
    reach: Reach,
    code_tries: Throttle,
    delays: Delays,
    probes: Probes,
    ended: Teller,
    refusals: Refusals,
    /// What a password is compared with when nobody has the name.
    nobodys_password: Hashed,
    hashing: Semaphore,
    /// The installation as browsers know it, where they have passkeys.
    passkeys: Option<Webauthn>,
}

impl Auth {
    pub(crate) fn new(deps: Deps) -> Self {
        let reach = Reach::with(&deps.config.private_networks);
        Self {
            idps: Idps::new(deps.mint.clone(), reach.clone()),
            reach,
            code_tries: Throttle::default(),
            delays: Delays::default(),
            probes: Probes::default(),
            ended: Teller::default(),
            refusals: Refusals::default(),
            nobodys_password: password::nobodys(&deps.mint),
            hashing: Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)),
            passkeys: passkey::relying_party(&deps.config.public_url),
            deps,
        }
    }
}

type Shared = Arc<Auth>;

#[cfg(test)]
mod testing;
