//! Access codes for chosen people, as letters to print, and the poster.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::IssueAccessCodesRequest;
use freehold_proto::directory::v1::{ListPeopleRequest, PersonState};
use freehold_types::PersonId;
use maud::Markup;

use crate::console::for_administrators;
use crate::fields::{Asked, Fields};
use crate::gateway::{Gateway, ask};
use crate::refusal::Refusal;
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
    for_administrators(&visitor)?;
    let words = query.q.trim();
    let request = ListPeopleRequest {
        query: words.to_owned(),
        state: PersonState::Active.into(),
        with_directory_groups: false,
        page_size: PEOPLE_PER_PAGE,
        page_token: query.page,
    };
    let mut directory = visitor.calls.directory.clone();
    let found = ask(directory.list_people(request)).await?;
    Ok(letter::choice_page(&visitor.reader, words, &found, !query.none.is_empty()))
}

/// Makes a code for each of the chosen people and shows their letters, this once.
pub(crate) async fn make(
    visitor: Visitor,
    State(gateway): State<Arc<Gateway>>,
    Fields(chosen): Fields<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    for_administrators(&visitor)?;
    let ids = chosen.into_iter().map(|(name, _)| name).filter(|name| name.parse::<PersonId>().is_ok());
    let person_ids: Vec<String> = ids.collect();
    if person_ids.is_empty() {
        return Ok(Redirect::to(&visitor.reader.path("/console/letters?none=yes")).into_response());
    }
    let mut auth = visitor.calls.auth.clone();
    let made = ask(auth.issue_access_codes(IssueAccessCodesRequest { person_ids, valid_days: 0 })).await?;
    Ok(letter::letters_page(&visitor.reader, gateway.site.origin(), &made.access_codes).into_response())
}

/// The poster.
pub(crate) async fn poster(visitor: Visitor, State(gateway): State<Arc<Gateway>>) -> Result<Markup, Refusal> {
    for_administrators(&visitor)?;
    Ok(letter::poster_page(&visitor.reader, gateway.site.origin()))
}
