//! Groups, memberships, posts, comments, reactions and the feed of one tenant's people.
//!
//! Owns who is in which group and what they wrote there, sealed; gives every post and comment its place in its
//! group's sequence. Never knows how a person signed in, and never reads the directory's tables: who a rule selects and
//! who is active is asked of the directory service. `seat` is the only place that asks whether somebody may.

mod comment;
mod convert;
mod entity;
mod fault;
mod feed;
mod filling;
mod group;
mod grpc;
mod live;
mod membership;
mod position;
mod post;
mod reaction;
mod request;
mod rule;
mod seat;
mod store;
mod text;

use freehold_proto::content::v1::content_service_server::ContentServiceServer;
use freehold_tenancy::Tenancy;
use freehold_types::Caller;
use freehold_wire::{Clients, PageTokens};

pub use grpc::Grpc;
use live::Live;
use position::Position;

/// What the service works with. Cheap to clone.
#[derive(Clone)]
pub struct Deps {
    /// Where its data is.
    pub tenancy: Tenancy,
    /// The other services.
    pub clients: Clients,
    /// Makes and reads page tokens.
    pub pages: PageTokens,
    live: Live,
}

impl Deps {
    /// What the service works with.
    #[must_use]
    pub fn new(tenancy: Tenancy, clients: Clients, pages: PageTokens) -> Self {
        Self { tenancy, clients, pages, live: Live::default() }
    }

    fn next_page(&self, caller: &Caller, list: &str, next: Option<impl Position>) -> String {
        next.map(|next| self.pages.encode(caller, list, &next.to_bytes())).unwrap_or_default()
    }
}

/// Tells people what is published, for as long as it is polled.
pub async fn jobs(deps: Deps) {
    live::tell(&deps).await;
}

/// The service as tonic serves it.
#[must_use]
pub fn server(deps: Deps) -> ContentServiceServer<Grpc> {
    ContentServiceServer::new(Grpc::new(deps))
}

#[cfg(test)]
mod tests;
