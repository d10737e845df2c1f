//! From an access code to a way to sign in of one's own.

use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::{CompleteClaimRequest, GetClaimRequest, OpenSignInLinkRequest, RedeemAccessCodeRequest};
use freehold_types::Kind;
use http::StatusCode;
use http::header::SET_COOKIE;
use maud::Markup;

use crate::cookie::{self, Jar};
use crate::fields::{Asked, Fields};
use crate::gateway::ask;
use crate::guard;
use crate::page::sign_in::{self, Failed};
use crate::refusal::Refusal;
use crate::site::path_back;
use crate::view::claim::{self, Choice, Mistakes};
use crate::view::people::encoded;
use crate::visitor::{Guest, Visitor};

/// A code and where to land afterwards.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Claim {
    #[serde(default)]
    code: String,
    #[serde(default)]
    to: String,
}

/// Shows the form with the code in it. A link alone redeems nothing, because mail scanners and previews open links;
/// only where sign-in links are on, and a person opened this one themselves, does it let them in at once.
pub(crate) async fn show(guest: Guest, Asked(claim): Asked<Claim>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &claim.to);
    let at_once = guest.gateway.sign_in_links && !claim.code.is_empty() && guard::asked_by_hand(&guest.headers);
    if !at_once {
        return sign_in::letter_page(&guest, &to, &claim.code).await;
    }
    match open_link(&guest, &claim.code, &to).await {
        Ok(response) => Ok(response),
        // The link was used before; whoever is signed in with this browser has been let in by it.
        Err(_refused) if guest.find_visitor(to.clone()).await?.is_some() => Ok(Redirect::to(&to).into_response()),
        Err(refusal) => sign_in::page(&guest, &to, "", Some(&Failed::of(refusal, "code-refused")?)).await,
    }
}

async fn open_link(guest: &Guest, code: &str, to: &str) -> Result<Response, Refusal> {
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = OpenSignInLinkRequest { company_address: guest.address.clone(), code: code.to_owned() };
    let done = ask(anonymous.auth.open_sign_in_link(request)).await?;
    sign_in::signed_in(guest, &done.session_token, sign_in::seconds_left(guest, done.expires_at.as_ref()), to).await
}

/// Takes the code that somebody typed and leads to the choice of a way to sign in.
pub(crate) async fn redeem(guest: Guest, Fields(claim): Fields<Claim>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &claim.to);
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = RedeemAccessCodeRequest { company_address: guest.address.clone(), code: claim.code.clone() };
    let begun = match ask(anonymous.auth.redeem_access_code(request)).await {
        Ok(begun) => begun,
        Err(refusal) => {
            let failed = Failed::of(refusal, "code-refused")?;
            return sign_in::page(&guest, &to, &claim.code, Some(&failed)).await;
        }
    };
    let seconds = sign_in::seconds_left(&guest, begun.expires_at.as_ref());
    let kept = cookie::keep(&guest.gateway.site, Jar::Claim, &guest.address, &begun.claim_token, seconds);
    let kept = kept.ok_or_else(sign_in::malformed)?;
    let next = Redirect::to(&format!("/{}/claim/enrol?to={}", guest.address, encoded(&to)));
    Ok((AppendHeaders([(SET_COOKIE, kept)]), next).into_response())
}

/// Where to land afterwards.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Landing {
    #[serde(default)]
    pub(crate) to: String,
}

/// The page on which a person chooses a way to sign in.
pub(crate) async fn offer(guest: Guest, Asked(landing): Asked<Landing>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &landing.to);
    choice(&guest, &to, Mistakes::default()).await
}

async fn choice(guest: &Guest, to: &str, mistakes: Mistakes) -> Result<Response, Refusal> {
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = GetClaimRequest { company_address: guest.address.clone(), claim_token: token(guest) };
    let mut offer = match ask(anonymous.auth.get_claim(request)).await {
        Ok(offer) => offer,
        Err(refusal) => return sign_in::page(guest, to, "", Some(&Failed::of(refusal, "claim-over")?)).await,
    };
    guest.note_company(&offer.company, &offer.language);
    // A passkey belongs on a device of one's own.
    offer.passkeys &= !guest.shared_device();
    let language = guest.language(&offer.language);
    let page = Choice { address: &guest.address, offer: &offer, to, mistakes };
    Ok(claim::choice_page(language, page).into_response())
}

/// The token of the claim that this browser has under way.
pub(crate) fn token(guest: &Guest) -> String {
    cookie::find(&guest.gateway.site, Jar::Claim, &guest.address, &guest.headers).unwrap_or_default()
}

/// What a person chose.
#[derive(serde::Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    totp_code: String,
    #[serde(default)]
    to: String,
}

/// Completes the claim and lets the person in.
pub(crate) async fn complete(guest: Guest, Fields(chosen): Fields<Chosen>) -> Result<Response, Refusal> {
    let Chosen { password, again, totp_code, to } = chosen;
    let to = path_back(&guest.address, &to);
    if password != again {
        let again = "claim-password-differs";
        return unfit(&guest, &to, Mistakes { again, ..Mistakes::default() }).await;
    }
    let request = CompleteClaimRequest {
        company_address: guest.address.clone(),
        claim_token: token(&guest),
        password,
        totp_code,
    };
    let mut anonymous = guest.gateway.clients.anonymous();
    let done = match ask(anonymous.auth.complete_claim(request)).await {
        Ok(done) => done,
        Err(refusal) => match mistakes(&refusal) {
            Some(mistakes) => return unfit(&guest, &to, mistakes).await,
            None => return sign_in::page(&guest, &to, "", Some(&Failed::of(refusal, "claim-over")?)).await,
        },
    };
    let spent = cookie::remove(&guest.gateway.site, Jar::Claim, &guest.address).map(|removal| (SET_COOKIE, removal));
    let welcome = format!("/{}/welcome?to={}", guest.address, encoded(&to));
    let seconds = sign_in::seconds_left(&guest, done.expires_at.as_ref());
    Ok((AppendHeaders(spent), sign_in::signed_in(&guest, &done.session_token, seconds, &welcome).await?)
        .into_response())
}

/// The page again, with what was wrong.
async fn unfit(guest: &Guest, to: &str, mistakes: Mistakes) -> Result<Response, Refusal> {
    let mut response = choice(guest, to, mistakes).await?;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What the service had against the choice, if it was about the choice.
fn mistakes(refusal: &Refusal) -> Option<Mistakes> {
    let Refusal::Fault(fault) = refusal else { return None };
    let about = |field: &str| fault.violations().iter().any(|violation| violation.field == field);
    (fault.kind() == Kind::Invalid).then(|| Mistakes {
        password: if about("password") { "claim-password-refused" } else { "" },
        again: "",
        digits: if about("totp_code") { "claim-digits-refused" } else { "" },
    })
}

/// The first page after a claim: what to sign in with next time.
pub(crate) async fn welcome(visitor: Visitor, Asked(landing): Asked<Landing>) -> Result<Markup, Refusal> {
    let me = visitor.person().await?;
    let to = path_back(&visitor.reader.address, &landing.to);
    Ok(claim::welcome_page(&visitor.reader, &me, &to))
}
