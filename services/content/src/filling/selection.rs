//! Whom a group's rule selects now, asked of the directory service.

use std::collections::BTreeSet;

use freehold_proto::directory::v1::{
    AttributeRule, Everybody, FieldValues, NamedPeople, SelectPeopleRequest, select_people_request as wanted,
};
use freehold_types::{Fault, Kind, PersonId, Reason};
use freehold_wire::Calls;

use crate::rule::{Conditions, Rule, difference};

/// Who is in a group, and because of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// By the rule itself.
    pub(crate) by_rule: BTreeSet<PersonId>,
    /// Named one by one as well.
    pub(crate) also: BTreeSet<PersonId>,
    /// Named one by one as out.
    pub(crate) except: BTreeSet<PersonId>,
    /// Named one by one as looking after it.
    pub(crate) administrators: BTreeSet<PersonId>,
    /// Names that nobody has, or several people have.
    pub(crate) unknown_names: Vec<String>,
}

impl Selection {
    /// Everybody who is in. Somebody who is named twice, once by each name, is out.
    pub(crate) fn members(&self) -> BTreeSet<PersonId> {
        let named = self.also.union(&self.administrators);
        let members = self.by_rule.iter().chain(named);
        members.filter(|person| !self.except.contains(person)).copied().collect()
    }

    /// Those of the members who look after it.
    pub(crate) fn administrators(&self) -> BTreeSet<PersonId> {
        self.administrators.difference(&self.except).copied().collect()
    }

    /// What this changes in a group, for the operator; nothing when it changes nothing and nothing is odd.
    pub(super) fn sentences(&self, name: &str, before: &BTreeSet<PersonId>) -> Vec<String> {
        let mut said = Vec::new();
        let change = difference(&self.members(), before);
        if !change.is_empty() {
            let mut counts = format!("fill group {name:?}: {} members by rule", self.by_rule.len());
            for (people, word) in
                [(&self.also, "also"), (&self.except, "except"), (&self.administrators, "administrators")]
            {
                if !people.is_empty() {
                    counts.push_str(&format!(", {} {word}", people.len()));
                }
            }
            counts.push_str(&format!("; +{} −{} against now", change.gained.len(), change.lost.len()));
            said.push(counts);
        }
        if self.by_rule.is_empty() {
            said.push(format!("look at group {name:?}: its rule selects nobody, as the directories were last read"));
        }
        for unknown in &self.unknown_names {
            said.push(format!("look at group {name:?}: {unknown:?} is not one person's employee number or user name"));
        }
        said
    }
}

/// Asks whom the rule selects. A directory group that is gone has no members.
pub(super) async fn select(calls: &mut Calls, rule: &Rule) -> Result<Selection, Fault> {
    let (rule, exceptions) = rule.parts();
    let mut selection = Selection::default();
    selection.by_rule = stream(calls, request(rule), &mut selection.unknown_names).await?;
    for (names, people) in [
        (exceptions.also, &mut selection.also),
        (exceptions.except, &mut selection.except),
        (exceptions.administrators, &mut selection.administrators),
    ] {
        if !names.is_empty() {
            let named = wanted::Rule::Named(NamedPeople { names: names.into_iter().collect() });
            *people = stream(calls, named, &mut selection.unknown_names).await?;
        }
    }
    Ok(selection)
}

fn request(rule: &Rule) -> wanted::Rule {
    match rule {
        Rule::Everybody => wanted::Rule::Everybody(Everybody {}),
        Rule::DirectoryGroup(name) => wanted::Rule::DirectoryGroup(name.clone()),
        Rule::Attributes(equals) => wanted::Rule::Attributes(AttributeRule {
            equals: equals.iter().map(|(field, value)| (field.clone(), value.clone())).collect(),
            ..Default::default()
        }),
        Rule::Conditions(conditions) => wanted::Rule::Attributes(attributes(conditions)),
        Rule::WithExceptions { rule, .. } => request(rule),
    }
}

fn attributes(conditions: &Conditions) -> AttributeRule {
    let values = |values: &BTreeSet<String>| FieldValues { values: values.iter().cloned().collect() };
    AttributeRule {
        any_of: conditions.fields.iter().map(|(field, wanted)| (field.clone(), values(wanted))).collect(),
        directory_group: conditions.directory_group.clone().unwrap_or_default(),
        people_set: conditions.people_set.clone().unwrap_or_default(),
        manager: conditions.manager.clone().unwrap_or_default(),
        all_of: conditions.all_of.iter().map(attributes).collect(),
        ..Default::default()
    }
}

async fn stream(
    calls: &mut Calls,
    rule: wanted::Rule,
    unknown_names: &mut Vec<String>,
) -> Result<BTreeSet<PersonId>, Fault> {
    let request = SelectPeopleRequest { rule: Some(rule) };
    let parts = calls.directory.select_people(request).await.map_err(freehold_wire::fault);
    let mut parts = match parts {
        Err(gone) if gone.kind() == Kind::NotFound && gone.reason() == Reason::DirectoryGroupNotFound => {
            return Ok(BTreeSet::new());
        }
        parts => parts?.into_inner(),
    };
    let mut people = BTreeSet::new();
    while let Some(part) = parts.message().await.map_err(freehold_wire::fault)? {
        unknown_names.extend(part.unknown_names);
        for id in part.person_ids {
            people.insert(id.parse().map_err(|err| Fault::internal("reading whom a rule selects", err))?);
        }
    }
    Ok(people)
}
