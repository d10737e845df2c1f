//! Messages of the way in of people without e-mail.

use freehold_proto::auth::v1 as pb;
use freehold_wire::time::to_proto;

use crate::claim::{Begun, Offer};
use crate::session::Opened;

pub(crate) fn render_begun(begun: &Begun) -> pb::RedeemAccessCodeResponse {
    pb::RedeemAccessCodeResponse {
        expires_at: Some(to_proto(begun.expires_at)),
        claim_token: begun.claim_token.expose().clone(),
    }
}

pub(crate) fn render_offer(offer: Offer) -> pb::GetClaimResponse {
    pb::GetClaimResponse {
        company: offer.tenant.company,
        language: offer.tenant.language,
        totp_secret: offer.totp_secret.expose().clone(),
        totp_address: offer.totp_address.expose().clone(),
        expires_at: Some(to_proto(offer.expires_at)),
        passkeys: offer.passkeys,
    }
}

pub(crate) fn render_completed(opened: &Opened) -> pb::CompleteClaimResponse {
    let (session_token, expires_at) = (opened.token.expose().clone(), Some(to_proto(opened.expires_at)));
    pb::CompleteClaimResponse { session_token, expires_at }
}

pub(crate) fn render_signed_in(opened: &Opened) -> pb::SignInWithPasswordResponse {
    let (session_token, expires_at) = (opened.token.expose().clone(), Some(to_proto(opened.expires_at)));
    pb::SignInWithPasswordResponse { session_token, expires_at }
}

pub(crate) fn render_linked(opened: &Opened) -> pb::OpenSignInLinkResponse {
    let (session_token, expires_at) = (opened.token.expose().clone(), Some(to_proto(opened.expires_at)));
    pb::OpenSignInLinkResponse { session_token, expires_at }
}
