//! What colleagues are told of each other, and what only administrators are.

use anyhow::Result;
use freehold_proto::directory::v1::{GetPersonRequest, ListPeopleRequest, Person, PersonState};
use freehold_wire::{Calls, fault};

use super::Filled;

async fn listed(calls: &mut Calls, state: PersonState) -> Result<Vec<Person>> {
    let request = ListPeopleRequest {
        state: state.into(),
        with_directory_groups: true,
        page_size: 100,
        ..ListPeopleRequest::default()
    };
    Ok(calls.directory.list_people(request).await.map_err(fault)?.into_inner().people)
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_see_neither_distinguished_names_nor_who_left() -> Result<()> {
    let filled = Filled::with(30).await?;
    let gone = &filled.company.people[29];
    filled.slapd.delete(&gone.dn)?;
    filled.world.line.synced("acme").await?;

    let known = filled.world.line.people("acme").await?;
    let colleague = known.iter().find(|person| !person.administrator && person.state() == PersonState::Active);
    let colleague = colleague.expect("somebody does not administer the company");
    let mut calls = filled.world.line.person("acme", &colleague.id).await?;
    for state in [PersonState::Unspecified, PersonState::Deactivated, PersonState::Active] {
        for person in listed(&mut calls, state).await? {
            assert_eq!(person.state(), PersonState::Active, "{} left", person.user_name);
            assert_eq!((person.distinguished_name, person.directory_entry_id), (String::new(), String::new()));
        }
    }
    let request = GetPersonRequest { id: colleague.id.clone() };
    let own = calls.directory.get_person(request).await.map_err(fault)?.into_inner().person.expect("a person");
    assert_eq!(own.distinguished_name, "");
    assert!(own.directory_groups.iter().all(|group| group.distinguished_name.is_empty()));

    let mut operator = filled.world.line.inside("acme").await?;
    let left = listed(&mut operator, PersonState::Deactivated).await?;
    assert_eq!(left.iter().map(|person| person.user_name.as_str()).collect::<Vec<_>>(), [gone.uid.as_str()]);
    assert!(left.iter().all(|person| !person.distinguished_name.is_empty()));
    Ok(())
}
