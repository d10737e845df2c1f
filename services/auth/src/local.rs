//! The way in that people have of their own: a name, a password and an authenticator app.
//!
//! Both factors come in one request and are judged together, so there is no second step that could be skipped, and a
//! refusal does not say which of the three was wrong.

use std::collections::BTreeSet;

use freehold_audit::{Event, Method, SessionsEndedBy, Way, record};
use freehold_tenancy::{Tenant, TenantTx};
use freehold_types::{Caller, Fault, PasswordId, PersonId, Secret};

use crate::audit::{self, Refused};
use crate::delay::Name;
use crate::ended::EndedSessions;
use crate::password::{self, Hashed};
use crate::people::Person;
use crate::session::Opened;
use crate::totp::{self, TotpSecret};
use crate::{Auth, access_code, company, emergency, fault, people, session, store};

/// Tries that digits have in one step, right ones included.
const TRIES_PER_STEP_MAX: i32 = 5;
/// The longest name we look for.
const NAME_BYTES_MAX: usize = 255;

/// What a person signs in with.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) id: PasswordId,
    pub(crate) person: PersonId,
    pub(crate) password: Hashed,
    pub(crate) totp_secret: TotpSecret,
    pub(crate) tries: Tries,
}

/// Which digits were used, and how often some were tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tries {
    /// The latest step whose digits let somebody in: no earlier ones do again.
    pub(crate) used_step: i64,
    /// The step in which digits were tried last.
    pub(crate) tried_step: i64,
    /// How often.
    pub(crate) count: i32,
}

impl Tries {
    /// Notes a try in the step that runs now; `None` when there were too many already.
    fn one_more(self, now_step: i64) -> Option<Self> {
        let before = if self.tried_step == now_step { self.count } else { 0 };
        (before < TRIES_PER_STEP_MAX).then(|| Self { tried_step: now_step, count: before.saturating_add(1), ..self })
    }
}

/// Whether this person may come in without an IdP: it is an emergency account, or the company takes access codes and the
/// person has no IdP.
pub(crate) async fn is_open(tx: &TenantTx, person: PersonId) -> Result<bool, Fault> {
    if store::emergency_account::exists(tx, person).await? {
        return Ok(true);
    }
    let policy = store::policy::get(tx).await?;
    Ok(policy.access_codes && !policy.sso_only && !store::identity::has_person(tx, person).await?)
}

/// The names a person signs in under. An e-mail address is one of them only for whoever has nothing else.
pub(crate) fn names(person: &Person) -> BTreeSet<String> {
    let own = [&person.user_name, &person.employee_number].map(|name| folded(name));
    let own: BTreeSet<String> = own.into_iter().filter(|name| !name.is_empty()).collect();
    let email = folded(&person.email);
    if own.is_empty() && !email.is_empty() { BTreeSet::from([email]) } else { own }
}

/// Keeps the names that a person signs in under. An emergency account has its own, which no directory can give away.
pub(crate) async fn put_names(tx: &TenantTx, person: &Person) -> Result<(), Fault> {
    if person.emergency { Ok(()) } else { store::sign_in_name::put(tx, person.id, &names(person)).await }
}

/// A name as it is compared.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// What a person had and has no more.
#[derive(Debug)]
pub(crate) struct Cleared {
    /// To be written into the audit log.
    pub(crate) events: Vec<Event>,
    pub(crate) sessions: EndedSessions,
}

/// Ends whatever the person had so far: sessions, claims, codes, password, passkeys.
pub(crate) async fn end_all_of(tx: &TenantTx, person: PersonId) -> Result<Cleared, Fault> {
    let mut events = access_code::void(tx, &[person]).await?;
    store::claim::delete_of_people(tx, &[person]).await?;
    if store::password::find(tx, person).await?.is_some() {
        store::password::delete(tx, person).await?;
        events.push(Event::PasswordRemoved { person });
    }
    let passkeys = store::passkey::list(tx, person).await?;
    events.extend(passkeys.iter().map(|passkey| Event::PasskeyRemoved { person, passkey: passkey.id }));
    store::passkey::delete_of_person(tx, person).await?;
    let sessions = store::session::delete_of_people(tx, &[person]).await?;
    if !sessions.is_none() {
        events.push(Event::SessionsEnded { person, count: sessions.count(), by: SessionsEndedBy::Claim });
    }
    Ok(Cleared { events, sessions })
}

/// Lets a person in. An unknown name takes the same path as a known one, and every refusal is the same, but that
/// somebody who was wrong a moment ago must wait.
pub(crate) async fn sign_in(
    auth: &Auth,
    company_address: &str,
    sign_in_name: &str,
    password: &Secret<String>,
    totp_code: &str,
) -> Result<Opened, Fault> {
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::sign_in_refused)?;
    let sign_in_name = folded(sign_in_name);
    let delayed = Name::new(tenant.id, &sign_in_name);
    if let Err(wait) = auth.delays.begin(delayed, auth.deps.mint.now()) {
        audit::throttled(auth, tenant.id, Method::Password, Some(delayed)).await;
        return Err(fault::too_many_tries(wait));
    }
    let caller = company::on_behalf(&tenant);
    let credential = find(auth, &caller, &sign_in_name).await?;
    let person = credential.as_ref().map(|credential| credential.person);
    match prove(auth, &tenant, &caller, credential, password, totp_code).await? {
        Ok(opened) => {
            auth.delays.succeeded(delayed);
            Ok(opened)
        }
        Err(reason) => {
            tracing::info!(tenant.id = %tenant.id, refusal = reason, "a sign-in with a password was refused");
            let name = Some(delayed);
            let refused = Refused { method: Method::Password, connection: None, reason, person, name };
            audit::refused(auth, tenant.id, refused).await;
            Err(fault::sign_in_refused())
        }
    }
}

/// Judges both factors and opens a session; or says why not, for the log.
async fn prove(
    auth: &Auth,
    tenant: &Tenant,
    caller: &Caller,
    credential: Option<Credential>,
    password: &Secret<String>,
    totp_code: &str,
) -> Result<Result<Opened, &'static str>, Fault> {
    let known = credential.as_ref().map(|credential| &credential.password);
    let right = password::verify(auth, known, password).await?;
    let Some(credential) = credential else { return Ok(Err("name_unknown")) };
    if !right {
        return Ok(Err("password_wrong"));
    }
    let Some(person) = take_digits(auth, caller, &credential, totp_code).await? else { return Ok(Err("digits_wrong")) };
    Ok(enter(auth, tenant, caller, person).await?.ok_or("not_open_to_person"))
}

async fn find(auth: &Auth, caller: &Caller, sign_in_name: &str) -> Result<Option<Credential>, Fault> {
    // No name is that long; what is looked for instead is nobody's either.
    let sign_in_name = if sign_in_name.len() > NAME_BYTES_MAX { "" } else { sign_in_name };
    let tx = auth.deps.tenancy.begin(caller).await?;
    let person = match emergency::find_by_name(&tx, sign_in_name).await? {
        Some(account) => Some(account),
        None => store::sign_in_name::find_person(&tx, sign_in_name).await?,
    };
    let credential =
        store::password::find(&tx, person.unwrap_or_else(|| PersonId::from_uuid(uuid::Uuid::nil()))).await?;
    tx.commit().await?;
    Ok(credential)
}

/// Whose digits these are, used up from now on. Each step's are good once, whatever device asks.
async fn take_digits(
    auth: &Auth,
    caller: &Caller,
    credential: &Credential,
    totp_code: &str,
) -> Result<Option<PersonId>, Fault> {
    let now = auth.deps.mint.now();
    let tx = auth.deps.tenancy.begin(caller).await?;
    let Some(credential) = store::password::lock(&tx, credential.id).await? else { return Ok(None) };
    let Some(mut tries) = credential.tries.one_more(totp::current_step(now)) else { return Ok(None) };
    let step = credential.totp_secret.step_of(totp_code, now)?.filter(|step| *step > tries.used_step);
    if let Some(step) = step {
        tries.used_step = step;
    }
    store::password::put_tries(&tx, credential.id, tries).await?;
    tx.commit().await?;
    Ok(step.map(|_step| credential.person))
}

/// Opens a session for somebody who has proved who they are, if they may still come in this way.
async fn enter(auth: &Auth, tenant: &Tenant, caller: &Caller, person: PersonId) -> Result<Option<Opened>, Fault> {
    let Some(person) = people::find_active(auth, caller, person).await? else { return Ok(None) };
    let tx = auth.deps.tenancy.begin(caller).await?;
    if !is_open(&tx, person.id).await? {
        return Ok(None);
    }
    // The directory may have renamed them.
    put_names(&tx, &person).await?;
    let opened = session::open(&tx, caller, person.id, None).await?;
    let way = Way::own(Method::Password);
    record(&tx, caller, Event::SignedIn { person: person.id, way, first: false }).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %tenant.id, person.id = %person.id, "a person signed in with a password");
    Ok(Some(opened))
}

#[cfg(test)]
mod tests;
