//! Access codes: how a person without an e-mail address and without an IdP comes in, once.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Caller, Fault, PersonId};

use crate::code::Code;
use crate::session::Opened;
use crate::{Auth, company, fault, people, session, store};

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
    tx.commit().await?;
    if !policy.access_codes {
        return Err(fault::access_codes_off());
    }
    let people = people::list_active(auth, caller, ids).await?;
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
    store::access_code::delete_of_people(&tx, ids).await?;
    store::access_code::insert_all(&tx, &codes).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %caller.tenant()?, caller.id = ?caller.party, code_count = codes.len(), "access codes were issued");
    Ok(codes)
}

/// Lets a person in with a code. Every refusal is the same, but that somebody who tried too often must wait.
pub(crate) async fn redeem(auth: &Auth, company_address: &str, typed: &str) -> Result<Opened, Fault> {
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::access_code_refused)?;
    let caller = company::on_behalf(&tenant);
    if let Some(opened) = try_code(auth, &caller, typed).await? {
        tracing::info!(tenant.id = %tenant.id, "an access code was redeemed");
        return Ok(opened);
    }
    // Only wrong tries are slowed down: nobody can keep others out by guessing.
    tracing::info!(tenant.id = %tenant.id, "an access code was refused");
    auth.code_tries.count(tenant.id, auth.deps.mint.now()).map_err(fault::too_many_tries)?;
    Err(fault::access_code_refused())
}

async fn try_code(auth: &Auth, caller: &Caller, typed: &str) -> Result<Option<Opened>, Fault> {
    let Some(code) = Code::read(typed) else { return Ok(None) };
    let tx = auth.deps.tenancy.begin(caller).await?;
    let policy = store::policy::get(&tx).await?;
    let waiting = store::access_code::find(&tx, &code).await?;
    let now = tx.mint().now();
    tx.commit().await?;
    let Some(waiting) = waiting.filter(|waiting| policy.access_codes && now < waiting.expires_at) else {
        return Ok(None);
    };
    if people::find_active(auth, caller, waiting.person).await?.is_none() {
        return Ok(None);
    }
    let tx = auth.deps.tenancy.begin(caller).await?;
    if !store::access_code::take(&tx, waiting.id).await? {
        return Ok(None);
    }
    let opened = session::open(&tx, waiting.person, None).await?;
    tx.commit().await?;
    Ok(Some(opened))
}
