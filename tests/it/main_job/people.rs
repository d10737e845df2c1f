//! The list of people beside the directory it came from.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{Person, PersonState};
use freehold_tests::company::Company;

use super::Stage;

/// What must be the same here and there, of one person.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    names: [String; 3],
    email: String,
    employee_number: String,
    department: String,
    site: String,
    /// `uid` of the manager.
    manager: Option<String>,
    /// Name of each group, and whether the person is listed in it itself.
    groups: BTreeSet<(String, bool)>,
}

/// Everybody of the directory is there, with their memberships and managers, and nobody else.
pub(super) async fn are_those_of_the_directory(stage: &Stage) -> Result<()> {
    let listed = stage.world.line.people("acme").await?;
    let (here, there) = (facts_here(&listed), facts_there(&stage.company));
    assert_eq!(here.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
    for (uid, facts) in &there {
        assert_eq!(here.get(uid), Some(facts), "{uid}");
    }
    let (active, administrators) = (
        listed.iter().filter(|person| person.state() == PersonState::Active).count(),
        listed.iter().filter(|person| person.administrator).count(),
    );
    let expected = stage.company.reached_by("team 0001").len();
    assert_eq!((active, administrators), (stage.company.people.len(), expected));
    Ok(())
}

/// Somebody of the company as Freehold knows them, by place in the company.
pub(super) async fn known_as(stage: &Stage, place: usize) -> Result<Person> {
    let uid = &stage.company.people[place].uid;
    let listed = stage.world.line.people("acme").await?;
    listed.into_iter().find(|person| person.user_name == *uid).with_context(|| format!("{uid} is not known"))
}

fn facts_here(people: &[Person]) -> BTreeMap<String, Facts> {
    let uids: BTreeMap<&str, &str> = people.iter().map(|p| (p.id.as_str(), p.user_name.as_str())).collect();
    let facts = |person: &Person| Facts {
        names: [&person.display_name, &person.given_name, &person.family_name].map(Clone::clone),
        email: person.email.clone(),
        employee_number: person.employee_number.clone(),
        department: person.department.clone(),
        site: person.site.clone(),
        manager: uids.get(person.manager_id.as_str()).map(|uid| (*uid).to_owned()),
        groups: person.directory_groups.iter().map(|group| (group.name.clone(), group.direct)).collect(),
    };
    people.iter().map(|person| (person.user_name.clone(), facts(person))).collect()
}

fn facts_there(company: &Company) -> BTreeMap<String, Facts> {
    let mut groups: BTreeMap<&str, BTreeSet<(String, bool)>> = BTreeMap::new();
    let dns: BTreeMap<&str, &str> = company.people.iter().map(|p| (p.uid.as_str(), p.dn.as_str())).collect();
    for group in &company.groups {
        for uid in company.reached_by(&group.name) {
            let direct = group.members.iter().any(|member| member == dns[uid]);
            groups.entry(uid).or_default().insert((group.name.clone(), direct));
        }
    }
    let mut facts = |person: &freehold_tests::company::Person| Facts {
        names: [format!("{} {}", person.given, person.family), person.given.to_owned(), person.family.to_owned()],
        email: person.mail.clone().unwrap_or_default(),
        employee_number: person.uid.trim_start_matches('u').to_owned(),
        department: person.department.to_owned(),
        site: person.site.to_owned(),
        manager: person.manager.map(|place| company.people[place].uid.clone()),
        groups: groups.remove(person.uid.as_str()).unwrap_or_default(),
    };
    company.people.iter().map(|person| (person.uid.clone(), facts(person))).collect()
}
