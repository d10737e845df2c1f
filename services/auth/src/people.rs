//! What the directory service says about people. No transaction may be open while it is asked.

use freehold_proto::directory::v1::{
    BatchGetPeopleRequest, FindPersonRequest, LinkAttribute, Person as PersonReply, PersonState,
};
use freehold_types::{Caller, Fault, Kind, PersonId};
use freehold_wire::fault;

use crate::connection::LinkBy;
use crate::{Auth, emergency};

/// The most people that the directory service answers at once.
pub(crate) const LISTED_MAX: usize = 200;

/// An active person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: PersonId,
    pub(crate) display_name: String,
    pub(crate) administrator: bool,
    /// Name in the directory, may be empty.
    pub(crate) user_name: String,
    /// May be empty.
    pub(crate) employee_number: String,
    /// May be empty.
    pub(crate) email: String,
    /// Whether this is an emergency account, of which no directory tells.
    pub(crate) emergency: bool,
}

/// The one active person whose attribute has this value.
pub(crate) async fn find(auth: &Auth, caller: &Caller, link_by: LinkBy, value: &str) -> Result<Option<Person>, Fault> {
    let attribute = match link_by {
        LinkBy::DirectoryId => LinkAttribute::DirectoryId,
        LinkBy::EmployeeNumber => LinkAttribute::EmployeeNumber,
    };
    let request = FindPersonRequest { attribute: attribute.into(), value: value.to_owned() };
    let mut calls = auth.deps.clients.signed(caller)?;
    match calls.directory.find_person(request).await.map_err(fault) {
        Ok(answer) => match answer.into_inner().person {
            Some(reply) => active(reply),
            None => Ok(None),
        },
        // A value that the directory cannot even read belongs to nobody.
        Err(fault) if matches!(fault.kind(), Kind::NotFound | Kind::Invalid) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// This person, when active.
pub(crate) async fn find_active(auth: &Auth, caller: &Caller, id: PersonId) -> Result<Option<Person>, Fault> {
    Ok(list_active(auth, caller, &[id]).await?.into_iter().find(|person| person.id == id))
}

/// Those of these people who are active, emergency accounts among them.
pub(crate) async fn list_active(auth: &Auth, caller: &Caller, ids: &[PersonId]) -> Result<Vec<Person>, Fault> {
    let request = BatchGetPeopleRequest { ids: ids.iter().map(ToString::to_string).collect() };
    let mut calls = auth.deps.clients.signed(caller)?;
    let answer = calls.directory.batch_get_people(request).await.map_err(fault)?.into_inner();
    let unknown = |id: &&PersonId| !answer.people.iter().any(|reply| reply.id == id.to_string());
    let unknown: Vec<PersonId> = ids.iter().filter(unknown).copied().collect();
    let mut people: Vec<Person> =
        answer.people.into_iter().filter_map(|reply| active(reply).transpose()).collect::<Result<_, _>>()?;
    if !unknown.is_empty() {
        people.extend(emergency::among(auth, caller, &unknown).await?);
    }
    Ok(people)
}

/// What of a person is looked at here, when active.
pub(crate) fn active(reply: PersonReply) -> Result<Option<Person>, Fault> {
    if reply.state() != PersonState::Active {
        return Ok(None);
    }
    let id = reply.id.parse().map_err(|error| Fault::internal("reading a person of the directory service", error))?;
    let PersonReply { display_name, administrator, user_name, employee_number, email, .. } = reply;
    Ok(Some(Person { id, display_name, administrator, user_name, employee_number, email, emergency: false }))
}
