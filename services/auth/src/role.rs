//! Roles: from the directory groups that the manifest names, or given by hand. Nothing that an IdP says of a person is
//! looked at here.

mod grpc;

pub use grpc::RolesGrpc;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use freehold_audit::{Event, RoleRefusal, SessionsEndedBy, record, record_all};
use freehold_proto::directory::v1::select_people_request::Rule;
use freehold_proto::directory::v1::{Administrators, CheckMembersRequest, SelectPeopleRequest};
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, Fault, Kind, Party, PersonId, Role, Roles, Violation};
use freehold_wire::fault as from_status;

use crate::people::{self, Person};
use crate::{Auth, company, fault, store};

/// The most directory groups that give roles in one company.
pub(crate) const GROUPS_MAX: usize = 100;
/// The most holdings that one answer has.
const LISTED_MAX: usize = 1_000;

/// A role given by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) person: PersonId,
    pub(crate) role: Role,
    /// Distinguished name of the directory group that is the area of an area coordinator.
    pub(crate) area: Option<String>,
    /// None: the operator.
    pub(crate) granted_by: Option<PersonId>,
    pub(crate) granted_at: DateTime<Utc>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

impl Grant {
    fn holds(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A directory group whose members have a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) role: Role,
    pub(crate) directory_group: String,
    pub(crate) area: Option<String>,
}

/// Where a role comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// The administrators' group.
    Administrators,
    /// An emergency account, which the manifest names.
    Emergency,
    Group(Group),
    Grant(Grant),
}

/// A role that an active person has.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) person: PersonId,
    pub(crate) display_name: String,
    pub(crate) role: Role,
    pub(crate) source: Source,
}

/// What is known of a person's roles without asking the directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    grants: Vec<Grant>,
    groups: Vec<Group>,
}

/// The roles of one person, and until when they are sure to be these.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) roles: Roles,
    /// Distinguished names of the directory groups that an area coordinator looks after.
    pub(crate) areas: Vec<String>,
    pub(crate) until: DateTime<Utc>,
}

/// Reads what [`held`] needs.
pub(crate) async fn known(tx: &TenantTx, person: PersonId) -> Result<Known, Fault> {
    Ok(Known { grants: store::role::of_people(tx, &[person]).await?, groups: store::role::groups(tx).await? })
}

/// The roles of an active person now.
pub(crate) async fn held(auth: &Auth, caller: &Caller, person: &Person, known: Known) -> Result<Held, Fault> {
    let now = auth.deps.mint.now();
    let mut roles = Roles::NONE;
    let mut areas = Vec::new();
    let mut until = DateTime::<Utc>::MAX_UTC;
    for source in sources(auth, caller, person, known).await? {
        match source {
            Source::Administrators | Source::Emergency => roles = roles.with(Role::Administrator),
            Source::Group(group) => {
                roles = roles.with(group.role);
                areas.extend(group.area);
            }
            Source::Grant(grant) if grant.holds(now) => {
                roles = roles.with(grant.role);
                areas.extend(grant.area);
                until = grant.expires_at.map_or(until, |end| until.min(end));
            }
            Source::Grant(_ended) => {}
        }
    }
    Ok(Held { roles, areas, until })
}

async fn sources(auth: &Auth, caller: &Caller, person: &Person, known: Known) -> Result<Vec<Source>, Fault> {
    let Known { grants, groups } = known;
    let names: Vec<&str> = groups.iter().map(|group| group.directory_group.as_str()).collect();
    let members = members(auth, caller, &[person.id], &names).await?;
    let within = |group: &Group| members.get(&group.directory_group).is_some_and(|these| these.contains(&person.id));
    let groups = groups.into_iter().filter(within).map(Source::Group);
    let administrator = person.administrator.then_some(Source::Administrators);
    Ok(administrator.into_iter().chain(groups).chain(grants.into_iter().map(Source::Grant)).collect())
}

/// Which of these people are in each of these directory groups; a group that there is not is left out.
async fn members(
    auth: &Auth,
    caller: &Caller,
    people: &[PersonId],
    directory_groups: &[&str],
) -> Result<BTreeMap<String, BTreeSet<PersonId>>, Fault> {
    if directory_groups.is_empty() {
        return Ok(BTreeMap::new());
    }
    let request = CheckMembersRequest {
        person_ids: people.iter().map(ToString::to_string).collect(),
        directory_groups: directory_groups.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut calls = auth.deps.clients.signed(&company::service_of(caller)?)?;
    let answer = calls.directory.check_members(request).await.map_err(from_status)?.into_inner();
    let read = |ids: &[String]| ids.iter().filter_map(|id| id.parse().ok()).collect();
    Ok(answer
        .groups
        .iter()
        .filter(|group| group.known)
        .map(|group| (group.directory_group.clone(), read(&group.person_ids)))
        .collect())
}

/// Those of these people who are in one of these directory groups.
pub(crate) async fn members_of_any(
    auth: &Auth,
    caller: &Caller,
    people: &[PersonId],
    directory_groups: &[String],
) -> Result<BTreeSet<PersonId>, Fault> {
    let names: Vec<&str> = directory_groups.iter().map(String::as_str).collect();
    Ok(members(auth, caller, people, &names).await?.into_values().flatten().collect())
}

/// Those of these active people who have a role, however they came to it.
pub(crate) async fn holders_among(
    auth: &Auth,
    caller: &Caller,
    people: &[Person],
) -> Result<BTreeSet<PersonId>, Fault> {
    let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
    let tx = auth.deps.tenancy.begin(caller).await?;
    let (grants, groups) = (store::role::of_people(&tx, &ids).await?, store::role::groups(&tx).await?);
    tx.commit().await?;
    let now = auth.deps.mint.now();
    let names: Vec<String> = groups.into_iter().map(|group| group.directory_group).collect();
    let mut holders = members_of_any(auth, caller, &ids, &names).await?;
    holders.extend(people.iter().filter(|person| person.administrator).map(|person| person.id));
    holders.extend(grants.iter().filter(|grant| grant.holds(now)).map(|grant| grant.person));
    Ok(holders)
}

/// Everybody whom a rule of the directory service selects.
async fn select(auth: &Auth, caller: &Caller, rule: Rule) -> Result<Vec<PersonId>, Fault> {
    let mut calls = auth.deps.clients.signed(&company::service_of(caller)?)?;
    let request = SelectPeopleRequest { rule: Some(rule) };
    let mut parts = calls.directory.select_people(request).await.map_err(from_status)?.into_inner();
    let mut people = Vec::new();
    while let Some(part) = parts.message().await.map_err(from_status)? {
        people.extend(part.person_ids.iter().filter_map(|id| id.parse::<PersonId>().ok()));
    }
    Ok(people)
}

/// Who has which role, by role and name, administrators first; and how many there are in all.
pub(crate) async fn list(
    auth: &Auth,
    caller: &Caller,
    person: Option<PersonId>,
) -> Result<(Vec<Holding>, usize), Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let (grants, groups) = (store::role::all(&tx).await?, store::role::groups(&tx).await?);
    let accounts = store::emergency_account::all(&tx).await?;
    tx.commit().await?;
    let now = auth.deps.mint.now();
    let mut found = Vec::new();
    for id in select(auth, caller, Rule::Administrators(Administrators {})).await? {
        found.push((id, Role::Administrator, Source::Administrators));
    }
    found.extend(accounts.into_iter().map(|account| (account.id, Role::Administrator, Source::Emergency)));
    for group in groups {
        let rule = Rule::DirectoryGroup(group.directory_group.clone());
        let people = match select(auth, caller, rule).await {
            // What is no distinguished name has no members.
            Err(fault) if fault.kind() == Kind::Invalid => Vec::new(),
            people => people?,
        };
        found.extend(people.into_iter().map(|id| (id, group.role, Source::Group(group.clone()))));
    }
    let grants = grants.into_iter().filter(|grant| grant.holds(now));
    found.extend(grants.map(|grant| (grant.person, grant.role, Source::Grant(grant))));
    found.retain(|(id, _, _)| person.is_none_or(|person| person == *id));
    let names = names(auth, &company::service_of(caller)?, found.iter().map(|(id, _, _)| *id)).await?;
    let shown = found.into_iter().filter_map(|(person, role, source)| {
        Some(Holding { person, display_name: names.get(&person)?.clone(), role, source })
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by(|one, other| {
        (std::cmp::Reverse(one.role), &one.display_name).cmp(&(std::cmp::Reverse(other.role), &other.display_name))
    });
    let count = shown.len();
    shown.truncate(LISTED_MAX);
    Ok((shown, count))
}

/// Names of those of these people who are active.
async fn names(
    auth: &Auth,
    caller: &Caller,
    people: impl Iterator<Item = PersonId>,
) -> Result<BTreeMap<PersonId, String>, Fault> {
    let people: Vec<_> = people.collect::<BTreeSet<_>>().into_iter().collect();
    let mut names = BTreeMap::new();
    for some in people.chunks(people::LISTED_MAX) {
        let active = people::list_active(auth, caller, some).await?;
        names.extend(active.into_iter().map(|person| (person.id, person.display_name)));
    }
    Ok(names)
}

/// What somebody asks to give.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) person: PersonId,
    pub(crate) role: Role,
    pub(crate) area: Option<String>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

/// Gives a role by hand.
pub(crate) async fn grant(auth: &Auth, caller: &Caller, wish: Wish) -> Result<Holding, Fault> {
    let Wish { person, role, area, expires_at } = wish;
    let now = auth.deps.mint.now();
    if expires_at.is_some_and(|end| end <= now) {
        return Err(invalid("expires_at", "must lie ahead"));
    }
    if giver(caller) == Some(person) {
        refuse(auth, caller, role, RoleRefusal::OwnRole).await?;
        return Err(fault::own_role());
    }
    let Some(active) = people::find_active(auth, &company::service_of(caller)?, person).await? else {
        refuse(auth, caller, role, RoleRefusal::PersonUnknown).await?;
        return Err(fault::person_not_found(person));
    };
    if let Some(area) = &area
        && !members(auth, caller, &[], &[area]).await?.contains_key(area)
    {
        return Err(invalid("area_group", "is no directory group that was read; write its distinguished name"));
    }
    let grant = Grant { person, role, area, granted_by: giver(caller), granted_at: now, expires_at };
    let tx = auth.deps.tenancy.begin(caller).await?;
    store::role::put(&tx, &grant).await?;
    record(&tx, caller, Event::RoleGranted { person, role, expires_at }).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %caller.tenant()?, person.id = %person, role = role.name(), "a role was given");
    Ok(Holding { person, display_name: active.display_name, role, source: Source::Grant(grant) })
}

/// Takes a role that was given by hand away, and ends the person's sessions with all that came of them.
pub(crate) async fn revoke(auth: &Auth, caller: &Caller, person: PersonId, role: Role) -> Result<(), Fault> {
    let others =
        if role == Role::Administrator { Some(other_administrators(auth, caller, person).await?) } else { None };
    let tx = auth.deps.tenancy.begin(caller).await?;
    let now = tx.mint().now();
    if let Some(Others { by_directory, active }) = others {
        let left = store::role::lock_all_of(&tx, role).await?;
        let left =
            left.iter().any(|grant| grant.person != person && grant.holds(now) && active.contains(&grant.person));
        if !by_directory && !left {
            drop(tx);
            refuse(auth, caller, role, RoleRefusal::LastAdministrator).await?;
            return Err(fault::last_administrator());
        }
    }
    if !store::role::delete(&tx, person, role).await? {
        drop(tx);
        refuse(auth, caller, role, RoleRefusal::NotByHand).await?;
        return Err(fault::role_not_found(person, role));
    }
    let counts = store::session::count_of_people(&tx, &[person]).await?;
    let ended = store::session::delete_of_people(&tx, &[person]).await?;
    let by = SessionsEndedBy::Role;
    let mut events = vec![Event::RoleRevoked { person, role }];
    events.extend(counts.into_iter().map(|(person, count)| Event::SessionsEnded { person, count, by }));
    record_all(&tx, caller, &events).await?;
    let tenant = tx.tenant();
    tx.commit().await?;
    auth.ended.tell(tenant, ended);
    tracing::info!(tenant.id = %tenant, person.id = %person, role = role.name(), "a role was taken away");
    Ok(())
}

/// Who administers the tenant besides one person.
struct Others {
    /// Whether the directory names somebody.
    by_directory: bool,
    /// Those of the others given the role by hand who are active.
    active: BTreeSet<PersonId>,
}

async fn other_administrators(auth: &Auth, caller: &Caller, person: PersonId) -> Result<Others, Fault> {
    let by_directory = select(auth, caller, Rule::Administrators(Administrators {})).await?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let grants = store::role::all(&tx).await?;
    tx.commit().await?;
    let theirs = grants.iter().filter(|grant| grant.role == Role::Administrator).map(|grant| grant.person);
    let active = names(auth, &company::service_of(caller)?, theirs).await?.into_keys().collect();
    Ok(Others { by_directory: by_directory.iter().any(|id| *id != person), active })
}

/// The person who gives; none when it is the operator.
const fn giver(caller: &Caller) -> Option<PersonId> {
    match caller.party {
        Party::Person { id, .. } => Some(id),
        Party::Service(_) | Party::Provisioner { .. } | Party::Client { .. } | Party::Operator => None,
    }
}

/// Writes down what was not done.
async fn refuse(auth: &Auth, caller: &Caller, role: Role, reason: RoleRefusal) -> Result<(), Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    record(&tx, caller, Event::RoleChangeRefused { role, reason }).await?;
    tx.commit().await
}

fn invalid(field: &str, message: &str) -> Fault {
    Fault::invalid(vec![Violation { field: field.to_owned(), message: message.to_owned() }])
}
