//! The ends of sessions that an IdP has a part in: it says that they are over, or people sign out there, too.

use freehold_audit::{Event, Label, record};
use freehold_tenancy::Tenant;
use freehold_types::{Caller, Fault, Secret};

use crate::connection::{self, Connection};
use crate::ended::EndedSessions;
use crate::idp::{Idp, UNKNOWN_KEY_PAUSE, WRONG_SIGNATURE_PAUSE};
use crate::logout_token::{self, Expected, LogoutRefusal, LogoutToken};
use crate::refusal::{Ended, Refusal};
use crate::{Auth, audit, company, fault, store};

/// Takes a logout token of an IdP and ends the sessions it names (OpenID Connect Back-Channel Logout 1.0). Sessions that
/// are over already are no mistake; every refusal looks the same outside.
pub(crate) async fn take(
    auth: &Auth,
    company_address: &str,
    connection_name: &str,
    logout_token: &str,
) -> Result<(), Fault> {
    let Some(tenant) = company::find(auth, company_address).await? else {
        return Err(refuse(auth, None, &Refusal::UnknownCompany).await);
    };
    match check_and_end(auth, &tenant, connection_name, logout_token).await {
        Ok(()) => Ok(()),
        Err(Ended::Refused(refusal)) => Err(refuse(auth, Some((&tenant, connection_name)), &refusal).await),
        Err(Ended::Failed(fault)) => Err(fault),
    }
}

async fn check_and_end(auth: &Auth, tenant: &Tenant, connection_name: &str, raw: &str) -> Result<(), Ended> {
    let caller = company::on_behalf(tenant);
    let tx = auth.deps.tenancy.begin(&caller).await?;
    let found = store::connection::find_by_name(&tx, connection_name).await?;
    tx.commit().await?;
    let connection = found.ok_or(Refusal::UnknownConnection)?;
    let token = verify(auth, &connection, raw).await?;

    let tx = auth.deps.tenancy.begin(&caller).await?;
    store::logout_token::delete_expired(&tx, auth.deps.mint.now()).await?;
    if !store::logout_token::insert(&tx, connection.id, &token.id, token.stale_at).await? {
        return Err(Refusal::LogoutReplayed.into());
    }
    let sid = token.sid.as_deref();
    let ended = match &token.subject {
        None => store::session::delete_at_idp(&tx, connection.id, sid, None).await?,
        Some(subject) => match store::identity::find_person(&tx, connection.id, subject).await? {
            Some(person) => store::session::delete_at_idp(&tx, connection.id, sid, Some(person)).await?,
            None => EndedSessions::none(),
        },
    };
    let taken = Event::LogoutTokenTaken { connection: Label::new(connection_name), ended: ended.count() };
    record(&tx, &caller, taken).await?;
    tx.commit().await?;
    let by = if sid.is_some() { "session" } else { "subject" };
    let count = ended.count();
    auth.ended.tell(tenant.id, ended);
    tracing::info!(tenant.id = %tenant.id, connection.id = %connection.id, by, ended = count, "an IdP ended sessions");
    Ok(())
}

/// Verifies the token; when its key is unknown or its signature wrong, with keys read again, but not often.
async fn verify(auth: &Auth, connection: &Connection, raw: &str) -> Result<LogoutToken, Ended> {
    let unavailable = |error| fault::idp_unavailable(&connection.settings.name, error);
    let settings = &connection.settings;
    let expected = Expected { issuer: &settings.issuer, client_id: &settings.client_id, now: auth.deps.mint.now() };
    let check = |idp: &Idp| logout_token::verify(raw, &idp.keys, &expected);
    let idp = auth.idps.get(connection).await.map_err(unavailable)?;
    let pause = match check(&idp) {
        Err(LogoutRefusal::UnknownKey) => UNKNOWN_KEY_PAUSE,
        Err(LogoutRefusal::Signature) => WRONG_SIGNATURE_PAUSE,
        decided => return Ok(decided.map_err(Refusal::LogoutToken)?),
    };
    let again = auth.idps.get_with_new_keys(connection, pause).await.map_err(unavailable)?;
    Ok(check(&again).map_err(Refusal::LogoutToken)?)
}

/// Writes down why, and answers what every refusal answers.
async fn refuse(auth: &Auth, at: Option<(&Tenant, &str)>, refusal: &Refusal) -> Fault {
    let tenant = at.map(|(tenant, _)| tracing::field::display(tenant.id));
    tracing::info!(tenant.id = tenant, refusal = %refusal, "a logout token was refused");
    if let Some((tenant, connection_name)) = at {
        audit::logout_refused(auth, tenant.id, connection_name, refusal.code()).await;
    }
    fault::logout_refused()
}

/// Where somebody whose session came with this ID token signs out of the IdP (OpenID Connect RP-Initiated Logout 1.0).
/// They come back here whatever a request says.
pub(crate) async fn address(
    auth: &Auth,
    caller: &Caller,
    connection: &Connection,
    id_token: &Secret<String>,
) -> Result<Option<String>, Fault> {
    // An IdP that is down is no reason not to sign out here.
    let Ok(idp) = auth.idps.get(connection).await else { return Ok(None) };
    let Some(endpoint) = idp.sign_out_endpoint() else { return Ok(None) };
    let tenant = auth.deps.tenancy.get(caller.tenant()?).await?;
    let mut url = endpoint.clone();
    url.query_pairs_mut()
        .append_pair("id_token_hint", id_token.expose())
        .append_pair("client_id", &connection.settings.client_id)
        .append_pair("post_logout_redirect_uri", &connection::post_logout_redirect_uri(auth, &tenant.name));
    Ok(Some(url.into()))
}

#[cfg(test)]
mod tests;
