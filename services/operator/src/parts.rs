//! The parts of a manifest that belong to other services: asked for their mistakes, then handed over.

use freehold_proto::auth::v1::ApplyConnectionsRequest;
use freehold_proto::billing::v1::ApplySubscriptionRequest;
use freehold_proto::content::v1::ApplyGroupsRequest;
use freehold_proto::directory::v1::ApplyDirectoriesRequest;
use freehold_types::{Caller, Fault, Kind, Service, Violation, Violations};
use freehold_wire::Clients;
use tonic::Status;

/// What a manifest says to each of the other services.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    /// To the directory service.
    pub(crate) directories: ApplyDirectoriesRequest,
    /// To the auth service.
    pub(crate) connections: ApplyConnectionsRequest,
    /// To the content service.
    pub(crate) groups: ApplyGroupsRequest,
    /// To the billing service.
    pub(crate) subscription: ApplySubscriptionRequest,
}

/// The services in the order they are handed their parts: rules of groups are about people of directories.
pub(crate) const ORDER: [Service; 4] = [Service::Directory, Service::Auth, Service::Content, Service::Billing];

/// Hands one service its part, or asks what that would do; answers its sentences. Mistakes carry the manifest's paths.
///
/// # Errors
/// Whatever the service refuses.
pub(crate) async fn hand_over(
    clients: &Clients,
    caller: &Caller,
    service: Service,
    parts: &Parts,
    validate_only: bool,
) -> Result<Vec<String>, Fault> {
    // Signed for each call: a slow directory before this one must not use up the token's two minutes.
    let mut calls = clients.signed(caller)?;
    let answer = match service {
        Service::Directory => {
            let request = ApplyDirectoriesRequest { validate_only, ..parts.directories.clone() };
            calls.directory.apply_directories(request).await.map(|answer| answer.into_inner().changes)
        }
        Service::Auth => {
            let request = ApplyConnectionsRequest { validate_only, ..parts.connections.clone() };
            calls.auth.apply_connections(request).await.map(|answer| answer.into_inner().changes)
        }
        Service::Content => {
            let request = ApplyGroupsRequest { validate_only, ..parts.groups.clone() };
            calls.content.apply_groups(request).await.map(|answer| answer.into_inner().changes)
        }
        Service::Billing => {
            let request = ApplySubscriptionRequest { validate_only, ..parts.subscription.clone() };
            calls.billing.apply_subscription(request).await.map(|answer| answer.into_inner().changes)
        }
        // Its part is the registry, and that is this service's own work.
        Service::Operator => Ok(Vec::new()),
    };
    answer.map_err(|status| refusal(service, status))
}

/// Asks all services what is wrong with their parts and what they would change. Every service's mistakes are added to
/// `violations`, and only when nobody found any does another fault count.
///
/// # Errors
/// When a service could not look at its part.
pub(crate) async fn check(
    clients: &Clients,
    caller: &Caller,
    parts: &Parts,
    violations: &mut Violations,
) -> Result<Vec<String>, Fault> {
    let ask = |service| hand_over(clients, caller, service, parts, true);
    let answers = futures::future::join_all(ORDER.map(ask)).await;
    gather(answers, violations)
}

fn gather(answers: Vec<Result<Vec<String>, Fault>>, violations: &mut Violations) -> Result<Vec<String>, Fault> {
    let mut changes = Vec::new();
    let mut failure = None;
    for answer in answers {
        match answer {
            Ok(sentences) => changes.extend(sentences),
            Err(fault) if fault.kind() == Kind::Invalid && !fault.violations().is_empty() => {
                violations.extend("", fault.violations().to_vec());
            }
            Err(fault) => failure = failure.or(Some(fault)),
        }
    }
    match failure {
        // The mistakes that were found are worth more than the news that somebody else could not look.
        Some(fault) if violations.is_empty() => Err(fault),
        Some(_) | None => Ok(changes),
    }
}

fn refusal(service: Service, status: Status) -> Fault {
    let fault = freehold_wire::fault(status);
    if fault.kind() != Kind::Invalid || fault.violations().is_empty() {
        return fault;
    }
    let in_manifest = |violation: &Violation| Violation {
        field: manifest_path(service, &violation.field),
        message: violation.message.clone(),
    };
    Fault::invalid(fault.violations().iter().map(in_manifest).collect())
}

/// Where a field of a service's request stands in the manifest.
fn manifest_path(service: Service, field: &str) -> String {
    match (service, field.split_once('.')) {
        (Service::Auth, Some(("policy", rest))) => format!("sign_in.{rest}"),
        (Service::Auth, None) if field == "policy" => "sign_in".to_owned(),
        (Service::Billing, None) if field == "plan_name" => "plan.name".to_owned(),
        (Service::Billing, None) if field == "currency" => "plan.currency".to_owned(),
        _ => field.to_owned(),
    }
}

#[cfg(test)]
mod tests;
