//! Access codes for chosen people, as letters to print, and the poster.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::{IssueAccessCodesRequest, ListAreaPeopleRequest, ListConnectionsRequest};
use freehold_types::access::Task;
use freehold_types::{PersonId, Role};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use maud::Markup;

use crate::console::only_who_may;
use crate::fields::{Asked, Fields};
use crate::gateway::{Gateway, ask};
use crate::refusal::Refusal;
use crate::sheet::{self, Sheet};
use crate::view::letter;
use crate::visitor::Visitor;

/// As many as one call makes codes for.
const PEOPLE_PER_PAGE: i32 = 100;

/// Which people are shown.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
    /// Set when nobody was chosen.
    #[serde(default)]
    none: String,
}

/// The people to choose from.
pub(crate) async fn choose(visitor: Visitor, Asked(query): Asked<Query>) -> Result<Markup, Refusal> {
    only_who_may(&visitor, Task::IssueAccessCodes)?;
    let words = query.q.trim();
    let request = ListAreaPeopleRequest { query: words.to_owned(), page_size: PEOPLE_PER_PAGE, page_token: query.page };
    let mut roles = visitor.calls.roles.clone();
    let found = ask(roles.list_area_people(request)).await?;
    let accounts = if visitor.reader.roles.contains(Role::Administrator) {
        let mut auth = visitor.calls.auth.clone();
        ask(auth.list_connections(ListConnectionsRequest {})).await?.emergency_accounts
    } else {
        Vec::new()
    };
    Ok(letter::choice_page(&visitor.reader, words, &found, &accounts, !query.none.is_empty()))
}

/// Makes a code for each of the chosen people and shows their letters, this once.
pub(crate) async fn make(
    visitor: Visitor,
    State(gateway): State<Arc<Gateway>>,
    Fields(chosen): Fields<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    only_who_may(&visitor, Task::IssueAccessCodes)?;
    let file = chosen.iter().any(|(name, value)| name == "as" && value == "pdf");
    let ids = chosen.into_iter().map(|(name, _)| name).filter(|name| name.parse::<PersonId>().is_ok());
    let person_ids: Vec<String> = ids.collect();
    if person_ids.is_empty() {
        return Ok(Redirect::to(&visitor.reader.path("/console/letters?none=yes")).into_response());
    }
    let mut auth = visitor.calls.auth.clone();
    let made = ask(auth.issue_access_codes(IssueAccessCodesRequest { person_ids, valid_days: 0 })).await?;
    let (reader, origin) = (&visitor.reader, gateway.site.origin());
    let sheets: Vec<Sheet> = made.access_codes.iter().map(|code| sheet::letter(reader, origin, code)).collect();
    let written = if file { sheet::write(&reader.say("letters-title"), reader.language.tag(), &sheets)? } else { None };
    Ok(match written {
        Some(written) => download("letters.pdf", written),
        None => letter::letters_page(reader, &sheets, file).into_response(),
    })
}

fn download(name: &str, file: Vec<u8>) -> Response {
    let kept = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, kept)], file).into_response()
}

/// The poster.
pub(crate) async fn poster(visitor: Visitor, State(gateway): State<Arc<Gateway>>) -> Result<Markup, Refusal> {
    only_who_may(&visitor, Task::IssueAccessCodes)?;
    Ok(letter::poster_page(&visitor.reader, &sheet::poster(&visitor.reader, gateway.site.origin())))
}

/// The poster as a file; as a page where the font lacks a letter of the company's name.
pub(crate) async fn poster_file(visitor: Visitor, State(gateway): State<Arc<Gateway>>) -> Result<Response, Refusal> {
    only_who_may(&visitor, Task::IssueAccessCodes)?;
    let reader = &visitor.reader;
    let poster = sheet::poster(reader, gateway.site.origin());
    let written = sheet::write(&reader.say("poster-title"), reader.language.tag(), std::slice::from_ref(&poster))?;
    Ok(match written {
        Some(written) => download("poster.pdf", written),
        None => letter::poster_page(reader, &poster).into_response(),
    })
}
