//! Access codes: with one of them a person without an e-mail address and without an IdP begins a claim.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, Method, Way, record, record_all};
use freehold_tenancy::{Tenant, TenantTx};
use freehold_types::{AccessCodeId, Caller, Fault, PersonId};

use crate::audit::{self, Refused};
use crate::code::Code;
use crate::people::Person;
use crate::session::Opened;
use crate::{Auth, company, fault, local, people, reach, session, store};

/// The most codes one call issues.
pub(crate) const ISSUED_MAX: usize = 100;
/// Days a code is good when the request leaves the choice to us.
pub(crate) const DAYS_DEFAULT: i32 = 14;
/// The most days a code is good.
pub(crate) const DAYS_MAX: i32 = 90;

/// A code on its way to its person.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) person: PersonId,
    pub(crate) display_name: String,
    pub(crate) code: Code,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Makes a code for each of these people, who each are named once, and voids their older ones.
pub(crate) async fn issue(auth: &Auth, caller: &Caller, ids: &[PersonId], days: i32) -> Result<Vec<Issued>, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let policy = store::policy::get(&tx).await?;
    let accounts = store::emergency_account::all(&tx).await?;
    tx.commit().await?;
    let emergency = |id: &PersonId| accounts.iter().any(|account| account.id == *id);
    if !policy.access_codes && !ids.iter().all(emergency) {
        return Err(fault::access_codes_off());
    }
    let people = people::list_active(auth, caller, ids).await?;
    reach::check(auth, caller, &people).await?;
    let now = auth.deps.mint.now();
    let mut codes = Vec::with_capacity(ids.len());
    for id in ids {
        let person = people.iter().find(|person| person.id == *id).ok_or_else(|| fault::person_not_found(*id))?;
        codes.push(Issued {
            person: *id,
            display_name: person.display_name.clone(),
            code: Code::make(&auth.deps.mint),
            expires_at: now + TimeDelta::days(i64::from(days)),
        });
    }
    let tx = auth.deps.tenancy.begin(caller).await?;
    store::access_code::delete_expired(&tx, now).await?;
    let mut events = void(&tx, ids).await?;
    store::access_code::insert_all(&tx, &codes).await?;
    let issued = |code: &Issued| Event::AccessCodeIssued { person: code.person, expires_at: code.expires_at };
    events.extend(codes.iter().map(issued));
    record_all(&tx, caller, &events).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %caller.tenant()?, caller.id = ?caller.party, code_count = codes.len(), "access codes were issued");
    Ok(codes)
}

/// Voids the unused codes of these people; answers what is to be written of it.
pub(crate) async fn void(tx: &TenantTx, people: &[PersonId]) -> Result<Vec<Event>, Fault> {
    let voided = store::access_code::people_among(tx, people).await?;
    store::access_code::delete_of_people(tx, people).await?;
    Ok(voided.into_iter().map(|person| Event::AccessCodeVoided { person }).collect())
}

/// The unused code that somebody typed, and its person, who may come in with it.
pub(crate) async fn find(auth: &Auth, caller: &Caller, typed: &str) -> Result<Option<(AccessCodeId, Person)>, Fault> {
    let Some(code) = Code::read(typed) else { return Ok(None) };
    let tx = auth.deps.tenancy.begin(caller).await?;
    let now = tx.mint().now();
    let waiting = store::access_code::find(&tx, &code).await?.filter(|waiting| now < waiting.expires_at);
    let open = match &waiting {
        Some(waiting) => local::is_open(&tx, waiting.person).await?,
        None => false,
    };
    tx.commit().await?;
    let Some(waiting) = waiting.filter(|_waiting| open) else { return Ok(None) };
    Ok(people::find_active(auth, caller, waiting.person).await?.map(|person| (waiting.id, person)))
}

/// The answer to a code that is not good, but that somebody who tried too often must wait. Only wrong tries are slowed
/// down: nobody can keep others out by guessing.
pub(crate) async fn refuse(auth: &Auth, tenant: &Tenant) -> Fault {
    tracing::info!(tenant.id = %tenant.id, "an access code was refused");
    match auth.code_tries.count(tenant.id, auth.deps.mint.now()) {
        Ok(()) => {
            audit::refused(auth, tenant.id, Refused::because(Method::AccessCode, "access_code_unknown")).await;
            fault::access_code_refused()
        }
        Err(wait) => {
            audit::throttled(auth, tenant.id, Method::AccessCode, None).await;
            fault::too_many_tries(wait)
        }
    }
}

/// Lets a person in with nothing but a code, where the installation has sign-in links. Everywhere else no code is good
/// for that.
pub(crate) async fn open_link(auth: &Auth, company_address: &str, typed: &str) -> Result<Opened, Fault> {
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::access_code_refused)?;
    let caller = company::on_behalf(&tenant);
    let found = if auth.deps.config.sign_in_links { find(auth, &caller, typed).await? } else { None };
    let Some((id, person)) = found else { return Err(refuse(auth, &tenant).await) };
    let tx = auth.deps.tenancy.begin(&caller).await?;
    if !store::access_code::take(&tx, id).await? {
        drop(tx);
        return Err(refuse(auth, &tenant).await);
    }
    let opened = session::open(&tx, &caller, person.id, None).await?;
    let way = Way::own(Method::SignInLink);
    record(&tx, &caller, Event::SignedIn { person: person.id, way, first: false }).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %tenant.id, person.id = %person.id, "a sign-in link was opened");
    Ok(opened)
}
