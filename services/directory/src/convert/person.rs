//! People, searches and rules.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::directory::v1 as pb;
use freehold_types::{Caller, Fault, PersonId, Violation, Violations};
use freehold_wire::time::to_proto;

use crate::person::{LinkAttribute, Person, StateFilter, fold};
use crate::reading::Key;
use crate::rule::{Conditions, Rule};
use crate::snapshot::Snapshot;

/// How many people one call may ask for by id.
const BATCH_IDS_MAX: usize = 200;
/// The longest search text, in characters.
const QUERY_CHARS_MAX: usize = 100;
/// How many fields a rule may compare.
const RULE_FIELDS_MAX: usize = 8;
/// How many rules there may be in one.
const RULE_CONDITIONS_MAX: usize = 8;
/// How many people a rule may name.
const RULE_NAMES_MAX: usize = 1_000;
/// Fields a rule may compare.
const RULE_FIELDS: [&str; 5] = ["department", "employee_number", "site", "title", "user_name"];

pub(crate) fn parse_person_id(field: &str, text: &str) -> Result<PersonId, Fault> {
    text.parse().map_err(|error: freehold_types::ParseIdError| {
        Fault::invalid(vec![Violation { field: field.to_owned(), message: error.to_string() }])
    })
}

pub(crate) fn parse_person_ids(texts: &[String]) -> Result<Vec<PersonId>, Fault> {
    let mut violations = Violations::new();
    if texts.len() > BATCH_IDS_MAX {
        violations.push("ids", format!("at most {BATCH_IDS_MAX} ids at once"));
    }
    let ids =
        texts.iter().enumerate().filter_map(|(place, text)| violations.take(&format!("ids[{place}]"), text.parse()));
    let ids = ids.collect();
    violations.finish()?;
    Ok(ids)
}

/// The people who may be members; the names of groups are compared as they are.
pub(crate) fn parse_members(request: &pb::CheckMembersRequest) -> Result<Vec<PersonId>, Fault> {
    let mut violations = Violations::new();
    for (field, count) in
        [("person_ids", request.person_ids.len()), ("directory_groups", request.directory_groups.len())]
    {
        if count > BATCH_IDS_MAX {
            violations.push(field, format!("at most {BATCH_IDS_MAX} at once"));
        }
    }
    let ids = request.person_ids.iter().take(BATCH_IDS_MAX).enumerate();
    let ids = ids.filter_map(|(place, text)| violations.take(&format!("person_ids[{place}]"), text.parse())).collect();
    violations.finish()?;
    Ok(ids)
}

/// The words of a search, folded; an unknown state is a mistake.
pub(crate) fn parse_search(
    request: &pb::ListPeopleRequest,
    administrates: bool,
) -> Result<(Vec<String>, StateFilter), Fault> {
    let mut violations = Violations::new();
    if request.query.chars().count() > QUERY_CHARS_MAX {
        violations.push("query", format!("must be at most {QUERY_CHARS_MAX} characters"));
    }
    let state = match pb::PersonState::try_from(request.state) {
        Ok(pb::PersonState::Active) => StateFilter::Active,
        Ok(pb::PersonState::Deactivated) if administrates => StateFilter::Deactivated,
        Ok(pb::PersonState::Unspecified) if administrates => StateFilter::Any,
        Ok(pb::PersonState::Deactivated | pb::PersonState::Unspecified) => StateFilter::Active,
        Err(unknown) => {
            violations.push("state", unknown.to_string());
            StateFilter::Active
        }
    };
    violations.finish()?;
    Ok((request.query.split_whitespace().map(fold).collect(), state))
}

pub(crate) fn parse_link_attribute(request: &pb::FindPersonRequest) -> Result<LinkAttribute, Fault> {
    match pb::LinkAttribute::try_from(request.attribute) {
        Ok(pb::LinkAttribute::DirectoryId) => Ok(LinkAttribute::DirectoryId),
        Ok(pb::LinkAttribute::EmployeeNumber) => Ok(LinkAttribute::EmployeeNumber),
        Ok(pb::LinkAttribute::Unspecified) | Err(_) => {
            let message = "must be directory_id or employee_number".to_owned();
            Err(Fault::invalid(vec![Violation { field: "attribute".to_owned(), message }]))
        }
    }
}

pub(crate) fn parse_rule(request: pb::SelectPeopleRequest) -> Result<Rule, Fault> {
    use pb::select_people_request::Rule as Wanted;
    let mut violations = Violations::new();
    let rule = match request.rule {
        Some(Wanted::Everybody(pb::Everybody {})) => Rule::Everybody,
        Some(Wanted::Administrators(pb::Administrators {})) => Rule::Administrators,
        Some(Wanted::DirectoryGroup(dn)) => {
            if crate::reading::normalise(&dn).is_none() {
                violations.push("directory_group", "must be a distinguished name");
            }
            Rule::DirectoryGroup(dn)
        }
        Some(Wanted::Attributes(rule)) => {
            let mut all = Vec::new();
            parse_conditions(&mut violations, "attributes", rule, &mut all);
            Rule::Conditions(all)
        }
        Some(Wanted::Named(pb::NamedPeople { names })) => {
            if names.len() > RULE_NAMES_MAX {
                violations.push("named.names", format!("at most {RULE_NAMES_MAX} names"));
            }
            Rule::Named(names)
        }
        None => {
            violations.push("rule", "is needed");
            Rule::Conditions(Vec::new())
        }
    };
    violations.finish().map(|()| rule)
}

/// Takes a rule apart into conditions that all must hold.
fn parse_conditions(violations: &mut Violations, path: &str, rule: pb::AttributeRule, all: &mut Vec<Conditions>) {
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (field, value) in rule.equals {
        fields.insert(field, [fold(&value)].into());
    }
    for (field, values) in rule.any_of {
        fields.entry(field).or_default().extend(values.values.iter().map(|value| fold(value)));
    }
    if fields.len() > RULE_FIELDS_MAX {
        violations.push(format!("{path}.equals"), format!("at most {RULE_FIELDS_MAX} fields"));
    }
    for field in fields.keys().filter(|field| !RULE_FIELDS.contains(&field.as_str())) {
        violations.push(format!("{path}.equals[{field:?}]"), format!("must be one of {}", RULE_FIELDS.join(", ")));
    }
    let conditions = Conditions {
        fields,
        directory_group: Some(rule.directory_group).filter(|dn| !dn.is_empty()),
        manager: Some(fold(&rule.manager)).filter(|name| !name.is_empty()),
    };
    if conditions == Conditions::default() && rule.all_of.is_empty() {
        violations.push(format!("{path}.equals"), "names nothing that people must have in common");
    }
    if conditions.directory_group.as_ref().is_some_and(|dn| crate::reading::normalise(dn).is_none()) {
        violations.push(format!("{path}.directory_group"), "must be a distinguished name");
    }
    all.push(conditions);
    if all.len() + rule.all_of.len() > RULE_CONDITIONS_MAX {
        violations.push(format!("{path}.all_of"), format!("at most {RULE_CONDITIONS_MAX} rules in one"));
        return;
    }
    for inner in rule.all_of {
        parse_conditions(violations, &format!("{path}.all_of"), inner, all);
    }
}

/// What the directory calls a person is for administrators and services; colleagues see who they are.
pub(crate) fn render_person(caller: &Caller, person: &Person, directory_name: &str) -> pb::Person {
    let mut record = person.record.clone();
    if !caller.administrates() {
        record.entry_id.clear();
        record.distinguished_name.clear();
    }
    let state = if person.active { pb::PersonState::Active } else { pb::PersonState::Deactivated };
    pb::Person {
        id: person.id.to_string(),
        state: state.into(),
        directory_name: directory_name.to_owned(),
        directory_entry_id: record.entry_id,
        distinguished_name: record.distinguished_name,
        display_name: record.display_name,
        given_name: record.given_name,
        family_name: record.family_name,
        user_name: record.user_name,
        email: record.email,
        employee_number: record.employee_number,
        title: record.title,
        department: record.department,
        site: record.site,
        phone: record.phone,
        manager_id: person.manager.map(|id| id.to_string()).unwrap_or_default(),
        administrator: person.administrator,
        directory_groups: Vec::new(),
        created_at: Some(to_proto(person.created_at)),
        updated_at: Some(to_proto(person.updated_at)),
        photo_version: person.photo.filter(|_| person.active).map(photo_version).unwrap_or_default(),
        deactivated_at: person.deactivated_at.map(to_proto),
    }
}

pub(crate) fn render_groups(
    caller: &Caller,
    snapshot: &Snapshot,
    person: PersonId,
) -> Vec<pb::DirectoryGroupMembership> {
    let seats = snapshot.groups_of(person).into_iter();
    seats
        .map(|seat| pb::DirectoryGroupMembership {
            id: seat.id.to_string(),
            name: seat.record.name.clone(),
            distinguished_name: if caller.administrates() {
                seat.record.distinguished_name.clone()
            } else {
                String::new()
            },
            direct: seat.direct,
        })
        .collect()
}

/// A digest as pages write it.
pub(crate) fn photo_version(digest: Key) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
