//! A sign-in at the company's IdP: one attempt, bound to one browser, one connection and ten minutes.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::Method;
use freehold_tenancy::Tenant;
use freehold_types::{ConnectionId, Fault, Secret};
use openidconnect::AccessToken;
use subtle::ConstantTimeEq as _;

use crate::audit::{self, Refused};
use crate::connection::{Connection, redirect_uri};
use crate::id_token::{self, Expected, IdToken, TokenRefusal};
use crate::identity::{self, Arrival};
use crate::idp::{Idp, UNKNOWN_KEY_PAUSE, WRONG_SIGNATURE_PAUSE};
use crate::oidc;
use crate::refusal::{Ended, Refusal, known_error};
use crate::return_to::landing;
use crate::session::Opened;
use crate::token::{self, TokenHash};
use crate::{Auth, company, connection, fault, store};

/// How long a browser may take to come back from the IdP.
const ATTEMPT_MINUTES: i64 = 10;
/// How much later a browser is still known: it is sent to the IdP once more, where it may be expected already.
const LATE_MINUTES: i64 = 50;
/// The longest authorization code we pass on.
const CODE_BYTES_MAX: usize = 4096;

/// How one can enter a company.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) company: String,
    pub(crate) language: String,
    pub(crate) connection_names: Vec<String>,
    pub(crate) access_codes: bool,
    /// Whether there are any.
    pub(crate) emergency_accounts: bool,
}

/// What the browser that begins is told.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) authorization_url: String,
    pub(crate) browser_token: Secret<String>,
    pub(crate) state: Secret<String>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// An attempt that waits for its browser.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) connection: ConnectionId,
    pub(crate) secrets: Secrets,
    pub(crate) return_to: String,
    pub(crate) expires_at: DateTime<Utc>,
    /// Whether it began because an earlier one was late.
    pub(crate) again: bool,
}

/// What the answer must prove to know, and what proves us to the IdP.
#[derive(Debug)]
pub(crate) struct Secrets {
    pub(crate) state: Secret<String>,
    pub(crate) nonce: Secret<String>,
    pub(crate) code_verifier: Secret<String>,
}

/// What the IdP sent the browser back with.
#[derive(Debug, Clone)]
pub(crate) struct Return {
    pub(crate) company_address: String,
    pub(crate) connection_name: String,
    pub(crate) browser_token: Secret<String>,
    pub(crate) state: Secret<String>,
    pub(crate) code: Secret<String>,
    pub(crate) issuer: String,
    pub(crate) error: String,
}

/// How a sign-in went on.
#[derive(Debug)]
pub(crate) enum Finished {
    Entered(Entered),
    /// It took too long, so another one has begun.
    Late(Begun),
}

/// A sign-in that succeeded.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) session: Opened,
    pub(crate) return_to: String,
}

/// How one can enter the company at this address.
pub(crate) async fn options(auth: &Auth, company_address: &str) -> Result<Options, Fault> {
    let tenant =
        company::find(auth, company_address).await?.ok_or_else(|| fault::company_not_found(company_address))?;
    let tx = auth.deps.tenancy.begin(&company::on_behalf(&tenant)).await?;
    let connections = store::connection::all(&tx).await?;
    let policy = store::policy::get(&tx).await?;
    let accounts = store::emergency_account::all(&tx).await?;
    tx.commit().await?;
    Ok(Options {
        company: tenant.company,
        language: tenant.language,
        connection_names: connections.into_iter().map(|connection| connection.settings.name).collect(),
        access_codes: policy.access_codes,
        emergency_accounts: !accounts.is_empty(),
    })
}

/// Begins an attempt.
pub(crate) async fn begin(
    auth: &Auth,
    company_address: &str,
    connection_name: &str,
    return_to: &str,
) -> Result<Begun, Fault> {
    let Some(tenant) = company::find(auth, company_address).await? else {
        return Err(refuse(auth, None, &Refusal::UnknownCompany).await);
    };
    let caller = company::on_behalf(&tenant);
    let tx = auth.deps.tenancy.begin(&caller).await?;
    let found = store::connection::find_by_name(&tx, connection_name).await?;
    tx.commit().await?;
    let Some(connection) = found else {
        return Err(refuse(auth, Some((&tenant, connection_name)), &Refusal::UnknownConnection).await);
    };
    begin_at(auth, &tenant, &connection, return_to, false).await
}

async fn begin_at(
    auth: &Auth,
    tenant: &Tenant,
    connection: &Connection,
    return_to: &str,
    again: bool,
) -> Result<Begun, Fault> {
    let caller = company::on_behalf(tenant);
    let unavailable = |error| fault::idp_unavailable(&connection.settings.name, error);
    let idp = auth.idps.get(connection).await.map_err(unavailable)?;

    let mint = &auth.deps.mint;
    let now = mint.now();
    let attempt = Attempt {
        connection: connection.id,
        secrets: Secrets { state: token::make(mint), nonce: token::make(mint), code_verifier: token::make(mint) },
        return_to: landing(&tenant.name, return_to),
        expires_at: now + TimeDelta::minutes(ATTEMPT_MINUTES),
        again,
    };
    let back = redirect_uri(auth, &tenant.name, &connection.settings.name);
    let authorization_url = oidc::authorization_url(&idp, connection, &back, &attempt.secrets).map_err(unavailable)?;
    let browser_token = token::make(mint);
    let hash = TokenHash::of(browser_token.expose()).ok_or_else(sealed_wrong)?;

    let tx = auth.deps.tenancy.begin(&caller).await?;
    store::sign_in::delete_expired(&tx, now - TimeDelta::minutes(LATE_MINUTES)).await?;
    store::sign_in::insert(&tx, &hash, &attempt).await?;
    tx.commit().await?;
    Ok(Begun { authorization_url, browser_token, state: attempt.secrets.state, expires_at: attempt.expires_at })
}

/// Finishes an attempt. Every check of a sign-in is called from here, and every refusal looks the same outside.
pub(crate) async fn finish(auth: &Auth, back: &Return) -> Result<Finished, Fault> {
    let Some(tenant) = company::find(auth, &back.company_address).await? else {
        return Err(refuse(auth, None, &Refusal::UnknownCompany).await);
    };
    match check_and_enter(auth, &tenant, back).await {
        Ok(finished) => Ok(finished),
        Err(Ended::Refused(refusal)) => Err(refuse(auth, Some((&tenant, &back.connection_name)), &refusal).await),
        Err(Ended::Failed(fault)) => Err(fault),
    }
}

async fn check_and_enter(auth: &Auth, tenant: &Tenant, back: &Return) -> Result<Finished, Ended> {
    let (connection, attempt) = take(auth, tenant, back).await?;
    let idp = auth.idps.get(&connection).await.map_err(Refusal::Idp)?;
    let checked =
        check_return(back, &attempt, &connection.settings.issuer, idp.announces_issuer(), auth.deps.mint.now());
    if matches!(checked, Err(Refusal::Late)) && !attempt.again {
        return Ok(Finished::Late(begin_at(auth, tenant, &connection, &attempt.return_to, true).await?));
    }
    checked?;
    let redirect_uri = connection::redirect_uri(auth, &tenant.name, &connection.settings.name);
    let verifier = &attempt.secrets.code_verifier;
    let tokens = oidc::exchange(&idp, &connection, &redirect_uri, back.code.expose(), verifier).await?;
    let nonce = Some(&attempt.secrets.nonce);
    let id_token = verify(auth, &idp, &connection, &tokens.id_token, &tokens.access_token, nonce).await?;
    let link = match id_token.text(&connection.settings.link_claim) {
        Some(value) => Some(value),
        // Some IdPs put nothing but the subject into the ID token.
        None => oidc::user_info(&idp, &tokens.access_token, &id_token.subject)
            .await?
            .and_then(|claims| claims.text(&connection.settings.link_claim)),
    };
    let arrival = Arrival { id_token, link, refresh_token: tokens.refresh_token };
    let session = identity::enter(auth, tenant, &connection, arrival).await?;
    Ok(Finished::Entered(Entered { session, return_to: attempt.return_to }))
}

/// Takes this browser's attempt. It is used up by the first who comes, whatever they come with.
async fn take(auth: &Auth, tenant: &Tenant, back: &Return) -> Result<(Connection, Attempt), Ended> {
    let browser = TokenHash::of(back.browser_token.expose()).ok_or(Refusal::NoAttempt)?;
    let tx = auth.deps.tenancy.begin(&company::on_behalf(tenant)).await?;
    let attempt = store::sign_in::take(&tx, &browser).await?;
    let connection = store::connection::find_by_name(&tx, &back.connection_name).await?;
    tx.commit().await?;
    let attempt = attempt.ok_or(Refusal::NoAttempt)?;
    let connection = connection.ok_or(Refusal::UnknownConnection)?;
    if connection.id == attempt.connection { Ok((connection, attempt)) } else { Err(Refusal::OtherConnection.into()) }
}

/// The checks before anything is sent to the IdP.
fn check_return(
    back: &Return,
    attempt: &Attempt,
    issuer: &str,
    issuer_announced: bool,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if back.issuer.is_empty() && issuer_announced {
        return Err(Refusal::IssuerMissing);
    }
    if !back.issuer.is_empty() && back.issuer != issuer {
        return Err(Refusal::OtherIssuer);
    }
    let same = back.state.expose().as_bytes().ct_eq(attempt.secrets.state.expose().as_bytes());
    if !bool::from(same) {
        return Err(Refusal::State);
    }
    if attempt.expires_at <= now {
        return Err(Refusal::Late);
    }
    if !back.error.is_empty() {
        return Err(Refusal::IdpRefused(known_error(&back.error)));
    }
    let code = back.code.expose();
    if code.is_empty() || code.len() > CODE_BYTES_MAX { Err(Refusal::Code) } else { Ok(()) }
}

/// Verifies an ID token, of a sign-in or refreshed; when its key is unknown or its signature wrong, with keys read again,
/// but not often.
pub(crate) async fn verify(
    auth: &Auth,
    idp: &Idp,
    connection: &Connection,
    raw: &Secret<String>,
    access_token: &AccessToken,
    nonce: Option<&Secret<String>>,
) -> Result<IdToken, Refusal> {
    let expected = Expected {
        issuer: idp.metadata.issuer(),
        client_id: &connection.settings.client_id,
        nonce,
        now: auth.deps.mint.now(),
        pin: connection.settings.pin.as_ref(),
        // Only a sign-in has one.
        demands: nonce.map(|_nonce| &connection.settings.demands),
    };
    let check = |idp: &Idp| id_token::verify(raw.expose(), access_token, &idp.keys, &expected);
    let pause = match check(idp) {
        Err(TokenRefusal::UnknownKey) => UNKNOWN_KEY_PAUSE,
        Err(TokenRefusal::Signature) => WRONG_SIGNATURE_PAUSE,
        decided => return Ok(decided?),
    };
    let again = auth.idps.get_with_new_keys(connection, pause).await.map_err(Refusal::Idp)?;
    Ok(check(&again)?)
}

fn log(tenant: Option<&Tenant>, refusal: &Refusal) {
    let cause = std::error::Error::source(refusal).map(tracing::field::display);
    let tenant = tenant.map(|tenant| tracing::field::display(tenant.id));
    tracing::info!(tenant.id = tenant, refusal = %refusal, cause, "a sign-in was refused");
}

/// Writes down why, and answers what every refusal answers.
async fn refuse(auth: &Auth, at: Option<(&Tenant, &str)>, refusal: &Refusal) -> Fault {
    log(at.map(|(tenant, _)| tenant), refusal);
    if let Some((tenant, connection_name)) = at {
        let reason = Refused::because(Method::Idp, refusal.code());
        audit::refused(auth, tenant.id, Refused { connection: Some(connection_name), ..reason }).await;
    }
    fault::sign_in_refused()
}

fn sealed_wrong() -> Fault {
    Fault::internal("beginning a sign-in", "a token we made is not one of ours")
}

#[cfg(test)]
mod tests;
