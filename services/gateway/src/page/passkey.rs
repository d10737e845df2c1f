//! Passkeys: asking a browser for one, and what comes back.

use axum::extract::Path;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use freehold_proto::auth::v1::{
    BeginPasskeyClaimRequest, BeginPasskeyEnrolmentRequest, BeginPasskeySignInRequest, CompletePasskeyClaimRequest,
    FinishPasskeyEnrolmentRequest, FinishPasskeySignInRequest, RemovePasskeyRequest,
};
use freehold_types::PasskeyId;
use http::header::SET_COOKIE;

use crate::cookie::{self, Jar};
use crate::dress::Scripted;
use crate::fields::Fields;
use crate::gateway::ask;
use crate::page::claim::{self, Landing};
use crate::page::id_in_path;
use crate::page::sign_in::{self, Failed};
use crate::refusal::Refusal;
use crate::site::path_back;
use crate::text::Language;
use crate::view::passkey::{Ask, Kind, ask_page};
use crate::visitor::{Guest, Visitor};

/// What a browser answered.
#[derive(serde::Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    credential: String,
    #[serde(default)]
    to: String,
}

fn scripted(language: Language, page: Ask<'_>) -> Response {
    let mut response = ask_page(language, page).into_response();
    response.extensions_mut().insert(Scripted);
    response
}

/// Asks for the passkey that completes a claim.
pub(crate) async fn begin_claim(guest: Guest, Fields(landing): Fields<Landing>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &landing.to);
    let mut anonymous = guest.gateway.clients.anonymous();
    let request =
        BeginPasskeyClaimRequest { company_address: guest.address.clone(), claim_token: claim::token(&guest) };
    let begun = match ask(anonymous.auth.begin_passkey_claim(request)).await {
        Ok(begun) => begun,
        Err(refusal) => return sign_in::page(&guest, &to, "", Some(&Failed::of(refusal, "claim-over")?)).await,
    };
    let page = Ask {
        kind: Kind::Create,
        company: "",
        options_json: &begun.options_json,
        action: &format!("/{}/claim/passkey/finish", guest.address),
        to: &to,
        otherwise: &format!("/{}/claim/enrol", guest.address),
    };
    Ok(scripted(guest.language(""), page))
}

/// Completes the claim and lets the person in.
pub(crate) async fn finish_claim(guest: Guest, Fields(answer): Fields<Answer>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &answer.to);
    let request = CompletePasskeyClaimRequest {
        company_address: guest.address.clone(),
        claim_token: claim::token(&guest),
        credential_json: answer.credential,
    };
    let mut anonymous = guest.gateway.clients.anonymous();
    match ask(anonymous.auth.complete_passkey_claim(request)).await {
        Ok(done) => {
            let seconds = sign_in::seconds_left(&guest, done.expires_at.as_ref());
            let spent = cookie::remove(&guest.gateway.site, Jar::Claim, &guest.address);
            let spent = AppendHeaders(spent.map(|removal| (SET_COOKIE, removal)));
            Ok((spent, sign_in::signed_in(&guest, &done.session_token, seconds, &to).await?).into_response())
        }
        Err(refusal) => sign_in::page(&guest, &to, "", Some(&Failed::of(refusal, "claim-over")?)).await,
    }
}

/// Asks for whichever passkey the device has for these pages.
pub(crate) async fn begin_sign_in(guest: Guest, Fields(landing): Fields<Landing>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &landing.to);
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = BeginPasskeySignInRequest { company_address: guest.address.clone() };
    let begun = match ask(anonymous.auth.begin_passkey_sign_in(request)).await {
        Ok(begun) => begun,
        Err(refusal) => return sign_in::page(&guest, &to, "", Some(&Failed::of(refusal, "passkey-refused")?)).await,
    };
    let seconds = sign_in::seconds_left(&guest, begun.expires_at.as_ref());
    let kept = cookie::keep(&guest.gateway.site, Jar::Passkey, &guest.address, &begun.browser_token, seconds);
    let kept = AppendHeaders([(SET_COOKIE, kept.ok_or_else(sign_in::malformed)?)]);
    let page = Ask {
        kind: Kind::Get,
        company: "",
        options_json: &begun.options_json,
        action: &format!("/{}/passkey/finish", guest.address),
        to: &to,
        otherwise: &format!("/{}/sign-in", guest.address),
    };
    Ok((kept, scripted(guest.language(""), page)).into_response())
}

/// Lets a person in with what their passkey signed.
pub(crate) async fn finish_sign_in(guest: Guest, Fields(answer): Fields<Answer>) -> Result<Response, Refusal> {
    let site = &guest.gateway.site;
    let to = path_back(&guest.address, &answer.to);
    let request = FinishPasskeySignInRequest {
        company_address: guest.address.clone(),
        browser_token: cookie::find(site, Jar::Passkey, &guest.address, &guest.headers).unwrap_or_default(),
        credential_json: answer.credential,
    };
    let spent = AppendHeaders(cookie::remove(site, Jar::Passkey, &guest.address).map(|removal| (SET_COOKIE, removal)));
    let mut anonymous = guest.gateway.clients.anonymous();
    match ask(anonymous.auth.finish_passkey_sign_in(request)).await {
        Ok(done) => {
            let seconds = sign_in::seconds_left(&guest, done.expires_at.as_ref());
            Ok((spent, sign_in::signed_in(&guest, &done.session_token, seconds, &to).await?).into_response())
        }
        Err(refusal) => {
            let failed = Failed::of(refusal, "passkey-refused")?;
            Ok((spent, sign_in::page(&guest, &to, "", Some(&failed)).await?).into_response())
        }
    }
}

/// Asks for one more passkey.
pub(crate) async fn begin_enrolment(visitor: Visitor) -> Result<Response, Refusal> {
    let mut auth = visitor.calls.auth.clone();
    let begun = ask(auth.begin_passkey_enrolment(BeginPasskeyEnrolmentRequest {})).await?;
    let reader = &visitor.reader;
    let page = Ask {
        kind: Kind::Create,
        company: &reader.company,
        options_json: &begun.options_json,
        action: &reader.path("/me/passkeys/finish"),
        to: "",
        otherwise: &reader.path("/me"),
    };
    Ok(scripted(reader.language, page))
}

/// Enrols it.
pub(crate) async fn finish_enrolment(visitor: Visitor, Fields(answer): Fields<Answer>) -> Result<Response, Refusal> {
    let mut auth = visitor.calls.auth.clone();
    ask(auth.finish_passkey_enrolment(FinishPasskeyEnrolmentRequest { credential_json: answer.credential })).await?;
    Ok(visitor.back_to(&visitor.reader.path("/me")))
}

/// The part of the path that names the passkey.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Named {
    id: String,
}

/// Removes one of the person's passkeys.
pub(crate) async fn remove(visitor: Visitor, Path(named): Path<Named>) -> Result<Response, Refusal> {
    let passkey_id = id_in_path::<PasskeyId>(&named.id)?;
    let mut auth = visitor.calls.auth.clone();
    ask(auth.remove_passkey(RemovePasskeyRequest { passkey_id })).await?;
    Ok(visitor.back_to(&visitor.reader.path("/me")))
}
