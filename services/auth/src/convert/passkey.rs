//! Messages about passkeys.

use freehold_proto::auth::v1 as pb;
use freehold_types::{Fault, PasskeyId, Violations};
use freehold_wire::time::to_proto;

use crate::passkey::{Begun, Own, Passkey};
use crate::session::Opened;

pub(crate) fn parse_id(id: &str) -> Result<Option<PasskeyId>, Fault> {
    let mut violations = Violations::new();
    let id = violations.take("passkey_id", id.parse());
    violations.finish()?;
    Ok(id)
}

pub(crate) fn render_completed(opened: &Opened) -> pb::CompletePasskeyClaimResponse {
    let (session_token, expires_at) = (opened.token.expose().clone(), Some(to_proto(opened.expires_at)));
    pb::CompletePasskeyClaimResponse { session_token, expires_at }
}

pub(crate) fn render_begun(begun: Begun) -> pb::BeginPasskeySignInResponse {
    pb::BeginPasskeySignInResponse {
        options_json: begun.options_json,
        browser_token: begun.browser_token.expose().clone(),
        expires_at: Some(to_proto(begun.expires_at)),
    }
}

pub(crate) fn render_signed_in(opened: &Opened) -> pb::FinishPasskeySignInResponse {
    let (session_token, expires_at) = (opened.token.expose().clone(), Some(to_proto(opened.expires_at)));
    pb::FinishPasskeySignInResponse { session_token, expires_at }
}

pub(crate) fn render_own(own: &Own) -> pb::ListPasskeysResponse {
    let Own { passkeys, password, enrolment } = own;
    let passkeys = passkeys.iter().map(render).collect();
    pb::ListPasskeysResponse { passkeys, password: *password, enrolment: *enrolment }
}

pub(crate) fn render(passkey: &Passkey) -> pb::Passkey {
    pb::Passkey {
        id: passkey.id.to_string(),
        created_at: Some(to_proto(passkey.created_at)),
        last_used_at: passkey.last_used_at.map(to_proto),
    }
}
