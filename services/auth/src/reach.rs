//! Whom somebody may help in: an access code ends what its person had and lets its bearer take the person's place, so
//! it is worth the person's roles. Who is no administrator makes none for anybody with a role, and an area coordinator
//! none outside the own areas. The one check, for calls and pages alike.

use std::collections::BTreeSet;

use freehold_audit::{Beyond, Event, record};
use freehold_proto::directory::v1::{ListPeopleRequest, Person as Shown, PersonState};
use freehold_types::{Caller, Fault, Party, PersonId, Role};
use freehold_wire::fault as from_status;

use crate::people::{self, Person};
use crate::role::{self, Held};
use crate::{Auth, company, fault};

/// Whose access codes a caller may make.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everybody's.
    Everybody,
    /// Those of people without a role.
    WithoutRole,
    /// Of these only those in one of these directory groups.
    Areas(Vec<String>),
}

/// How far a caller reaches now; nowhere when the role is gone.
pub(crate) async fn of(auth: &Auth, caller: &Caller) -> Result<Reach, Fault> {
    let (id, roles) = match caller.party {
        Party::Person { id, roles, .. } => (id, roles),
        Party::Service(_) | Party::Operator => return Ok(Reach::Everybody),
        Party::Provisioner { .. } | Party::Client { .. } => return Ok(Reach::Areas(Vec::new())),
    };
    let service = company::service_of(caller)?;
    let Some(person) = people::find_active(auth, &service, id).await? else { return Ok(Reach::Areas(Vec::new())) };
    let tx = auth.deps.tenancy.begin(caller).await?;
    let known = role::known(&tx, id).await?;
    tx.commit().await?;
    // What the token says may be two minutes old, and what it does not say is not asked for.
    let Held { roles: now, areas, .. } = role::held(auth, &service, &person, known).await?;
    let has = |role| roles.contains(role) && now.contains(role);
    Ok(if has(Role::Administrator) {
        Reach::Everybody
    } else if has(Role::AccountManager) {
        Reach::WithoutRole
    } else if has(Role::AreaCoordinator) {
        Reach::Areas(areas)
    } else {
        Reach::Areas(Vec::new())
    })
}

/// Which of these active people the caller does not reach, and why.
pub(crate) async fn beyond(
    auth: &Auth,
    caller: &Caller,
    reach: &Reach,
    people: &[Person],
) -> Result<Vec<(PersonId, Beyond)>, Fault> {
    let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
    let within = match reach {
        Reach::Everybody => return Ok(Vec::new()),
        Reach::WithoutRole => None,
        Reach::Areas(areas) => Some(role::members_of_any(auth, caller, &ids, areas).await?),
    };
    let holders = role::holders_among(auth, caller, people).await?;
    let refuse = |id: &PersonId| match &within {
        Some(within) if !within.contains(id) => Some((*id, Beyond::OutsideArea)),
        _ => holders.contains(id).then_some((*id, Beyond::HasRole)),
    };
    Ok(ids.iter().filter_map(refuse).collect())
}

/// A page of the people whom the caller reaches, and the token of the next one.
pub(crate) async fn list(
    auth: &Auth,
    caller: &Caller,
    query: String,
    page_size: i32,
    page_token: String,
) -> Result<(Vec<Shown>, String), Fault> {
    let reach = of(auth, caller).await?;
    let directory_groups = match &reach {
        Reach::Everybody | Reach::WithoutRole => Vec::new(),
        // Without a group, the directory service would answer everybody.
        Reach::Areas(areas) if areas.is_empty() => return Ok((Vec::new(), String::new())),
        Reach::Areas(areas) => areas.clone(),
    };
    let state = PersonState::Active.into();
    let request = ListPeopleRequest { query, state, page_size, page_token, directory_groups, ..Default::default() };
    let mut calls = auth.deps.clients.signed(&company::service_of(caller)?)?;
    let page = calls.directory.list_people(request).await.map_err(from_status)?.into_inner();
    let people: Vec<Person> =
        page.people.iter().filter_map(|person| people::active(person.clone()).transpose()).collect::<Result<_, _>>()?;
    let beyond: BTreeSet<String> =
        beyond(auth, caller, &reach, &people).await?.into_iter().map(|(id, _)| id.to_string()).collect();
    let mut shown = page.people;
    shown.retain(|person| !beyond.contains(&person.id));
    for person in &mut shown {
        person.directory_entry_id.clear();
        person.distinguished_name.clear();
    }
    Ok((shown, page.next_page_token))
}

/// Makes sure that the caller may make codes for all of these active people. Who is outside an area is like nobody.
pub(crate) async fn check(auth: &Auth, caller: &Caller, people: &[Person]) -> Result<(), Fault> {
    let reach = of(auth, caller).await?;
    let Some((person, reason)) = beyond(auth, caller, &reach, people).await?.into_iter().next() else {
        return Ok(());
    };
    let tx = auth.deps.tenancy.begin(caller).await?;
    record(&tx, caller, Event::AccessCodeIssueRefused { person, reason }).await?;
    tx.commit().await?;
    Err(match reason {
        Beyond::HasRole => fault::role_holder(person),
        Beyond::OutsideArea => fault::person_not_found(person),
    })
}
