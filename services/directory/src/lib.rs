//! Directory sync: people, directory groups and sync runs of a tenant, read from the company's own directory.
//!
//! It reads a directory, never writes one, and never stores or checks a person's password. A person is who the
//! directory's immutable id says, whatever becomes of names and addresses. An error is never an absence: nobody is
//! deactivated because something could not be read.

mod apply;
mod check;
pub mod connector;
mod convert;
mod diff;
mod directory;
mod entity;
mod events;
mod fault;
mod follow;
mod graph;
mod grpc;
mod guard;
mod identity;
mod journal;
mod known;
mod leaver;
mod mapping;
mod origin;
mod person;
mod photo;
mod progress;
mod provisioning;
mod reading;
mod record;
mod relay;
mod rule;
mod running;
mod settings;
mod snapshot;
mod source;
mod store;
mod sync;
mod sync_run;
mod undo;

use std::sync::Arc;
use std::time::Duration;

use freehold_proto::directory::v1::connector_service_server::ConnectorServiceServer;
use freehold_proto::directory::v1::directory_service_server::DirectoryServiceServer;
use freehold_proto::directory::v1::provisioning_service_server::ProvisioningServiceServer;
use freehold_tenancy::Tenancy;
use freehold_types::{Mint, Service};
use freehold_wire::{Clients, PageTokens};

pub use grpc::Grpc;
pub use provisioning::ProvisioningGrpc;

/// The largest message about a provisioned resource.
const RESOURCE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long the relay sleeps when nothing wakes it.
const RELAY_POLL: Duration = Duration::from_secs(5);

/// What the service works with.
#[derive(Clone)]
pub struct Deps {
    tenancy: Tenancy,
    clients: Clients,
    mint: Mint,
    pages: PageTokens,
    running: running::Running,
    snapshots: snapshot::Snapshots,
    turns: provisioning::settle::Turns,
    bell: follow::Bell,
    leavers: leaver::Leavers,
    photos: photo::Wishes,
    connectors: Arc<connector::registry::Connectors>,
}

impl Deps {
    /// Puts it together.
    #[must_use]
    pub fn new(tenancy: Tenancy, clients: Clients, pages: PageTokens) -> Self {
        let mint = tenancy.mint().clone();
        let running = running::Running::new(&mint);
        Self {
            tenancy,
            clients,
            mint,
            pages,
            running,
            snapshots: snapshot::Snapshots::default(),
            turns: provisioning::settle::Turns::default(),
            bell: follow::Bell::default(),
            leavers: leaver::Leavers::default(),
            photos: photo::Wishes::default(),
            connectors: Arc::default(),
        }
    }
}

/// The service, to be put behind the gate.
#[must_use]
pub fn server(deps: Deps) -> DirectoryServiceServer<Grpc> {
    DirectoryServiceServer::new(Grpc::new(deps))
}

/// What IdPs push, to be put behind the gate.
#[must_use]
pub fn provisioning_server(deps: Deps) -> ProvisioningServiceServer<ProvisioningGrpc> {
    // A group of the most members there can be is one message.
    ProvisioningServiceServer::new(ProvisioningGrpc::new(deps)).max_decoding_message_size(RESOURCE_BYTES_MAX)
}

/// The connectors' service, to be put behind the gate.
#[must_use]
pub fn connectors(deps: Deps) -> ConnectorServiceServer<connector::Grpc> {
    ConnectorServiceServer::new(connector::Grpc::new(deps)).max_decoding_message_size(connector::MESSAGE_BYTES_MAX)
}

/// Keeps in step with every directory that is followed, reads photos, and delivers events that a run could not, until
/// the process is told to stop.
pub async fn jobs(deps: Deps, stopped: impl Future<Output = ()> + Send) {
    tokio::select! {
        () = deliver(&deps) => {}
        () = provisioning::settle::keep_settling(&deps) => {}
        () = photo::keep(&deps) => {}
        // Ends by itself: it gives back what it holds.
        () = follow::keep(deps.clone(), stopped) => {}
    }
}

async fn deliver(deps: &Deps) {
    settle_left_behind(deps).await;
    loop {
        match deps.tenancy.wait_for_events(Service::Directory, RELAY_POLL).await {
            Ok(tenants) => {
                for tenant in tenants {
                    if let Err(fault) = relay::deliver_for(deps, tenant).await {
                        tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "outbox events wait");
                    }
                }
            }
            Err(fault) => {
                tracing::warn!(reason = fault.reason().name(), "the outbox cannot be read");
                tokio::time::sleep(RELAY_POLL).await;
            }
        }
    }
}

/// What IdPs pushed to a process that ended before the sync had seen it.
async fn settle_left_behind(deps: &Deps) {
    let tenants = match deps.tenancy.active_tenants().await {
        Ok(tenants) => tenants,
        Err(fault) => return tracing::warn!(reason = fault.reason().name(), "the registry cannot be read"),
    };
    for tenant in tenants {
        if let Err(fault) = provisioning::settle::left_behind(deps, tenant).await {
            tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "provisioned changes wait");
        }
    }
}
