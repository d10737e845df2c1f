//! Signing in with a passkey.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, Method, Way, record};
use freehold_tenancy::Tenant;
use freehold_types::{Fault, PersonId, Secret};
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential};

use super::{ATTEMPT_MINUTES, CREDENTIAL_BYTES_MAX, ready, unwritten};
use crate::audit::{self, Refused};
use crate::session::{self, Opened};
use crate::token::{self, TokenHash};
use crate::{Auth, company, fault, local, people, store};

/// What a browser is asked.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) options_json: String,
    pub(crate) browser_token: Secret<String>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Asks for whichever passkey the device has for this host.
pub(crate) async fn begin_sign_in(auth: &Auth, company_address: &str) -> Result<Begun, Fault> {
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::sign_in_refused)?;
    let (mut options, state) = ready(auth)?
        .start_discoverable_authentication()
        .map_err(|error| Fault::internal("asking for a passkey", error))?;
    // The crate means the list that a browser unfolds under a field; here somebody has pressed a button.
    options.mediation = None;
    let mint = &auth.deps.mint;
    let (browser_token, now) = (token::make(mint), mint.now());
    let browser = TokenHash::of(browser_token.expose())
        .ok_or_else(|| Fault::internal("asking for a passkey", "a token we made is not one of ours"))?;
    let expires_at = now + TimeDelta::minutes(ATTEMPT_MINUTES);
    let state = serde_json::to_vec(&state).map_err(unwritten)?;
    let tx = auth.deps.tenancy.begin(&company::on_behalf(&tenant)).await?;
    store::passkey_attempt::delete_expired(&tx, now).await?;
    store::passkey_attempt::put(&tx, &browser, &state, expires_at).await?;
    tx.commit().await?;
    Ok(Begun { options_json: serde_json::to_string(&options).map_err(unwritten)?, browser_token, expires_at })
}

/// Lets a person in with what their passkey signed. Every refusal is the same.
pub(crate) async fn finish_sign_in(
    auth: &Auth,
    company_address: &str,
    browser_token: &str,
    credential_json: &str,
) -> Result<Opened, Fault> {
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::sign_in_refused)?;
    let person = prove(auth, &tenant, browser_token, credential_json).await?;
    let opened = match person {
        Ok(person) => enter(auth, &tenant, person).await?.ok_or("not_open_to_person"),
        Err(reason) => Err(reason),
    };
    match opened {
        Ok(opened) => Ok(opened),
        Err(reason) => {
            tracing::info!(tenant.id = %tenant.id, refusal = reason, "a sign-in with a passkey was refused");
            audit::refused(auth, tenant.id, Refused::because(Method::Passkey, reason)).await;
            Err(fault::sign_in_refused())
        }
    }
}

/// Whose passkey signed what this browser was asked; or why it is nobody's, for the log.
async fn prove(
    auth: &Auth,
    tenant: &Tenant,
    browser_token: &str,
    credential_json: &str,
) -> Result<Result<PersonId, &'static str>, Fault> {
    let relying_party = ready(auth)?;
    let Some(browser) = TokenHash::of(browser_token) else { return Ok(Err("attempt_missing")) };
    let tx = auth.deps.tenancy.begin(&company::on_behalf(tenant)).await?;
    let now = tx.mint().now();
    // Used up by the first who comes, whatever they come with.
    let state = store::passkey_attempt::take(&tx, &browser, now).await?;
    tx.commit().await?;
    let Some(state) = state else { return Ok(Err("attempt_late")) };
    let Some((state, credential)) = read(&state, credential_json)? else {
        return Ok(Err("answer_unreadable"));
    };
    let tx = auth.deps.tenancy.begin(&company::on_behalf(tenant)).await?;
    let Some(mut passkey) = store::passkey::lock(&tx, credential.get_credential_id()).await? else {
        return Ok(Err("passkey_unknown"));
    };
    if credential.get_user_unique_id() != Some(passkey.person.uuid().as_bytes().as_slice()) {
        return Ok(Err("passkey_of_other_person"));
    }
    let Ok(result) = relying_party.finish_discoverable_authentication_v2(&credential, state, &passkey.key) else {
        return Ok(Err("passkey_signature"));
    };
    if !result.user_verified() {
        return Ok(Err("passkey_without_user_verification"));
    }
    passkey.key.update_credential(&result);
    store::passkey::touch(&tx, &passkey, now).await?;
    tx.commit().await?;
    Ok(Ok(passkey.person))
}

fn read(
    state: &[u8],
    credential_json: &str,
) -> Result<Option<(DiscoverableAuthentication, PublicKeyCredential)>, Fault> {
    if credential_json.len() > CREDENTIAL_BYTES_MAX {
        return Ok(None);
    }
    let state =
        serde_json::from_slice(state).map_err(|error| Fault::internal("reading what a browser was asked", error))?;
    Ok(serde_json::from_str(credential_json).ok().map(|credential| (state, credential)))
}

async fn enter(auth: &Auth, tenant: &Tenant, person: PersonId) -> Result<Option<Opened>, Fault> {
    let caller = company::on_behalf(tenant);
    if people::find_active(auth, &caller, person).await?.is_none() {
        return Ok(None);
    }
    let tx = auth.deps.tenancy.begin(&caller).await?;
    if !local::is_open(&tx, person).await? {
        return Ok(None);
    }
    let opened = session::open(&tx, &caller, person, None).await?;
    let way = Way::own(Method::Passkey);
    record(&tx, &caller, Event::SignedIn { person, way, first: false }).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %tenant.id, person.id = %person, "a person signed in with a passkey");
    Ok(Some(opened))
}
