//! `Fault` to `tonic::Status` and back, with `google.rpc` details. The only place that builds a status of a fault.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use freehold_types::{Fault, Kind, Reason, Violation};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Domain of every `ErrorInfo` of ours.
const DOMAIN: &str = "freehold";
/// Key of the advice in `ErrorInfo.metadata`.
const CURE: &str = "cure";

/// The number under which the log keeps what a client is not told.
#[derive(Debug, Clone)]
pub(crate) struct RequestNumber(String);

impl RequestNumber {
    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(format!("{:016x}", u64::from_be_bytes(bytes)))
    }
}

impl fmt::Display for RequestNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Builds the status of a fault and logs, once, what only the installation's log may say.
pub fn into_status(fault: Fault, number: &impl fmt::Display) -> Status {
    if matches!(fault.kind(), Kind::Internal | Kind::Unavailable) {
        tracing::error!(request.id = %number, reason = fault.reason().name(), fault = chain(&fault), "a call failed");
    } else {
        tracing::debug!(request.id = %number, reason = fault.reason().name(), fault = chain(&fault), "a call was refused");
    }
    let mut details = ErrorDetails::new();
    let cure = fault.how_to_cure().map(|cure| (CURE.to_owned(), cure.to_owned()));
    details.set_error_info(fault.reason().name(), DOMAIN, cure.into_iter().collect::<HashMap<_, _>>());
    for violation in fault.violations() {
        details.add_bad_request_violation(violation.field.clone(), violation.message.clone());
    }
    if let Some((what, name)) = fault.resource() {
        details.set_resource_info(what, name, "", "");
    }
    match fault.kind() {
        Kind::Conflict => {
            details.add_precondition_failure_violation(fault.reason().name(), "", fault.message());
        }
        Kind::Exhausted => {
            details.add_quota_failure_violation("", fault.message());
        }
        Kind::Internal => {
            details.set_request_info(number.to_string(), "");
        }
        Kind::Invalid
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::AlreadyExists
        | Kind::Unavailable => {}
    }
    if let Some(wait) = fault.retry() {
        details.set_retry_info(Some(wait));
    }
    Status::with_error_details(code(&fault), fault.message(), details)
}

fn code(fault: &Fault) -> Code {
    match fault.kind() {
        Kind::Invalid => Code::InvalidArgument,
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::Forbidden => Code::PermissionDenied,
        Kind::NotFound => Code::NotFound,
        Kind::AlreadyExists => Code::AlreadyExists,
        // Aborted tells a client that the same request may work (AIP-193).
        Kind::Conflict if fault.retry().is_some() => Code::Aborted,
        Kind::Conflict => Code::FailedPrecondition,
        Kind::Exhausted => Code::ResourceExhausted,
        Kind::Unavailable if fault.reason() == Reason::DeadlineExceeded => Code::DeadlineExceeded,
        Kind::Unavailable => Code::Unavailable,
        Kind::Internal => Code::Internal,
    }
}

/// Reads another service's refusal, so that a service can act on it or hand it on unchanged.
#[must_use]
pub fn fault(status: Status) -> Fault {
    let kind = match status.code() {
        Code::InvalidArgument | Code::OutOfRange => Kind::Invalid,
        Code::Unauthenticated => Kind::Unauthenticated,
        Code::PermissionDenied => Kind::Forbidden,
        Code::NotFound => Kind::NotFound,
        Code::AlreadyExists => Kind::AlreadyExists,
        Code::FailedPrecondition | Code::Aborted => Kind::Conflict,
        Code::ResourceExhausted => Kind::Exhausted,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Kind::Unavailable,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss | Code::Unimplemented => Kind::Internal,
    };
    let details = status.get_error_details();
    let info = details.error_info();
    // Whatever our services say has its reason with it; anything else is the connection talking.
    if info.is_none() && matches!(kind, Kind::Internal | Kind::Unavailable) {
        return Fault::new(
            Kind::Unavailable,
            Reason::ServiceUnavailable,
            "the service cannot be reached, or the connection to it broke",
        )
        .cure("see that the installation is running, then do it again: whatever was done stays, and the rest follows")
        .because(status.message().to_owned());
    }
    let reason = info.and_then(|info| Reason::ALL.iter().copied().find(|reason| reason.name() == info.reason));
    let violations: Vec<_> = details.bad_request().map_or_else(Vec::new, |bad| {
        let violation =
            |v: &tonic_types::FieldViolation| Violation { field: v.field.clone(), message: v.description.clone() };
        bad.field_violations.iter().map(violation).collect()
    });
    let mut fault = if kind == Kind::Invalid && !violations.is_empty() {
        Fault::invalid(violations)
    } else {
        let unnamed = if kind == Kind::Unavailable { Reason::ServiceUnavailable } else { Reason::Internal };
        Fault::new(kind, reason.unwrap_or(unnamed), status.message())
    };
    if let Some(cure) = info.and_then(|info| info.metadata.get(CURE)) {
        fault = fault.cure(cure);
    }
    let wait = details.retry_info().and_then(|retry| retry.retry_delay);
    if let Some(wait) = wait.or_else(|| (status.code() == Code::Aborted).then_some(Duration::ZERO)) {
        fault = fault.retry_after(wait);
    }
    fault
}

/// A fault with all its causes, for the log.
fn chain(fault: &Fault) -> String {
    let mut text = fault.to_string();
    let mut cause = std::error::Error::source(fault);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
