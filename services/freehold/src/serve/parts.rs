//! Puts the services of a process together: those that run here behind one gate, those that do not as lines to
//! elsewhere. Every process answers for every service: it hands on what is not its own.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use axum::Router;
use freehold_proto::auth::v1::auth_service_server::SERVICE_NAME as AUTH;
use freehold_proto::auth::v1::caller_service_server::SERVICE_NAME as CALLERS;
use freehold_proto::auth::v1::role_service_server::SERVICE_NAME as ROLES;
use freehold_proto::billing::v1::billing_service_server::SERVICE_NAME as BILLING;
use freehold_proto::content::v1::content_service_server::SERVICE_NAME as CONTENT;
use freehold_proto::directory::v1::connector_service_server::SERVICE_NAME as CONNECTORS;
use freehold_proto::directory::v1::directory_service_server::SERVICE_NAME as DIRECTORY;
use freehold_proto::directory::v1::provisioning_service_server::SERVICE_NAME as PROVISIONING;
use freehold_proto::tenant::v1::tenant_service_server::SERVICE_NAME as OPERATOR;
use freehold_tenancy::Tenancy;
use freehold_types::Service;
use freehold_vault::Vault;
use freehold_wire::{Clients, Gate, OperatorTokens, PageTokens, Sessions, TokenSigner, Wire, Wires};
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::transport::Endpoint;

use super::Part;
use crate::config::Config;

/// Work in the background; it ends by itself when the process is told to stop.
pub(super) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a process serves over gRPC, and what it does besides.
pub(super) struct Contracts {
    pub routes: Router,
    pub jobs: Vec<Job>,
}

/// A service that can be here or elsewhere.
struct Place<'a> {
    part: Part,
    service: &'static str,
    elsewhere: Option<&'a String>,
}

fn places(config: &Config) -> [Place<'_>; 9] {
    let services = &config.services;
    [
        Place {
            part: Part::Operator,
            service: OPERATOR,
            elsewhere: services.operator.as_ref().or(services.auth.as_ref()),
        },
        Place { part: Part::Directory, service: DIRECTORY, elsewhere: services.directory.as_ref() },
        Place { part: Part::Directory, service: PROVISIONING, elsewhere: services.directory.as_ref() },
        Place { part: Part::Directory, service: CONNECTORS, elsewhere: services.directory.as_ref() },
        Place { part: Part::Auth, service: AUTH, elsewhere: services.auth.as_ref() },
        Place { part: Part::Auth, service: CALLERS, elsewhere: services.auth.as_ref() },
        Place { part: Part::Auth, service: ROLES, elsewhere: services.auth.as_ref() },
        Place { part: Part::Content, service: CONTENT, elsewhere: services.content.as_ref() },
        Place { part: Part::Billing, service: BILLING, elsewhere: services.billing.as_ref() },
    ]
}

fn line(wires: &mut Wires, part: Part) -> Option<&mut Wire> {
    match part {
        Part::Operator => Some(&mut wires.operator),
        Part::Directory => Some(&mut wires.directory),
        Part::Auth => Some(&mut wires.auth),
        Part::Content => Some(&mut wires.content),
        Part::Billing => Some(&mut wires.billing),
        Part::Gateway => None,
    }
}

/// Lines to every service: empty ones for those that run here, to be filled when all of them exist.
fn lines(config: &Config, here: &BTreeSet<Part>) -> Result<(Wires, Router)> {
    let mut wires = Wires::default();
    let mut handed_on = Router::new();
    for place in places(config) {
        if here.contains(&place.part) {
            continue;
        }
        let name = place.part.name();
        let address = place.elsewhere.with_context(|| {
            format!("{name} does not run here and services.{name} does not say where; give its gRPC address")
        })?;
        let endpoint = Endpoint::from_shared(address.clone())
            .with_context(|| format!("services.{name} is {address:?}; it must look like http://127.0.0.1:8081"))?;
        let wire = Wire::remote(endpoint);
        handed_on = handed_on.merge(wire.hand_on(place.service));
        if let Some(line) = line(&mut wires, place.part) {
            *line = wire;
        }
    }
    Ok((wires, handed_on))
}

/// For a process that opens the storage.
pub(super) async fn with_storage(
    config: &Config,
    here: &BTreeSet<Part>,
    vault: &Vault,
    tenancy: &Tenancy,
    stopped: &watch::Receiver<bool>,
    sign_in_links: bool,
) -> Result<(Clients, Contracts)> {
    let (wires, handed_on) = lines(config, here)?;
    let mint = tenancy.mint().clone();
    let signer = TokenSigner::new(&vault.derive("caller-token"), mint.clone())?;
    let pages = PageTokens::new(vault.derive("page-token"));
    let clients = Clients::signing(wires.clone(), signer.clone());
    let mut routes = Routes::default();
    let mut jobs: Vec<Job> = Vec::new();
    if here.contains(&Part::Operator) {
        freehold_operator::token::ensure(tenancy, &config.token_file()).await?;
        routes = routes.add_service(freehold_operator::server(freehold_operator::Deps {
            config: freehold_operator::Config { public_url: config.public_url() },
            tenancy: tenancy.clone(),
            clients: clients.of(Service::Operator),
            pages: pages.clone(),
            signer: signer.clone(),
        }));
    }
    if here.contains(&Part::Directory) {
        let deps = freehold_directory::Deps::new(tenancy.clone(), clients.of(Service::Directory), pages.clone());
        jobs.push(Box::pin(freehold_directory::jobs(deps.clone(), until(stopped.clone()))));
        routes = routes.add_service(freehold_directory::provisioning_server(deps.clone()));
        routes = routes.add_service(freehold_directory::connectors(deps.clone()));
        routes = routes.add_service(freehold_directory::server(deps));
    }
    if here.contains(&Part::Auth) {
        let (servers, jobs_of_auth) = freehold_auth::services(freehold_auth::Deps {
            config: of_auth(config, sign_in_links)?,
            tenancy: tenancy.clone(),
            clients: clients.of(Service::Auth),
            mint: mint.clone(),
            pages: pages.clone(),
            signer: signer.clone(),
        });
        jobs.push(Box::pin(ended_by(jobs_of_auth, until(stopped.clone()))));
        routes = routes.add_service(servers.people).add_service(servers.callers).add_service(servers.roles);
    }
    if here.contains(&Part::Content) {
        let deps = freehold_content::Deps::new(tenancy.clone(), clients.of(Service::Content), pages.clone());
        jobs.push(Box::pin(ended_by(freehold_content::jobs(deps.clone()), until(stopped.clone()))));
        routes = routes.add_service(freehold_content::server(deps));
    }
    if here.contains(&Part::Billing) {
        let deps = freehold_billing::Deps::new(tenancy.clone(), pages.clone());
        jobs.push(Box::pin(ended_by(freehold_billing::jobs(deps.clone()), until(stopped.clone()))));
        routes = routes.add_service(freehold_billing::server(deps));
    }
    let tokens: Arc<dyn OperatorTokens> = Arc::new(freehold_operator::token::Tokens::new(tenancy.clone()));
    let sessions = Sessions::new(clients.clone(), asking(here));
    jobs.push(Box::pin(sessions.clone().follow(until(stopped.clone()))));
    let gated = Gate::new(signer.verifier(), Some(tokens), sessions, mint).around(routes.into_axum_router());
    let lines = [
        (Part::Operator, wires.operator),
        (Part::Directory, wires.directory),
        (Part::Auth, wires.auth),
        (Part::Content, wires.content),
        (Part::Billing, wires.billing),
    ];
    for (_, line) in lines.iter().filter(|(part, _)| here.contains(part)) {
        line.fill(gated.clone());
    }
    Ok((clients, Contracts { routes: gated.merge(handed_on).merge(about(config, here).await?), jobs }))
}

/// The service on whose account this process asks auth about sessions: the first that runs here.
fn asking(here: &BTreeSet<Part>) -> Service {
    let service = |part: &Part| match part {
        Part::Operator => Some(Service::Operator),
        Part::Directory => Some(Service::Directory),
        Part::Auth => Some(Service::Auth),
        Part::Content => Some(Service::Content),
        Part::Billing => Some(Service::Billing),
        Part::Gateway => None,
    };
    here.iter().find_map(service).unwrap_or(Service::Operator)
}

fn of_auth(config: &Config, sign_in_links: bool) -> Result<freehold_auth::Config> {
    let private_networks = config.sign_on.networks()?;
    Ok(freehold_auth::Config { public_url: config.public_url(), sign_in_links, private_networks })
}

/// Works until it is told to stop.
async fn ended_by(work: impl Future<Output = ()>, stop: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = stop => {}
    }
}

/// Ends when the process is told to stop, or when nobody is left who could tell it.
async fn until(mut stopped: watch::Receiver<bool>) {
    drop(stopped.wait_for(|stop| *stop).await);
}

/// For a process that only serves pages.
pub(super) async fn without_storage(config: &Config) -> Result<(Clients, Contracts)> {
    let here = BTreeSet::from([Part::Gateway]);
    let (wires, handed_on) = lines(config, &here)?;
    let routes = handed_on.merge(about(config, &here).await?);
    Ok((Clients::relaying(wires), Contracts { routes, jobs: Vec::new() }))
}

/// Reflection and health: what is served, and whether.
async fn about(config: &Config, here: &BTreeSet<Part>) -> Result<Router> {
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(freehold_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let unreadable = |error| anyhow!("the contracts' descriptors cannot be read: {error}");
    let (reporter, health) = tonic_health::server::health_reporter();
    for place in places(config) {
        if here.contains(&place.part) {
            reporter.set_service_status(place.service, tonic_health::ServingStatus::Serving).await;
        }
    }
    let routes = Routes::default()
        .add_service(health)
        .add_service(reflection().build_v1().map_err(unreadable)?)
        .add_service(reflection().build_v1alpha().map_err(unreadable)?);
    // One router answers unknown paths, and that is the one behind the gate.
    Ok(routes.into_axum_router().reset_fallback())
}
