//! A new passkey: the one a claim is completed with, and later ones.

use chrono::TimeDelta;
use freehold_audit::{Event, Method, record};
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, Fault, Mint, PersonId, Service};
use serde_json::json;
use webauthn_rs::prelude::{CredentialID, Passkey as Key, PasskeyRegistration, RegisterPublicKeyCredential, Webauthn};

use super::{ATTEMPT_MINUTES, CREDENTIAL_BYTES_MAX, PASSKEYS_MAX, Passkey, ready, unwritten};
use crate::local::Cleared;
use crate::people::Person;
use crate::session::{self, Opened};
use crate::token::TokenHash;
use crate::{Auth, claim, company, fault, local, people, store};

/// Asks for the passkey that completes a claim.
pub(crate) async fn begin_claim(auth: &Auth, company_address: &str, claim_token: &str) -> Result<String, Fault> {
    let found = claim::find(auth, company_address, claim_token).await?;
    let (options, state) = ask(ready(auth)?, &found.person, Vec::new())?;
    let tx = auth.deps.tenancy.begin(&company::on_behalf(&found.tenant)).await?;
    keep(&tx, &found.browser, &state).await?;
    tx.commit().await?;
    Ok(options)
}

/// Enrols it, spends the code, ends what the person had before, and lets them in.
pub(crate) async fn complete_claim(
    auth: &Auth,
    company_address: &str,
    claim_token: &str,
    credential_json: &str,
) -> Result<Opened, Fault> {
    let found = claim::find(auth, company_address, claim_token).await?;
    let tx = auth.deps.tenancy.begin(&company::on_behalf(&found.tenant)).await?;
    let state = store::passkey_attempt::take(&tx, &found.browser, tx.mint().now()).await?;
    tx.commit().await?;
    let key = check(ready(auth)?, state, credential_json)?;

    let tx = auth.deps.tenancy.begin(&company::on_behalf(&found.tenant)).await?;
    let Cleared { events, sessions } = claim::spend(&tx, &found).await?;
    let passkey = passkey(tx.mint(), found.person.id, key);
    insert(&tx, &passkey).await?;
    let opened = session::open(&tx, &company::on_behalf(&found.tenant), found.person.id, None).await?;
    let enrolled = Event::PasskeyEnrolled { person: found.person.id, passkey: passkey.id };
    claim::write(&tx, &found, events, enrolled, Method::Passkey).await?;
    tx.commit().await?;
    claim::completed(auth, &found, sessions);
    Ok(opened)
}

/// Asks for one more passkey of the caller.
pub(crate) async fn begin_enrolment(auth: &Auth, caller: &Caller) -> Result<String, Fault> {
    let relying_party = ready(auth)?;
    let (id, session) = session::own(caller)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let open = local::is_open(&tx, id).await?;
    let known = store::passkey::list(&tx, id).await?;
    tx.commit().await?;
    if !open {
        return Err(fault::passkeys_off());
    }
    if known.len() >= PASSKEYS_MAX {
        return Err(fault::too_many_passkeys());
    }
    let on_behalf = Caller::service(Service::Auth, caller.tenant()?);
    let person = people::find_active(auth, &on_behalf, id).await?.ok_or_else(fault::sign_in_needed)?;
    let known = known.iter().map(|passkey| passkey.key.cred_id().clone()).collect();
    let (options, state) = ask(relying_party, &person, known)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    keep(&tx, &TokenHash::of_session(session), &state).await?;
    tx.commit().await?;
    Ok(options)
}

/// Enrols it.
pub(crate) async fn finish_enrolment(auth: &Auth, caller: &Caller, credential_json: &str) -> Result<Passkey, Fault> {
    let (person, session) = session::own(caller)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let state = store::passkey_attempt::take(&tx, &TokenHash::of_session(session), tx.mint().now()).await?;
    tx.commit().await?;
    let key = check(ready(auth)?, state, credential_json)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    if !local::is_open(&tx, person).await? {
        return Err(fault::passkeys_off());
    }
    if store::passkey::list(&tx, person).await?.len() >= PASSKEYS_MAX {
        return Err(fault::too_many_passkeys());
    }
    let passkey = passkey(tx.mint(), person, key);
    insert(&tx, &passkey).await?;
    record(&tx, caller, Event::PasskeyEnrolled { person, passkey: passkey.id }).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %caller.tenant()?, person.id = %person, passkey.id = %passkey.id, "a passkey was enrolled");
    Ok(passkey)
}

/// What the browser is asked, and what its answer is judged by. The key is to stay on the device and to know whose it is,
/// which the crate leaves open: without that nobody could sign in without a name.
fn ask(relying_party: &Webauthn, person: &Person, known: Vec<CredentialID>) -> Result<(String, Vec<u8>), Fault> {
    let known = (!known.is_empty()).then_some(known);
    let name = if person.user_name.is_empty() { &person.display_name } else { &person.user_name };
    let (options, state) = relying_party
        .start_passkey_registration(person.id.uuid(), name, &person.display_name, known)
        .map_err(|error| Fault::internal("asking for a passkey", error))?;
    let mut options = serde_json::to_value(&options).map_err(unwritten)?;
    if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
        *selection = json!({ "residentKey": "required", "requireResidentKey": true, "userVerification": "required" });
    }
    Ok((options.to_string(), serde_json::to_vec(&state).map_err(unwritten)?))
}

async fn keep(tx: &TenantTx, browser: &TokenHash, state: &[u8]) -> Result<(), Fault> {
    let now = tx.mint().now();
    store::passkey_attempt::delete_expired(tx, now).await?;
    store::passkey_attempt::put(tx, browser, state, now + TimeDelta::minutes(ATTEMPT_MINUTES)).await
}

/// Whether this is the key that was asked for.
fn check(relying_party: &Webauthn, state: Option<Vec<u8>>, credential_json: &str) -> Result<Key, Fault> {
    let state = state.ok_or_else(fault::passkey_refused)?;
    if credential_json.len() > CREDENTIAL_BYTES_MAX {
        return Err(fault::passkey_refused());
    }
    let state: PasskeyRegistration =
        serde_json::from_slice(&state).map_err(|error| Fault::internal("reading what a browser was asked", error))?;
    let credential: RegisterPublicKeyCredential =
        serde_json::from_str(credential_json).map_err(|error| fault::passkey_refused().because(error))?;
    relying_party
        .finish_passkey_registration(&credential, &state)
        .map_err(|error| fault::passkey_refused().because(error))
}

fn passkey(mint: &Mint, person: PersonId, key: Key) -> Passkey {
    Passkey { id: mint.id(), person, key, created_at: mint.now(), last_used_at: None }
}

/// A device that was enrolled already, for whomever, is refused.
async fn insert(tx: &TenantTx, passkey: &Passkey) -> Result<(), Fault> {
    if store::passkey::lock(tx, passkey.key.cred_id().as_ref()).await?.is_some() {
        return Err(fault::passkey_refused());
    }
    store::passkey::insert(tx, passkey).await
}
