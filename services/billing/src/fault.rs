//! What can go wrong in this service, one function each.

use freehold_types::{Fault, Kind, Period, Reason, TenantId};

use crate::invoice::Number;

/// The tenant's manifest was applied only half, so it has no plan yet.
pub(crate) fn subscription_not_found(tenant: TenantId) -> Fault {
    Fault::not_found(Reason::SubscriptionNotFound, "subscription of tenant", tenant)
        .cure("apply the tenant's manifest again")
}

/// Somebody else keeps changing the same subscription.
pub(crate) fn subscription_contended() -> Fault {
    Fault::new(Kind::Conflict, Reason::AlreadyExists, "the subscription was changed by somebody else just now")
        .retry_after(std::time::Duration::from_secs(1))
}

/// Closing came too early.
pub(crate) fn period_open(period: Period) -> Fault {
    Fault::new(Kind::Conflict, Reason::PeriodOpen, format!("period {period} has not ended yet"))
        .cure(format!("close it after {}", period.ends_at().format("%Y-%m-%d %H:%M UTC")))
}

/// Names that no tenant has.
pub(crate) fn tenants_not_found(names: &[&str]) -> Fault {
    Fault::not_found(Reason::TenantNotFound, "tenant", names.join(", "))
}

/// Some tenants' months could not be closed. The others' are, and stay so.
pub(crate) fn partly_closed(period: Period, failures: Vec<(String, Fault)>, of: usize) -> Fault {
    let count = failures.len();
    let told: Vec<_> = failures.iter().map(|(name, fault)| format!("{name} ({fault})")).collect();
    let first = failures.into_iter().next().map(|(_, fault)| fault);
    let (kind, reason) =
        first.as_ref().map_or((Kind::Internal, Reason::Internal), |fault| (fault.kind(), fault.reason()));
    let message = format!("closing {period} failed for {count} of {of} tenants: {}", told.join("; "));
    let fault = Fault::new(kind, reason, message).cure("close the period again; what is closed already stays as it is");
    match first {
        Some(first) => fault.because(first),
        None => fault,
    }
}

/// No such invoice, or another tenant's.
pub(crate) fn invoice_not_found(number: Number) -> Fault {
    Fault::not_found(Reason::InvoiceNotFound, "invoice", number)
}
