//! Counting active people without watching them.
//!
//! A person counts for a month when they did something themselves on at least [`Definition::days`] different days of
//! it, by the clock of this installation. What is stored is a pseudonym, a number of days that stops there, and the
//! day it last grew: no acts, no times, and nothing more once the person counts.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::Datelike as _;
use freehold_types::{Caller, Fault, Period, PersonId, Service, TenantId};
use freehold_vault::TenantKeys;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::close::State;
use crate::{Deps, store};

/// A person in one tenant's month; says nothing without that month's key.
pub(crate) type Pseudonym = [u8; 16];

/// What makes a person count. Published, and named on every invoice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Number in database columns. Never used twice.
    pub(crate) number: i16,
    /// Name on invoices.
    pub(crate) name: &'static str,
    /// Different days (UTC) of a month on which a person must have acted.
    pub(crate) days: i16,
}

/// Two days: a look by accident, or a first sign-in to find one's way, costs nobody anything.
pub(crate) static V1: Definition = Definition { number: 1, name: "active-person-v1", days: 2 };

/// The definition of that number.
pub(crate) fn find_definition(number: i16) -> Option<&'static Definition> {
    [&V1].into_iter().find(|definition| definition.number == number)
}

/// What is stored of a person in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// On how many days, never more than the definition asks for.
    pub(crate) day_count: i16,
    /// On which day of the month the number last grew.
    pub(crate) last_day: i16,
}

/// What is to be stored after an act on `day`; nothing when the act changes nothing.
pub(crate) fn note(definition: &Definition, before: Option<Seen>, day: i16) -> Option<Seen> {
    match before {
        None => Some(Seen { day_count: 1, last_day: day }),
        // Only a later day is another day: two processes whose clocks disagree at midnight do not make two of one.
        Some(seen) if seen.day_count < definition.days && day > seen.last_day => {
            Some(Seen { day_count: seen.day_count + 1, last_day: day })
        }
        Some(_) => None,
    }
}

/// Notes that the calling person did something themselves just now.
///
/// # Errors
/// Forbidden when the caller is no person.
pub(crate) async fn record(deps: &Deps, noted: &Noted, caller: &Caller) -> Result<(), Fault> {
    let (tenant, person) = (caller.tenant()?, caller.person()?);
    let now = deps.tenancy.mint().now();
    let period = Period::of(now);
    let day = i16::try_from(now.day()).map_err(|error| Fault::internal("reading the day of the month", error))?;
    if noted.covers(tenant, person, period, day) {
        return Ok(());
    }
    let pseudonym = pseudonym(&deps.tenancy.keys(caller).await?, period, person);
    let tx = deps.tenancy.platform().await?;
    // After the month is closed nothing is counted for it, however late an act was on its way.
    let seen = match store::meter_period::lock(&tx, tenant, period).await? {
        State::Closing | State::Closed(_) => None,
        State::Open => {
            let before = store::active_person::find(&tx, tenant, period, pseudonym).await?;
            let after = note(&V1, before, day);
            if let Some(after) = after {
                store::active_person::put(&tx, (tenant, period, pseudonym), before, after).await?;
            }
            after.or(before)
        }
    };
    tx.commit().await?;
    let counted = seen.is_some_and(|seen| seen.day_count >= V1.days);
    noted.remember(tenant, person, Entry { period, day, counted });
    Ok(())
}

fn pseudonym(keys: &TenantKeys, period: Period, person: PersonId) -> Pseudonym {
    let key = keys.purpose(Service::Billing, &format!("meter {period}"));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length (RFC 2104)");
    mac.update(person.uuid().as_bytes());
    let tag: [u8; 32] = mac.finalize().into_bytes().into();
    let mut pseudonym = Pseudonym::default();
    pseudonym.iter_mut().zip(tag).for_each(|(byte, of_tag)| *byte = of_tag);
    pseudonym
}

/// People remembered at the most; about 20 MB. When it is full, all are forgotten.
const NOTED_PEOPLE_MAX: usize = 200_000;

/// People whose next act needs no query, because it would change nothing. Losing it costs queries and never a count:
/// the primary key of the table alone decides that.
#[derive(Default)]
pub(crate) struct Noted(Mutex<HashMap<(TenantId, PersonId), Entry>>);

#[derive(Debug, Clone, Copy)]
struct Entry {
    period: Period,
    day: i16,
    counted: bool,
}

impl Noted {
    fn covers(&self, tenant: TenantId, person: PersonId, period: Period, day: i16) -> bool {
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        people.get(&(tenant, person)).is_some_and(|entry| entry.period == period && (entry.counted || entry.day == day))
    }

    fn remember(&self, tenant: TenantId, person: PersonId, entry: Entry) {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= NOTED_PEOPLE_MAX {
            people.clear();
        }
        people.insert((tenant, person), entry);
    }
}

#[cfg(test)]
mod tests;
