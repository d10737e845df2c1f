//! The sample company's people, as the services know them, and letting them in.

use anyhow::{Context as _, Result};
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use freehold_types::PageSize;
use freehold_wire::{Calls, fault};

use super::{Demo, NAME};

/// How many access codes one call makes.
const CODES_MAX: usize = 100;

/// All people, by name.
pub(super) async fn all(demo: &Demo) -> Result<Vec<directory::Person>> {
    let mut calls = demo.inside().await?;
    let mut people = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = directory::ListPeopleRequest {
            page_size: i32::from(PageSize::MAX),
            page_token,
            with_directory_groups: true,
            ..Default::default()
        };
        let page = calls.directory.list_people(request).await.map_err(fault)?.into_inner();
        people.extend(page.people);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            people.sort_by(|one, other| one.employee_number.cmp(&other.employee_number));
            return Ok(people);
        }
    }
}

/// Three people to sign in as: the administrator, one who leads, and one without e-mail from the shops.
pub(super) fn samples(people: &[directory::Person]) -> Vec<directory::Person> {
    let mut chosen: Vec<directory::Person> = Vec::new();
    let wanted: [fn(&directory::Person) -> bool; 3] =
        [|person| person.administrator, |person| !person.email.is_empty(), |person| person.email.is_empty()];
    for fits in wanted {
        let next = people.iter().find(|person| fits(person) && !chosen.iter().any(|other| other.id == person.id));
        chosen.extend(next.cloned());
    }
    chosen
}

/// An access code for each, in order.
pub(super) async fn codes(demo: &Demo, people: &[directory::Person]) -> Result<Vec<String>> {
    let mut calls = demo.inside().await?;
    let mut codes = Vec::with_capacity(people.len());
    for part in people.chunks(CODES_MAX) {
        let request = auth::IssueAccessCodesRequest {
            person_ids: part.iter().map(|person| person.id.clone()).collect(),
            valid_days: 0,
        };
        let answer = calls.auth.issue_access_codes(request).await.map_err(fault)?.into_inner();
        codes.extend(answer.access_codes.into_iter().map(|code| code.code));
    }
    Ok(codes)
}

/// Signs somebody in by the code of a sign-in link, as the page does.
pub(super) async fn sign_in(demo: &Demo, code: &str) -> Result<Calls> {
    let mut way_in = demo.installation.clients.anonymous();
    let request = auth::OpenSignInLinkRequest { company_address: NAME.to_owned(), code: code.to_owned() };
    let session = way_in.auth.open_sign_in_link(request).await.map_err(fault).context("an access code was refused")?;
    let request = auth::AuthenticateRequest {
        company_address: NAME.to_owned(),
        session_token: session.into_inner().session_token,
    };
    let caller = way_in.auth.authenticate(request).await.map_err(fault)?.into_inner();
    Ok(demo.installation.clients.bearer(&caller.caller_token)?)
}
