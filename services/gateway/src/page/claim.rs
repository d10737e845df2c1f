//! The way in with an access code.

use axum::response::{IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::RedeemAccessCodeRequest;

use crate::fields::{Asked, Fields};
use crate::gateway::ask;
use crate::guard;
use crate::page::sign_in::{self, Failed};
use crate::refusal::Refusal;
use crate::site::path_back;
use crate::visitor::Guest;

/// A code and where to land afterwards.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Claim {
    #[serde(default)]
    code: String,
    #[serde(default)]
    to: String,
}

/// Shows the form with the code in it. A link alone redeems nothing, because mail scanners and previews open links;
/// only where sign-in links are on, and a person opened this one themselves, is the code redeemed at once.
pub(crate) async fn show(guest: Guest, Asked(claim): Asked<Claim>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &claim.to);
    let at_once = guest.gateway.sign_in_links && !claim.code.is_empty() && guard::asked_by_hand(&guest.headers);
    if !at_once {
        return sign_in::page(&guest, &to, &claim.code, None).await;
    }
    match try_code(&guest, &claim.code, &to).await {
        Ok(response) => Ok(response),
        // The link was used before; whoever is signed in with this browser has been let in by it.
        Err(_refused) if guest.find_visitor(to.clone()).await?.is_some() => Ok(Redirect::to(&to).into_response()),
        Err(refusal) => sign_in::page(&guest, &to, "", Some(&Failed::of(refusal, "code-refused")?)).await,
    }
}

/// Lets a person in with the code they typed.
pub(crate) async fn redeem(guest: Guest, Fields(claim): Fields<Claim>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &claim.to);
    match try_code(&guest, &claim.code, &to).await {
        Ok(response) => Ok(response),
        Err(refusal) => sign_in::page(&guest, &to, &claim.code, Some(&Failed::of(refusal, "code-refused")?)).await,
    }
}

async fn try_code(guest: &Guest, code: &str, to: &str) -> Result<Response, Refusal> {
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = RedeemAccessCodeRequest { company_address: guest.address.clone(), code: code.to_owned() };
    let done = ask(anonymous.auth.redeem_access_code(request)).await?;
    sign_in::signed_in(guest, &done.session_token, sign_in::seconds_left(guest, done.expires_at.as_ref()), to)
}
