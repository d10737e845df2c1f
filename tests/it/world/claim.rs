//! Somebody without e-mail, from an access code to a session.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_tests::authenticator::digits;
use freehold_wire::fault;
use freehold_wire::time::from_proto;
use tonic::Status;

use super::Line;

/// Nobody guesses it.
pub const PASSWORD: &str = "the oven hums at four";
/// How long the digits of an app are shown.
pub const STEP_SECONDS: i64 = 30;
/// How long a claim lives: with it, its end says what time it is over there.
const CLAIM_MINUTES: i64 = 15;

/// A claim under way.
#[derive(Debug, Clone)]
pub struct Begun {
    pub claim_token: String,
    /// Key of the authenticator app.
    pub totp_secret: String,
    /// The installation's time, in seconds.
    pub now: i64,
}

/// A claim that was completed.
#[derive(Debug, Clone)]
pub struct Completed {
    pub session_token: String,
    pub totp_secret: String,
}

/// Begins a claim.
pub async fn begin(line: &Line, company: &str, code: &str) -> Result<Begun> {
    let (company_address, code) = (company.to_owned(), code.to_owned());
    let mut anybody = line.clients.anonymous();
    let request = auth::RedeemAccessCodeRequest { company_address: company_address.clone(), code };
    let begun = anybody.auth.redeem_access_code(request).await.map_err(fault)?.into_inner();
    let end = begun.expires_at.as_ref().and_then(from_proto).context("a claim ends")?;
    let request = auth::GetClaimRequest { company_address, claim_token: begun.claim_token.clone() };
    let offer = anybody.auth.get_claim(request).await.map_err(fault)?.into_inner();
    let now = (end - TimeDelta::minutes(CLAIM_MINUTES)).timestamp();
    Ok(Begun { claim_token: begun.claim_token, totp_secret: offer.totp_secret, now })
}

/// The request that completes it.
pub fn request(company: &str, begun: &Begun) -> Result<auth::CompleteClaimRequest> {
    Ok(auth::CompleteClaimRequest {
        company_address: company.to_owned(),
        claim_token: begun.claim_token.clone(),
        password: PASSWORD.to_owned(),
        totp_code: digits(&begun.totp_secret, begun.now)?,
    })
}

/// The whole way.
pub async fn complete(line: &Line, company: &str, code: &str) -> Result<Completed> {
    let begun = begin(line, company, code).await?;
    let done = line.clients.anonymous().auth.complete_claim(request(company, &begun)?).await.map_err(fault)?;
    Ok(Completed { session_token: done.into_inner().session_token, totp_secret: begun.totp_secret })
}

/// A session token for a password and the digits that the app shows at this moment, or the refusal.
pub async fn sign_in(
    line: &Line,
    company: &str,
    sign_in_name: &str,
    totp_secret: &str,
    unix_seconds: i64,
) -> Result<String, Status> {
    let totp_code = digits(totp_secret, unix_seconds).map_err(|error| Status::internal(error.to_string()))?;
    let request = auth::SignInWithPasswordRequest {
        company_address: company.to_owned(),
        sign_in_name: sign_in_name.to_owned(),
        password: PASSWORD.to_owned(),
        totp_code,
    };
    Ok(line.clients.anonymous().auth.sign_in_with_password(request).await?.into_inner().session_token)
}
