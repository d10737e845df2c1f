//! Runs, their progress, and change sets.

use std::collections::BTreeMap;

use freehold_proto::directory::v1 as pb;
use freehold_types::PersonId;
use freehold_wire::time::to_proto;

use crate::diff::{ChangeKind, PersonChange};
use crate::person::Person;
use crate::progress::Step;
use crate::reading::Skip;
use crate::sync::Computed;
use crate::sync_run::{Counts, ReportedSkip, State, SyncRun};

/// How many rows of a change set are shown.
pub(crate) const CHANGES_SHOWN_MAX: usize = 1_000;
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
