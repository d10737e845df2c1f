//! The web gateway: the pages people and administrators open, written by the server, usable without script and at
//! 360 px. It asks the services over gRPC on behalf of whoever is signed in and turns their replies into HTML.
//!
//! It opens no database, holds no key and decides nothing that a service decides: who may see what is the services'
//! word, this crate only shows it. Everything is a link or a form; pages load nothing from anywhere else.

mod asset;
mod console;
mod cookie;
mod counters;
mod dress;
mod fields;
mod gateway;
mod guard;
mod page;
mod refusal;
mod scim;
mod sheet;
mod site;
mod source;
mod text;
mod tries;
mod view;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{any, get, post};
use freehold_types::Mint;
use freehold_wire::Clients;
use ipnet::IpNet;
use tower_http::compression::CompressionLayer;

use crate::gateway::Gateway;
use crate::refusal::Refusal;
use crate::site::Site;

/// The largest form: a post of the largest size with every byte escaped, and its other fields.
const FORM_BYTES_MAX: usize = 256 * 1024;

/// The largest form of an IdP.
const LOGOUT_BYTES_MAX: usize = 32 * 1024;

/// How the pages are served.
#[derive(Debug, Clone)]
pub struct Config {
    /// Scheme, host and port under which browsers reach the pages, such as `https://freehold.example`. Forms are
    /// accepted from there only, and cookies are `Secure` when it is https.
    pub public_url: String,
    /// Whether opening a link with an access code signs in at once. For the demo only: anybody who sees the link
    /// before its owner takes their place.
    pub sign_in_links: bool,
    /// Networks of the proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// All pages, `/live`, `/ready` and `/metrics`.
pub fn router(config: Config, clients: Clients, mint: Mint) -> Router {
    let gateway = Arc::new(Gateway {
        site: Site::new(&config.public_url),
        sign_in_links: config.sign_in_links,
        clients,
        mint,
        counters: counters::Counters::default(),
        trusted_proxies: config.trusted_proxies,
        tries: tries::Tries::default(),
    });
    let counted = middleware::from_fn_with_state(Arc::clone(&gateway), tries::count);
    let admitted = middleware::from_fn_with_state(Arc::clone(&gateway), guard::admit);
    Router::new()
        .route("/", get(page::start::show))
        .route("/live", get(page::probe::live))
        .route("/ready", get(page::probe::ready))
        .route("/metrics", get(page::probe::metrics))
        .route("/.well-known/jwks.json", get(page::keys::show))
        .route(asset::TAB_ICON_PATH, get(page::probe::tab_icon))
        .route(asset::CLAIM_SCRIPT_PATH, get(page::probe::claim_script))
        .route(asset::PASSKEY_SCRIPT_PATH, get(page::probe::passkey_script))
        .merge(ways_in().route_layer(counted))
        .merge(pages())
        .fallback(page::probe::nowhere)
        .method_not_allowed_fallback(async || Refusal::WrongMethod)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(admitted.clone())
        // An IdP that sends its answer as a form comes from elsewhere by nature: it is told which method is taken.
        .route(
            "/{name}/sso/{connection}/callback",
            get(page::sign_in::finish).route_layer(admitted).fallback(async || Refusal::WrongMethod),
        )
        // An IdP itself calls this; what it brings is signed.
        .route(
            "/{name}/sso/{connection}/backchannel-logout",
            post(page::backchannel::take)
                .route_layer(DefaultBodyLimit::max(LOGOUT_BYTES_MAX))
                .fallback(async || Refusal::WrongMethod),
        )
        .layer(middleware::from_fn_with_state(Arc::clone(&gateway), refusal::explain))
        .layer(middleware::from_fn_with_state(Arc::clone(&gateway), dress::dress))
        // For IdPs, which are no browsers: their token is in a header of its own, so no form of another site has it.
        .route("/{name}/scim/v2", any(scim::handle))
        .route("/{name}/scim/v2/{*path}", any(scim::handle))
        // Nothing secret stands in a page beside what people wrote, so its length may follow its content.
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(Arc::clone(&gateway), counters::count))
        .with_state(gateway)
}

/// The pages that let people in and out.
fn ways_in() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/{name}/sign-in", get(page::sign_in::show).post(page::sign_in::with_password))
        .route("/{name}/sso/{connection}", post(page::sign_in::begin))
        .route("/{name}/claim", get(page::claim::show).post(page::claim::redeem))
        .route("/{name}/claim/enrol", get(page::claim::offer).post(page::claim::complete))
        .route("/{name}/claim/passkey", post(page::passkey::begin_claim))
        .route("/{name}/claim/passkey/finish", post(page::passkey::finish_claim))
        .route("/{name}/passkey", post(page::passkey::begin_sign_in))
        .route("/{name}/passkey/finish", post(page::passkey::finish_sign_in))
        .route("/{name}/shared-device", get(page::shared_device::show).post(page::shared_device::note))
        .route("/{name}/welcome", get(page::claim::welcome))
        .route("/{name}/sign-out", post(page::me::sign_out))
}

/// The pages of people who are in.
fn pages() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/{name}", get(page::feed::show))
        .route("/{name}/events", get(page::events::follow))
        .route("/{name}/posts", post(page::feed::publish))
        .route("/{name}/posts/{id}", get(page::post::show))
        .route("/{name}/posts/{id}/comments", post(page::post::comment))
        .route("/{name}/posts/{id}/reaction", post(page::post::react))
        .route("/{name}/groups", get(page::groups::list))
        .route("/{name}/groups/{id}", get(page::groups::show))
        .route("/{name}/groups/{id}/members", get(page::groups::members))
        .route("/{name}/groups/{id}/join", post(page::groups::join))
        .route("/{name}/groups/{id}/leave", post(page::groups::leave))
        .route("/{name}/people", get(page::people::list))
        .route("/{name}/people/{id}", get(page::people::show))
        .route("/{name}/people/{id}/photo/{version}", get(page::people::photo))
        .route("/{name}/me", get(page::me::show))
        .route("/{name}/me/sessions/{id}/end", post(page::me::end_session))
        .route("/{name}/me/sessions/end-others", post(page::me::end_other_sessions))
        .route("/{name}/me/passkeys", post(page::passkey::begin_enrolment))
        .route("/{name}/me/passkeys/finish", post(page::passkey::finish_enrolment))
        .route("/{name}/me/passkeys/{id}/remove", post(page::passkey::remove))
        .route("/{name}/console/letters", get(console::letters::choose).post(console::letters::make))
        .route("/{name}/console/poster", get(console::letters::poster))
        .route("/{name}/console/poster.pdf", get(console::letters::poster_file))
        .route("/{name}/console/audit", get(console::audit::show))
        .route("/{name}/console", get(console::directory::show))
}

#[cfg(test)]
mod tests;
