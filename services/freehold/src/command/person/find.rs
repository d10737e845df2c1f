//! Finding people of a company, all of them or the one that is meant.

use anyhow::Result;
use freehold_proto::directory::v1 as pb;
use freehold_types::PersonId;

use crate::client::Inside;
use crate::command::PAGE_ROWS;
use crate::failure::{Detail, Failure};

/// The longest text that can be searched for, in characters.
const QUERY_CHARS_MAX: usize = 100;
/// How many candidates are named when several people are meant.
const CANDIDATES_MAX: usize = 10;

/// Everybody a query finds, whatever their state; an empty one finds all.
pub(in crate::command) async fn all(
    inside: &mut Inside<'_>,
    query: &str,
    with_groups: bool,
) -> Result<Vec<pb::Person>> {
    let mut people = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListPeopleRequest {
            query: query.to_owned(),
            with_directory_groups: with_groups,
            page_size: PAGE_ROWS,
            page_token,
            ..Default::default()
        };
        let answer = inside.calls().await?.directory.list_people(request).await;
        let page = answer.map_err(|status| inside.refused(status))?.into_inner();
        people.extend(page.people);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(people);
        }
    }
}

/// The id of the one person meant by an id, a user name, an employee number or an e-mail.
///
/// # Errors
/// When nobody or several people are meant.
pub(in crate::command) async fn id(inside: &mut Inside<'_>, tenant_name: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.parse::<PersonId>().is_ok() {
        return Ok(text.to_owned());
    }
    let people = if (1..=QUERY_CHARS_MAX).contains(&text.chars().count()) {
        all(inside, text, false).await?
    } else {
        Vec::new()
    };
    choose(tenant_name, text, &people)
}

/// A person who left does not stand in the way of one who is there.
fn choose(tenant_name: &str, text: &str, people: &[pb::Person]) -> Result<String> {
    let meant: Vec<_> = people.iter().filter(|person| named(person, text)).collect();
    let active: Vec<_> = meant.iter().copied().filter(|person| person.state() == pb::PersonState::Active).collect();
    match (meant.as_slice(), active.as_slice()) {
        ([only], _) | (_, [only]) => Ok(only.id.clone()),
        ([], _) => Err(Failure::new(
            format!("there is no person {text:?} in {tenant_name}"),
            format!("search with `freehold person list {tenant_name} --query TEXT`; a person is named by id, user name, employee number or e-mail"),
        )
        .into()),
        (several, _) => {
            let why = format!("{} people in {tenant_name} are meant by {text:?}", several.len());
            let details = several.iter().take(CANDIDATES_MAX).map(|person| candidate(person)).collect();
            Err(Failure::new(why, "give the id of the one you mean").with_details(details).into())
        }
    }
}

fn named(person: &pb::Person, text: &str) -> bool {
    let same = |known: &String| !known.is_empty() && known.to_lowercase() == text.to_lowercase();
    [&person.user_name, &person.employee_number, &person.email].into_iter().any(same)
}

fn candidate(person: &pb::Person) -> Detail {
    let problem = format!("{}, {}", person.display_name, person.distinguished_name);
    Detail { line: None, key: person.id.clone(), value: None, problem }
}

#[cfg(test)]
mod tests;
