//! Whether several people use this browser: sessions on it are short then.

use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::GetSignInOptionsRequest;
use http::header::SET_COOKIE;
use maud::Markup;

use crate::cookie::{self, Jar};
use crate::fields::Fields;
use crate::gateway::ask;
use crate::page::sign_in::malformed;
use crate::refusal::Refusal;
use crate::view::entry;
use crate::visitor::Guest;

/// How long a browser knows it.
const YEAR_SECONDS: i64 = 365 * 24 * 3600;

/// Says what it means, and asks.
pub(crate) async fn show(guest: Guest) -> Result<Markup, Refusal> {
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = GetSignInOptionsRequest { company_address: guest.address.clone() };
    let options = ask(anonymous.auth.get_sign_in_options(request)).await?;
    let language = guest.language(&options.language);
    Ok(entry::shared_device(language, &options.company, &guest.address, guest.shared_device()))
}

/// What was answered.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    shared: String,
}

/// Notes it in the browser. A session that is there already was somebody's own: it is not touched.
pub(crate) async fn note(guest: Guest, Fields(answer): Fields<Answer>) -> Result<Response, Refusal> {
    let site = &guest.gateway.site;
    let noted = if answer.shared == "yes" {
        cookie::keep(site, Jar::SharedDevice, &guest.address, "yes", YEAR_SECONDS)
    } else {
        cookie::remove(site, Jar::SharedDevice, &guest.address)
    };
    let noted = AppendHeaders([(SET_COOKIE, noted.ok_or_else(malformed)?)]);
    Ok((noted, Redirect::to(&format!("/{}/sign-in", guest.address))).into_response())
}
