//! The person's own page, and the ways out.

use axum::extract::Path;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::{EndOtherSessionsRequest, EndSessionRequest, ListPasskeysRequest, ListSessionsRequest};
use freehold_types::SessionId;
use http::header::SET_COOKIE;
use maud::Markup;

use crate::cookie::{self, Jar};
use crate::fields::{Asked, Paging};
use crate::gateway::ask;
use crate::page::id_in_path;
use crate::refusal::Refusal;
use crate::view::{self, entry};
use crate::visitor::{Guest, Visitor};

const SESSIONS_PER_PAGE: i32 = 20;

/// The page `Me`.
pub(crate) async fn show(visitor: Visitor, Asked(paging): Asked<Paging>) -> Result<Markup, Refusal> {
    let mut auth = visitor.calls.auth.clone();
    let mut for_passkeys = visitor.calls.auth.clone();
    let request = ListSessionsRequest { page_size: SESSIONS_PER_PAGE, page_token: paging.page };
    let (me, sessions, passkeys) = tokio::join!(
        visitor.person(),
        ask(auth.list_sessions(request)),
        ask(for_passkeys.list_passkeys(ListPasskeysRequest {}))
    );
    Ok(view::me::page(&visitor.reader, &me?, &sessions?, &passkeys?))
}

/// The part of the path that names the session.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Named {
    id: String,
}

/// Ends another session of the person's, on a phone that was lost perhaps.
pub(crate) async fn end_session(visitor: Visitor, Path(named): Path<Named>) -> Result<Response, Refusal> {
    let id = id_in_path::<SessionId>(&named.id)?;
    let mut auth = visitor.calls.auth.clone();
    ask(auth.end_session(EndSessionRequest { id })).await?;
    Ok(visitor.back_to(&visitor.reader.path("/me")))
}

/// Ends all other sessions of the person's.
pub(crate) async fn end_other_sessions(visitor: Visitor) -> Result<Response, Refusal> {
    let mut auth = visitor.calls.auth.clone();
    ask(auth.end_other_sessions(EndOtherSessionsRequest {})).await?;
    Ok(visitor.back_to(&visitor.reader.path("/me")))
}

/// Ends this session and forgets it in the browser. Whoever is not signed in any more is out already. Who came through
/// an IdP is still signed in there, so a page says so and shows the way; nobody is sent there unasked.
pub(crate) async fn sign_out(guest: Guest) -> Result<Response, Refusal> {
    let removal =
        cookie::remove(&guest.gateway.site, Jar::Session, &guest.address).map(|removal| (SET_COOKIE, removal));
    let removal = AppendHeaders(removal);
    if let Some(visitor) = guest.find_visitor(String::new()).await? {
        let mut auth = visitor.calls.auth.clone();
        let ended = ask(auth.end_session(EndSessionRequest { id: String::new() })).await?;
        if !ended.idp_sign_out_url.is_empty() {
            let reader = &visitor.reader;
            let page = entry::signed_out(reader.language, &reader.company, &guest.address, &ended.idp_sign_out_url);
            return Ok((removal, page).into_response());
        }
    }
    Ok((removal, Redirect::to(&format!("/{}/sign-in", guest.address))).into_response())
}
