//! Whom a rule selects. Worked out on the copy in memory, for all people at once.

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::{Caller, Fault, PersonId};

use crate::Deps;
use crate::person::{Person, fold};
use crate::snapshot::Snapshot;

/// Selects people by what is known of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    Everybody,
    /// Those who administer the tenant.
    Administrators,
    /// Members of the directory group of this distinguished name, nested ones included.
    DirectoryGroup(String),
    /// Those for whom all of this holds.
    Conditions(Vec<Conditions>),
    /// Those with these employee numbers or user names.
    Named(Vec<String>),
}

/// What people must have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// Field names and the values of which each must have one, folded.
    pub fields: BTreeMap<String, BTreeSet<String>>,
    /// A directory group they are in, nested ones included.
    pub directory_group: Option<String>,
    /// Employee number or user name, folded, of somebody they work for over any number of steps.
    pub manager: Option<String>,
}

/// Whom a rule selects.
#[derive(Debug, Default)]
pub(crate) struct Selected {
    pub people: Vec<PersonId>,
    /// Names that nobody has, or several people have.
    pub unknown_names: Vec<String>,
}

/// Ids of the active people a rule selects.
pub(crate) async fn select(deps: &Deps, caller: &Caller, rule: &Rule) -> Result<Selected, Fault> {
    let snapshot = deps.snapshots.get(&deps.tenancy, caller).await?;
    if let Rule::Named(names) = rule {
        return Ok(named(&snapshot, names));
    }
    let people = match rule {
        Rule::Everybody => active(&snapshot).map(|person| person.id).collect(),
        Rule::Administrators => {
            active(&snapshot).filter(|person| person.administrator).map(|person| person.id).collect()
        }
        Rule::DirectoryGroup(dn) => {
            let members = snapshot.members_of(dn);
            active(&snapshot).map(|person| person.id).filter(|id| members.contains(id)).collect()
        }
        Rule::Conditions(all) => {
            let all: Vec<_> = all.iter().map(|conditions| Compared::new(&snapshot, conditions)).collect();
            let holds = |person: &&Person| all.iter().all(|compared| compared.holds(person));
            active(&snapshot).filter(holds).map(|person| person.id).collect()
        }
        Rule::Named(_) => Vec::new(),
    };
    Ok(Selected { people, unknown_names: Vec::new() })
}

/// Which of these people are in each of these directory groups, nested ones included; none for a group that there is
/// not.
pub(crate) async fn members(
    deps: &Deps,
    caller: &Caller,
    people: &[PersonId],
    dns: &[String],
) -> Result<Vec<Option<Vec<PersonId>>>, Fault> {
    let snapshot = deps.snapshots.get(&deps.tenancy, caller).await?;
    let of = |dn: &String| {
        snapshot.knows(dn).then(|| {
            let members = snapshot.members_of(dn);
            people.iter().copied().filter(|id| members.contains(id)).collect()
        })
    };
    Ok(dns.iter().map(of).collect())
}

/// Conditions and the people whom the ones about others select.
struct Compared<'a> {
    conditions: &'a Conditions,
    members: Option<BTreeSet<PersonId>>,
    team: Option<BTreeSet<PersonId>>,
}

impl<'a> Compared<'a> {
    fn new(snapshot: &Snapshot, conditions: &'a Conditions) -> Self {
        Self {
            conditions,
            members: conditions.directory_group.as_ref().map(|dn| snapshot.members_of(dn)),
            team: conditions.manager.as_ref().map(|name| team(snapshot, name)),
        }
    }

    fn holds(&self, person: &Person) -> bool {
        let within = |people: &Option<BTreeSet<PersonId>>| people.as_ref().is_none_or(|them| them.contains(&person.id));
        let fields = person.record.fields();
        let has =
            |field: &str, values: &BTreeSet<String>| fields.get(field).is_some_and(|has| values.contains(&fold(has)));
        within(&self.members)
            && within(&self.team)
            && self.conditions.fields.iter().all(|(field, values)| has(field, values))
    }
}

/// Everybody who works for the person of that name, over any number of steps.
fn team(snapshot: &Snapshot, name: &str) -> BTreeSet<PersonId> {
    let mut team = BTreeSet::new();
    let mut above: Vec<PersonId> = bearers(snapshot, name).map(|person| person.id).collect();
    while let Some(manager) = above.pop() {
        above.extend(snapshot.reports_of(manager).map(|person| person.id).filter(|id| team.insert(*id)));
    }
    team
}

/// People with that employee number or user name, folded; an employee number comes before a user name.
fn bearers<'a>(snapshot: &'a Snapshot, name: &'a str) -> impl Iterator<Item = &'a Person> {
    let by_number = move |person: &&Person| fold(&person.record.employee_number) == name;
    let numbered = snapshot.people.iter().any(|person| by_number(&person));
    let by_name = move |person: &&Person| fold(&person.record.user_name) == name;
    snapshot.people.iter().filter(move |person| if numbered { by_number(person) } else { by_name(person) })
}

fn named(snapshot: &Snapshot, names: &[String]) -> Selected {
    let mut numbers = BTreeMap::<String, Vec<&Person>>::new();
    let mut user_names = BTreeMap::<String, Vec<&Person>>::new();
    for person in &snapshot.people {
        for (index, value) in
            [(&mut numbers, &person.record.employee_number), (&mut user_names, &person.record.user_name)]
        {
            if !value.is_empty() {
                index.entry(fold(value)).or_default().push(person);
            }
        }
    }
    let mut selected = Selected::default();
    for name in names {
        let folded = fold(name.trim());
        let bearers = numbers.get(&folded).or_else(|| user_names.get(&folded)).map_or(&[][..], Vec::as_slice);
        let mut active = bearers.iter().filter(|person| person.active);
        match (active.next(), active.next(), bearers.is_empty()) {
            (Some(person), None, _) => selected.people.push(person.id),
            // Somebody who left: known, and in no group.
            (None, None, false) => {}
            _ => selected.unknown_names.push(name.clone()),
        }
    }
    selected
}

fn active(snapshot: &Snapshot) -> impl Iterator<Item = &Person> {
    snapshot.people.iter().filter(|person| person.active)
}
