//! People: the list and one person.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use freehold_proto::directory::v1::{GetPersonPhotoRequest, GetPersonRequest, ListPeopleRequest, PersonState};
use freehold_types::PersonId;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use maud::Markup;

use crate::fields::Asked;
use crate::gateway::ask;
use crate::page::id_in_path;
use crate::refusal::Refusal;
use crate::view;
use crate::visitor::Visitor;

const PEOPLE_PER_PAGE: i32 = 50;

/// Which people.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
}

/// The people who match some words. Those who left are found in the console, not here.
pub(crate) async fn list(visitor: Visitor, Asked(query): Asked<Query>) -> Result<Markup, Refusal> {
    let mut directory = visitor.calls.directory.clone();
    let words = query.q.trim();
    let request = ListPeopleRequest {
        query: words.to_owned(),
        state: PersonState::Active.into(),
        with_directory_groups: false,
        page_size: PEOPLE_PER_PAGE,
        page_token: query.page,
        directory_groups: Vec::new(),
    };
    let found = ask(directory.list_people(request)).await?;
    Ok(view::people::list_page(&visitor.reader, words, &found))
}

/// The part of the path that names the person.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Named {
    id: String,
}

/// One person.
pub(crate) async fn show(visitor: Visitor, Path(named): Path<Named>) -> Result<Markup, Refusal> {
    let id = id_in_path::<PersonId>(&named.id)?;
    let mut directory = visitor.calls.directory.clone();
    let found = ask(directory.get_person(GetPersonRequest { id })).await?;
    let person = found.person.unwrap_or_default();
    let others = visitor.people([person.manager_id.as_str()].into_iter()).await?;
    visitor.note_read().await;
    Ok(view::people::person_page(&visitor.reader, &person, &others, &found.reports))
}

/// The part of the path that names a photo.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Photo {
    id: String,
    /// Another photo has another path.
    version: String,
}

/// The photo of one person. A browser may keep it for the session that asked for it, because its path changes with it.
pub(crate) async fn photo(visitor: Visitor, Path(photo): Path<Photo>) -> Result<Response, Refusal> {
    let person_id = id_in_path::<PersonId>(&photo.id)?;
    let mut directory = visitor.calls.directory.clone();
    let found = ask(directory.get_person_photo(GetPersonPhotoRequest { person_id })).await?;
    if found.photo_version != photo.version {
        return Err(Refusal::NoPage);
    }
    // After signing out the cookie is another one, and with it what was kept is of no use.
    let headers =
        [(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "private, max-age=86400, immutable"), (VARY, "cookie")];
    Ok((headers, found.jpeg).into_response())
}
