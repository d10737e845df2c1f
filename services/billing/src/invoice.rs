//! Invoices: computed as drafts, issued once with a number, never changed after.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use freehold_tenancy::Tenant;
use freehold_types::{Caller, Fault, Money, PageSize, Party, Period, TenantId, Violation};

use crate::close::{Frozen, State};
use crate::plan::Plan;
use crate::pricing::{self, Line};
use crate::usage::{self, Definition};
use crate::{Deps, fault, store, subscription};

/// Name of the list in page tokens.
const LIST: &str = "invoices";

/// Year of issue and place in that year's series; written `2026-000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number {
    /// Year of issue.
    pub(crate) year: i32,
    /// Place in the year, from one, without gaps.
    pub(crate) place: i32,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:06}", self.year, self.place)
    }
}

/// The text is no invoice number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParseNumberError;

impl fmt::Display for ParseNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an invoice number looks like 2026-000001")
    }
}

impl FromStr for Number {
    type Err = ParseNumberError;

    fn from_str(text: &str) -> Result<Self, ParseNumberError> {
        let number = text
            .split_once('-')
            .and_then(|(year, place)| Some(Self { year: year.parse().ok()?, place: place.parse().ok()? }));
        // One number, one text: the parser of integers would also take a sign or fewer zeros.
        number.filter(|number| number.to_string() == text).ok_or(ParseNumberError)
    }
}

/// What a company pays for a month, without a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Who pays.
    pub(crate) tenant: TenantId,
    /// The tenant's name.
    pub(crate) company_address: String,
    /// The company's name.
    pub(crate) company: String,
    /// For which month.
    pub(crate) period: Period,
    /// By which plan.
    pub(crate) plan: &'static Plan,
    /// What made a person count.
    pub(crate) definition: &'static Definition,
    /// How many counted.
    pub(crate) active_people: i64,
    /// The steps of the price.
    pub(crate) lines: Vec<Line>,
    /// What they add up to.
    pub(crate) total: Money,
}

/// An invoice for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issued {
    /// Its number.
    pub(crate) number: Number,
    /// When it was issued.
    pub(crate) issued_at: DateTime<Utc>,
    /// What it says.
    pub(crate) draft: Draft,
}

/// What a preview shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invoice {
    /// Still changing, or of a month that cost nothing.
    Draft(Draft),
    /// Issued.
    Issued(Issued),
}

/// Prices a month.
///
/// # Errors
/// Internal when the lines do not add up to the people and to the total: then nothing is issued.
pub(crate) fn assemble(tenant: &Tenant, period: Period, frozen: &Frozen) -> Result<Draft, Fault> {
    let Frozen { active_people, terms } = *frozen;
    let lines = pricing::lines(terms.plan, active_people);
    let total_minor = pricing::total_minor(terms.plan, active_people);
    let quantity: i64 = lines.iter().map(|line| line.quantity).sum();
    let amount_minor: i64 = lines.iter().map(|line| line.amount_minor).sum();
    if (quantity, amount_minor) != (active_people, total_minor) {
        let cause = format!("lines of {quantity} people and {amount_minor}, but {active_people} and {total_minor}");
        return Err(Fault::internal("adding up an invoice", cause));
    }
    Ok(Draft {
        tenant: tenant.id,
        company_address: tenant.name.clone(),
        company: tenant.company.clone(),
        period,
        plan: terms.plan,
        definition: &usage::V1,
        active_people,
        lines,
        total: Money { minor: total_minor, currency: terms.currency },
    })
}

/// The invoice of a month of the caller's tenant: the issued one, or a draft of what was counted so far.
///
/// # Errors
/// Invalid when the month has not begun.
pub(crate) async fn preview(deps: &Deps, caller: &Caller, period: Period) -> Result<Invoice, Fault> {
    if period.starts_at() > deps.tenancy.mint().now() {
        let message = format!("{period} has not begun; preview this month or one before");
        return Err(Fault::invalid(vec![Violation { field: "period".to_owned(), message }]));
    }
    let tenant = crate::enter(deps, caller).await?;
    let tx = deps.tenancy.platform().await?;
    let frozen = match store::meter_period::state(&tx, tenant.id, period).await? {
        State::Closed(frozen) => {
            if let Some(issued) = store::invoice::find_of(&tx, tenant.id, period).await? {
                return Ok(Invoice::Issued(issued));
            }
            frozen
        }
        State::Open | State::Closing => Frozen {
            active_people: store::active_person::count(&tx, tenant.id, period, usage::V1.days).await?,
            terms: subscription::in_force(&store::subscription::list(&tx, tenant.id).await?, period),
        },
    };
    tx.commit().await?;
    assemble(&tenant, period, &frozen).map(Invoice::Draft)
}

/// One invoice of the caller's tenant; of any tenant, for the operator without one.
///
/// # Errors
/// Not found when there is none of that number, or it is another tenant's.
pub(crate) async fn get(deps: &Deps, caller: &Caller, number: Number) -> Result<Issued, Fault> {
    let tenant = match (caller.party, caller.tenant) {
        // The operator keeps the books, also those of a tenant that is gone.
        (Party::Operator, None) => None,
        _ => Some(crate::enter(deps, caller).await?.id),
    };
    let tx = deps.tenancy.platform().await?;
    let found = store::invoice::find(&tx, tenant, number).await?;
    tx.commit().await?;
    found.ok_or_else(|| fault::invoice_not_found(number))
}

/// A page of the invoices of the caller's tenant, newest first, and the token of the next one.
///
/// # Errors
/// Invalid when the page token is not ours.
pub(crate) async fn list(
    deps: &Deps,
    caller: &Caller,
    size: PageSize,
    token: &str,
) -> Result<(Vec<Issued>, String), Fault> {
    let tenant = crate::enter(deps, caller).await?;
    let before =
        deps.pages.decode(caller, LIST, token)?.and_then(|position| std::str::from_utf8(&position).ok()?.parse().ok());
    let tx = deps.tenancy.platform().await?;
    let mut invoices = store::invoice::page(&tx, tenant.id, before, size.get() + 1).await?;
    tx.commit().await?;
    let more = invoices.len() > size.len();
    invoices.truncate(size.len());
    let last = invoices.last().filter(|_| more);
    let next = last.map(|last| deps.pages.encode(caller, LIST, last.number.to_string().as_bytes()));
    Ok((invoices, next.unwrap_or_default()))
}

#[cfg(test)]
mod tests;
