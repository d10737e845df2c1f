//! Claims: the half of the way between an access code and a session. A claim lets nobody in; it is an object of its own
//! and no flag on a session, so there is nothing that a later check could forget to look at.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, Method, Way, record, record_all};
use freehold_tenancy::{Tenant, TenantTx};
use freehold_types::{AccessCodeId, Fault, PersonId, Secret, Violations};

use crate::delay::Name;
use crate::ended::EndedSessions;
use crate::local::Cleared;
use crate::people::Person;
use crate::session::Opened;
use crate::token::{self, TokenHash};
use crate::totp::TotpSecret;
use crate::{Auth, access_code, company, fault, local, password, people, session, store};

/// How long a person may take to choose a way to sign in.
const CLAIM_MINUTES: i64 = 15;

/// An access code that one browser has redeemed. The code itself stays good until the claim is completed.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) access_code: AccessCodeId,
    pub(crate) person: PersonId,
    /// What the person's authenticator app is offered.
    pub(crate) totp_secret: TotpSecret,
    pub(crate) expires_at: DateTime<Utc>,
}

/// What the browser that redeemed a code is told.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) claim_token: Secret<String>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// What a person needs to choose a way to sign in.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) tenant: Tenant,
    pub(crate) totp_secret: Secret<String>,
    pub(crate) totp_address: Secret<String>,
    pub(crate) expires_at: DateTime<Utc>,
    /// Whether a passkey can be enrolled.
    pub(crate) passkeys: bool,
}

/// A claim that can be completed.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) tenant: Tenant,
    pub(crate) claim: Claim,
    pub(crate) person: Person,
    /// The browser that may complete it.
    pub(crate) browser: TokenHash,
}

/// Begins a claim with a code. Every refusal is the same, but that somebody who tried too often must wait.
pub(crate) async fn redeem(auth: &Auth, company_address: &str, typed: &str) -> Result<Begun, Fault> {
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::access_code_refused)?;
    let caller = company::on_behalf(&tenant);
    let Some((access_code, person)) = access_code::find(auth, &caller, typed).await? else {
        return Err(access_code::refuse(auth, &tenant).await);
    };
    let mint = &auth.deps.mint;
    let claim_token = token::make(mint);
    let browser = TokenHash::of(claim_token.expose())
        .ok_or_else(|| Fault::internal("beginning a claim", "a token we made is not one of ours"))?;
    let now = mint.now();
    let claim = Claim {
        access_code,
        person: person.id,
        totp_secret: TotpSecret::make(mint),
        expires_at: now + TimeDelta::minutes(CLAIM_MINUTES),
    };
    let tx = auth.deps.tenancy.begin(&caller).await?;
    store::claim::delete_expired(&tx, now).await?;
    store::claim::insert(&tx, &browser, &claim).await?;
    record(&tx, &caller, Event::AccessCodeRedeemed { person: person.id }).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %tenant.id, person.id = %person.id, "an access code was redeemed");
    Ok(Begun { claim_token, expires_at: claim.expires_at })
}

/// What this browser's claim offers.
pub(crate) async fn get(auth: &Auth, company_address: &str, claim_token: &str) -> Result<Offer, Fault> {
    let Found { tenant, claim, .. } = find(auth, company_address, claim_token).await?;
    Ok(Offer {
        passkeys: auth.passkeys.is_some(),
        totp_secret: claim.totp_secret.base32(),
        totp_address: claim.totp_secret.address(&tenant.company)?,
        expires_at: claim.expires_at,
        tenant,
    })
}

/// Sets the person's password and authenticator app and lets them in. What they had before ends: a new code is how
/// somebody who lost a phone, or had one stolen, starts anew.
pub(crate) async fn complete(
    auth: &Auth,
    company_address: &str,
    claim_token: &str,
    password: &Secret<String>,
    totp_code: &str,
) -> Result<Opened, Fault> {
    let found = find(auth, company_address, claim_token).await?;
    if local::names(&found.person).is_empty() {
        return Err(fault::no_sign_in_name());
    }
    let used_step = check(auth, &found, password, totp_code)?;
    let hashed = password::hash(auth, password).await?;

    let tx = auth.deps.tenancy.begin(&company::on_behalf(&found.tenant)).await?;
    let Cleared { events, sessions } = spend(&tx, &found).await?;
    store::password::insert(&tx, found.person.id, &hashed, &found.claim.totp_secret, used_step).await?;
    local::put_names(&tx, &found.person).await?;
    let opened = session::open(&tx, &company::on_behalf(&found.tenant), found.person.id, None).await?;
    write(&tx, &found, events, Event::PasswordSet { person: found.person.id }, Method::Password).await?;
    tx.commit().await?;
    completed(auth, &found, sessions);
    Ok(opened)
}

/// Spends the access code and ends what the person had before. Of all who come with one code at the same moment, one
/// alone gets past this. Answers what ended.
pub(crate) async fn spend(tx: &TenantTx, found: &Found) -> Result<Cleared, Fault> {
    let open = local::is_open(tx, found.person.id).await?;
    if !open || !store::access_code::take(tx, found.claim.access_code).await? {
        return Err(fault::claim_refused());
    }
    local::end_all_of(tx, found.person.id).await
}

/// Writes down what ended, the way to sign in that was chosen, and that the person is in.
pub(crate) async fn write(
    tx: &TenantTx,
    found: &Found,
    ended: Vec<Event>,
    chosen: Event,
    method: Method,
) -> Result<(), Fault> {
    let before = |event: &Event| matches!(event, Event::PasswordRemoved { .. } | Event::PasskeyRemoved { .. });
    let first = !ended.iter().any(before);
    let signed_in = Event::SignedIn { person: found.person.id, way: Way::own(method), first };
    let events: Vec<Event> = ended.into_iter().chain([chosen, signed_in]).collect();
    record_all(tx, &company::on_behalf(&found.tenant), &events).await
}

/// What follows when it is written.
pub(crate) fn completed(auth: &Auth, found: &Found, ended: EndedSessions) {
    let Found { tenant, person, .. } = found;
    auth.ended.tell(tenant.id, ended);
    // Whatever others tried, they tried it with what has ended.
    local::names(person).iter().for_each(|name| auth.delays.succeeded(Name::new(tenant.id, name)));
    tracing::info!(tenant.id = %tenant.id, person.id = %person.id, "a claim was completed");
}

/// The claim of this browser while it can be completed, and its person. Every refusal is the same.
pub(crate) async fn find(auth: &Auth, company_address: &str, claim_token: &str) -> Result<Found, Fault> {
    let browser = TokenHash::of(claim_token).ok_or_else(fault::claim_refused)?;
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::claim_refused)?;
    let caller = company::on_behalf(&tenant);
    let tx = auth.deps.tenancy.begin(&caller).await?;
    let now = tx.mint().now();
    let claim = store::claim::find(&tx, &browser).await?.filter(|claim| now < claim.expires_at);
    let claim = claim.ok_or_else(fault::claim_refused)?;
    let good = store::access_code::exists(&tx, claim.access_code).await? && local::is_open(&tx, claim.person).await?;
    tx.commit().await?;
    if !good {
        return Err(fault::claim_refused());
    }
    let person = people::find_active(auth, &caller, claim.person).await?.ok_or_else(fault::claim_refused)?;
    Ok(Found { tenant, claim, person, browser })
}

/// Whether password and digits are what they must be; answers the step of the digits.
fn check(auth: &Auth, found: &Found, password: &Secret<String>, totp_code: &str) -> Result<i64, Fault> {
    let Found { tenant, claim, person, .. } = found;
    let mut violations = Violations::new();
    let Person { display_name, user_name, employee_number, email, .. } = person;
    let own = [display_name, user_name, employee_number, email, &tenant.name, &tenant.company];
    if let Some(mistake) = password::mistake(password.expose(), &own.map(String::as_str)) {
        violations.push("password", mistake);
    }
    let step = claim.totp_secret.step_of(totp_code, auth.deps.mint.now())?;
    if step.is_none() {
        violations.push("totp_code", "must be the six digits that the authenticator app shows now");
    }
    violations.finish()?;
    step.ok_or_else(fault::claim_refused)
}
