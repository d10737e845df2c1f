//! The service's queries, a file per table or two that are written together. They take a transaction on the
//! operator's tables, speak the domain's types, and seal and open on the way.

pub(crate) mod active_person;
pub(crate) mod invoice;
pub(crate) mod meter_period;
pub(crate) mod subscription;

use chrono::Datelike as _;
use freehold_types::{Currency, Fault, Period};

use crate::plan::{self, Plan};
use crate::subscription::Terms;
use crate::usage::{self, Definition};

/// A month as a column has it: 202610.
fn period_number(period: Period) -> i32 {
    let month = i32::try_from(period.starts_at().month()).unwrap_or_default();
    period.year() * 100 + month
}

fn period_of(number: i32) -> Result<Period, Fault> {
    let text = format!("{:04}-{:02}", number / 100, number % 100);
    text.parse().map_err(|error| Fault::internal("reading a stored period", error))
}

/// Number of a currency in columns. Never change one: rows depend on it.
const fn currency_number(currency: Currency) -> i16 {
    match currency {
        Currency::Eur => 1,
        Currency::Usd => 2,
    }
}

fn terms_of(plan: i16, currency: i16) -> Result<Terms, Fault> {
    let known = [Currency::Eur, Currency::Usd].into_iter().find(|known| currency_number(*known) == currency);
    Ok(Terms { plan: plan_of(plan)?, currency: known.ok_or_else(|| unknown("currency", currency))? })
}

fn plan_of(number: i16) -> Result<&'static Plan, Fault> {
    plan::find_by_number(number).ok_or_else(|| unknown("plan", number))
}

fn definition_of(number: i16) -> Result<&'static Definition, Fault> {
    usage::find_definition(number).ok_or_else(|| unknown("definition", number))
}

/// A number that this version cannot have written.
fn unknown(what: &str, number: i16) -> Fault {
    Fault::internal("reading the billing tables", format!("there is no {what} {number}"))
}
