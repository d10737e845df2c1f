//! Requests into the domain, the domain into replies.

use freehold_proto::billing::v1 as pb;
use freehold_types::{Currency, Fault, Period, Violations};
use freehold_wire::time::to_proto;

use crate::close::Closed;
use crate::invoice::{Draft, Invoice, Issued, Number};
use crate::plan::{self, Plan};
use crate::pricing::Line;
use crate::subscription::{Subscription, Terms};

/// Tenants that one request may name.
const NAMES_MAX: usize = 10_000;

pub(crate) fn parse_subscription(request: &pb::ApplySubscriptionRequest) -> Result<Terms, Fault> {
    let mut violations = Violations::new();
    let mut terms = Terms::none();
    if !request.plan_name.is_empty() {
        let names: Vec<_> = plan::ALL.iter().map(|plan| plan.name).collect();
        let plan = plan::find(&request.plan_name).ok_or_else(|| format!("the plan must be {}", names.join(" or ")));
        terms.plan = violations.take("plan_name", plan).unwrap_or(terms.plan);
    }
    if !request.currency.is_empty() {
        let currency = request.currency.parse::<Currency>();
        terms.currency = violations.take("currency", currency).unwrap_or(terms.currency);
    }
    violations.finish().map(|()| terms)
}

pub(crate) fn parse_activity(request: &pb::RecordActivityRequest) -> Result<(), Fault> {
    let mut violations = Violations::new();
    match pb::ActivityKind::try_from(request.kind) {
        Ok(pb::ActivityKind::Read | pb::ActivityKind::Write) => {}
        Ok(pb::ActivityKind::Unspecified) | Err(_) => violations.push("kind", "must be READ or WRITE"),
    }
    violations.finish()
}

pub(crate) fn parse_period(text: &str) -> Result<Period, Fault> {
    let mut violations = Violations::new();
    parsed(violations.take("period", text.parse()), violations)
}

pub(crate) fn parse_number(text: &str) -> Result<Number, Fault> {
    let mut violations = Violations::new();
    parsed(violations.take("number", text.parse()), violations)
}

pub(crate) fn parse_close(request: pb::ClosePeriodRequest) -> Result<(Period, Vec<String>), Fault> {
    let mut violations = Violations::new();
    let period = violations.take("period", request.period.parse::<Period>());
    if request.company_addresses.len() > NAMES_MAX {
        violations.push("company_addresses", format!("at most {NAMES_MAX}; leave it empty for all"));
    }
    parsed(period, violations).map(|period| (period, request.company_addresses))
}

fn parsed<T>(value: Option<T>, violations: Violations) -> Result<T, Fault> {
    violations.finish()?;
    value.ok_or_else(|| Fault::internal("reading a request", "a value is absent without a violation"))
}

pub(crate) fn render_plan(plan: &Plan) -> pb::Plan {
    let tier =
        |tier: &plan::Tier| pb::Tier { up_to: tier.up_to.unwrap_or_default(), unit_price_minor: tier.unit_price_minor };
    pb::Plan { name: plan.name.to_owned(), tiers: plan.tiers.iter().map(tier).collect() }
}

pub(crate) fn render_subscription(subscription: Subscription) -> pb::Subscription {
    pb::Subscription {
        plan_name: subscription.terms.plan.name.to_owned(),
        currency: subscription.terms.currency.code().to_owned(),
        started_at: Some(to_proto(subscription.started_at)),
    }
}

pub(crate) fn render_invoice(invoice: Invoice) -> pb::Invoice {
    match invoice {
        Invoice::Draft(draft) => render_draft(draft),
        Invoice::Issued(issued) => render_issued(issued),
    }
}

pub(crate) fn render_issued(issued: Issued) -> pb::Invoice {
    let mut invoice = render_draft(issued.draft);
    invoice.number = issued.number.to_string();
    invoice.issued_at = Some(to_proto(issued.issued_at));
    invoice.set_state(pb::InvoiceState::Issued);
    invoice
}

fn render_draft(draft: Draft) -> pb::Invoice {
    pb::Invoice {
        number: String::new(),
        company_address: draft.company_address,
        company: draft.company,
        period: draft.period.to_string(),
        state: pb::InvoiceState::Draft.into(),
        plan_name: draft.plan.name.to_owned(),
        currency: draft.total.currency.code().to_owned(),
        active_people_count: draft.active_people,
        definition: draft.definition.name.to_owned(),
        lines: draft.lines.iter().map(render_line).collect(),
        total_minor: draft.total.minor,
        issued_at: None,
    }
}

fn render_line(line: &Line) -> pb::InvoiceLine {
    pb::InvoiceLine {
        from_person: line.from_person,
        to_person: line.to_person,
        quantity: line.quantity,
        unit_price_minor: line.unit_price_minor,
        amount_minor: line.amount_minor,
    }
}

pub(crate) fn render_closed(closed: Closed) -> pb::ClosedPeriod {
    pb::ClosedPeriod {
        company_address: closed.company_address,
        active_people_count: closed.active_people,
        invoice: closed.invoice.map(render_issued),
    }
}
