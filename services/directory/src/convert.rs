//! Between the contract's messages and this service's types; the only file that names both.

use std::collections::BTreeMap;

use freehold_proto::directory::v1 as pb;
use freehold_types::{Caller, Fault, PersonId, Violation, Violations};
use freehold_wire::time::to_proto;

use crate::check::{Check, Sample};
use crate::diff::{ChangeKind, PersonChange};
use crate::directory::{Directory, Settings, Wish};
use crate::person::{LinkAttribute, Person, Rule, StateFilter, fold};
use crate::progress::Step;
use crate::reading::Skip;
use crate::snapshot::Snapshot;
use crate::sync::Computed;
use crate::sync_run::{Counts, ReportedSkip, State, SyncRun};

/// How many rows of a change set are shown.
pub(crate) const CHANGES_SHOWN_MAX: usize = 1_000;
/// How many people one call may ask for by id.
const BATCH_IDS_MAX: usize = 200;
/// The longest search text, in characters.
const QUERY_CHARS_MAX: usize = 100;
/// How many fields a rule may compare.
const RULE_FIELDS_MAX: usize = 8;
/// Fields a rule may compare.
const RULE_FIELDS: [&str; 5] = ["department", "employee_number", "site", "title", "user_name"];

pub(crate) fn parse_wish(request: pb::ApplyDirectoriesRequest) -> Wish {
    let directories = request.directories.into_iter().map(parse_settings).collect();
    Wish { directories, administrators_group: request.administrators_group }
}

fn parse_settings(settings: pb::DirectorySettings) -> Settings {
    let kind_number = match settings.kind() {
        pb::DirectoryKind::Unspecified => 0,
        pb::DirectoryKind::ActiveDirectory => 1,
        pb::DirectoryKind::Openldap => 2,
        pb::DirectoryKind::Ldap => 3,
        pb::DirectoryKind::Ldif => 4,
    };
    Settings {
        name: settings.name,
        kind_number,
        urls: settings.urls,
        start_tls: settings.start_tls,
        ca_pem: settings.ca_pem,
        bind_dn: settings.bind_dn,
        bind_password: settings.bind_password,
        base_dn: settings.base_dn,
        people_filter: settings.people_filter,
        group_filter: settings.group_filter,
        max_deactivations: settings.max_deactivations,
        attributes: settings.attributes.into_iter().collect(),
    }
}

/// Without the bind password: it goes in and never comes out.
pub(crate) fn render_directory(directory: Directory) -> pb::Directory {
    let kind = match directory.settings.kind_number {
        1 => pb::DirectoryKind::ActiveDirectory,
        2 => pb::DirectoryKind::Openldap,
        3 => pb::DirectoryKind::Ldap,
        4 => pb::DirectoryKind::Ldif,
        _ => pb::DirectoryKind::Unspecified,
    };
    let settings = pb::DirectorySettings {
        name: directory.settings.name,
        kind: kind.into(),
        urls: directory.settings.urls,
        start_tls: directory.settings.start_tls,
        ca_pem: directory.settings.ca_pem,
        bind_dn: directory.settings.bind_dn,
        bind_password: String::new(),
        base_dn: directory.settings.base_dn,
        people_filter: directory.settings.people_filter,
        group_filter: directory.settings.group_filter,
        max_deactivations: directory.settings.max_deactivations,
        attributes: directory.settings.attributes.into_iter().collect(),
    };
    pb::Directory { id: directory.id.to_string(), settings: Some(settings) }
}

pub(crate) fn render_check(check: Check) -> pb::CheckDirectoryResponse {
    let sample = |sample: Sample| pb::EntrySample {
        distinguished_name: sample.distinguished_name,
        fields: sample.fields.into_iter().collect(),
        skipped_because: sample.skipped_because,
    };
    pb::CheckDirectoryResponse {
        name: check.directory,
        server: check.server,
        sampled_count: count(check.samples.len()),
        samples: check.samples.into_iter().map(sample).collect(),
        unseen_attributes: check.unseen,
    }
}

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
        Some(Wanted::DirectoryGroup(dn)) => {
            if crate::reading::normalise(&dn).is_none() {
                violations.push("directory_group", "must be a distinguished name");
            }
            Rule::DirectoryGroup(dn)
        }
        Some(Wanted::Attributes(pb::AttributeRule { equals })) => {
            if equals.is_empty() || equals.len() > RULE_FIELDS_MAX {
                violations.push("attributes.equals", format!("needs 1 to {RULE_FIELDS_MAX} fields"));
            }
            for field in equals.keys().filter(|field| !RULE_FIELDS.contains(&field.as_str())) {
                violations.push(
                    format!("attributes.equals[{field:?}]"),
                    format!("must be one of {}", RULE_FIELDS.join(", ")),
                );
            }
            Rule::Attributes(equals.into_iter().collect::<BTreeMap<_, _>>())
        }
        None => {
            violations.push("rule", "is needed");
            Rule::Attributes(BTreeMap::new())
        }
    };
    violations.finish().map(|()| rule)
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

pub(crate) fn render_step(step: Step) -> pb::SyncDirectoryResponse {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let progress =
        pb::SyncProgress { step: step.name.to_owned(), done_count: number(step.done), total_count: number(step.total) };
    pb::SyncDirectoryResponse { event: Some(pb::sync_directory_response::Event::Progress(progress)) }
}

pub(crate) fn render_run(run: SyncRun, directory_name: String) -> pb::SyncRun {
    let state = match run.state {
        State::Running => pb::SyncRunState::Running,
        State::Done => pb::SyncRunState::Done,
        State::Failed => pb::SyncRunState::Failed,
        State::Held => pb::SyncRunState::Held,
        State::Interrupted => pb::SyncRunState::Interrupted,
    };
    let skip = |skip: ReportedSkip| pb::Skip { distinguished_name: skip.distinguished_name, because: skip.because };
    pb::SyncRun {
        id: run.id.to_string(),
        directory_name,
        state: state.into(),
        started_at: Some(to_proto(run.started_at)),
        ended_at: run.ended_at.map(to_proto),
        counts: Some(render_counts(run.counts)),
        error: run.report.error,
        cure: run.report.cure,
        skips: run.report.skips.into_iter().map(skip).collect(),
        change_set_id: run.report.change_set_id,
    }
}

const fn render_counts(counts: Counts) -> pb::ChangeCounts {
    pb::ChangeCounts {
        people_read_count: counts.people_read,
        groups_read_count: counts.groups_read,
        joined_count: counts.joined,
        changed_count: counts.changed,
        deactivated_count: counts.deactivated,
        returned_count: counts.returned,
        unchanged_count: counts.unchanged,
        skipped_count: counts.skipped,
        memberships_added_count: counts.memberships_added,
        memberships_removed_count: counts.memberships_removed,
    }
}

/// `stored` are the records, as they are now, of the people whose rows are shown.
pub(crate) fn render_change_set(computed: &Computed, stored: &BTreeMap<PersonId, Person>) -> pb::ChangeSet {
    let shown = computed.set.people.iter().take(CHANGES_SHOWN_MAX);
    let skip =
        |skip: &Skip| pb::Skip { distinguished_name: skip.distinguished_name.clone(), because: skip.because.clone() };
    pb::ChangeSet {
        id: computed.id.clone(),
        counts: Some(render_counts(computed.counts)),
        changes: shown.map(|change| render_change(computed, stored, change)).collect(),
        skips: computed.skips.first.iter().map(skip).collect(),
        held_because: computed.held_because.clone().unwrap_or_default(),
    }
}

fn render_change(computed: &Computed, stored: &BTreeMap<PersonId, Person>, change: &PersonChange) -> pb::PersonChange {
    let old = stored.get(&change.id);
    let new = change.seen.and_then(|place| computed.reading.people.get(place)).map(|seen| &seen.record);
    let record = new.or_else(|| old.map(|person| &person.record));
    let mut changed_fields = match (old, new) {
        (Some(old), Some(new)) => old.record.differences(new),
        _ => Vec::new(),
    };
    if let Some(old) = old.filter(|_| new.is_some()) {
        changed_fields.extend((old.manager != change.manager).then(|| "manager".to_owned()));
        changed_fields.extend((old.administrator != change.administrator).then(|| "administrator".to_owned()));
        changed_fields.sort();
    }
    let kind = match change.kind {
        ChangeKind::Join => pb::ChangeKind::Join,
        ChangeKind::Change => pb::ChangeKind::Change,
        ChangeKind::Deactivate => pb::ChangeKind::Deactivate,
        ChangeKind::Return => pb::ChangeKind::Return,
    };
    pb::PersonChange {
        kind: kind.into(),
        display_name: record.map(|record| record.display_name.clone()).unwrap_or_default(),
        distinguished_name: record.map(|record| record.distinguished_name.clone()).unwrap_or_default(),
        changed_fields,
    }
}

pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
