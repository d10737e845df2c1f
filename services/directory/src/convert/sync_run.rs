//! Runs, their progress, and change sets.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::directory::v1 as pb;
use freehold_types::{DirectoryGroupId, Fault, PersonId, SyncRunId, Violation};
use freehold_wire::time::to_proto;

use crate::diff::{ChangeKind, PersonChange};
use crate::known::{Edge, Member};
use crate::person::Person;
use crate::progress::Step;
use crate::reading::Skip;
use crate::record::Record;
use crate::sync::Computed;
use crate::sync_run::{Counts, ReportedSkip, RunKind, State, SyncRun};

/// How many rows of a change set are shown.
pub(crate) const CHANGES_SHOWN_MAX: usize = 1_000;
pub(crate) fn parse_sync_run_id(text: &str) -> Result<SyncRunId, Fault> {
    text.parse().map_err(|error: freehold_types::ParseIdError| {
        Fault::invalid(vec![Violation { field: "sync_run_id".to_owned(), message: error.to_string() }])
    })
}

pub(crate) fn render_step(step: Step) -> pb::SyncProgress {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    pb::SyncProgress {
        step: step.name.to_owned(),
        done_count: number(step.done),
        total_count: number(step.total),
        rate_per_second: number(step.rate),
        seconds_left: step.seconds_left.map(number),
    }
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
        skips: run.report.skips.into_iter().chain(run.report.photo_skips).map(skip).collect(),
        change_set_id: run.report.change_set_id,
        leaver_clock: run.report.leaver_clock.map(|clock| pb::LeaverClock {
            people_count: clock.people,
            median_ms: clock.median_ms,
            worst_ms: clock.worst_ms,
        }),
        kind: match run.kind {
            RunKind::Asked => pb::SyncRunKind::Asked,
            RunKind::Automatic => pb::SyncRunKind::Automatic,
            RunKind::Undo => pb::SyncRunKind::Undo,
        }
        .into(),
        undone_by_run_id: run.undone_by.map(|id| id.to_string()).unwrap_or_default(),
        undoes_run_id: run.undoes.map(|id| id.to_string()).unwrap_or_default(),
        approved_by: run.report.approved_by,
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

/// `stored` are the records, as they are now, of what is shown.
pub(crate) fn render_change_set(computed: &Computed, stored: &Stored) -> pb::ChangeSet {
    let shown = computed.set.people.iter().take(CHANGES_SHOWN_MAX);
    let skip =
        |skip: &Skip| pb::Skip { distinguished_name: skip.distinguished_name.clone(), because: skip.because.clone() };
    let losses = Losses::new(computed);
    pb::ChangeSet {
        id: computed.id.clone(),
        counts: Some(render_counts(computed.counts)),
        changes: shown.map(|change| render_change(stored, &losses, change)).collect(),
        skips: computed.skips.first.iter().map(skip).collect(),
        held_because: computed.held_because.clone().unwrap_or_default(),
        membership_changes: shown_edges(computed)
            .map(|((group, member), gained)| pb::MembershipChange {
                directory_group_name: stored.group(*group),
                member_name: stored.member(*member),
                gained,
            })
            .collect(),
    }
}

/// The memberships that are shown, losses first.
pub(crate) fn shown_edges(computed: &Computed) -> impl Iterator<Item = (&Edge, bool)> {
    let lost = computed.set.removed.iter().map(|edge| (edge, false));
    lost.chain(computed.set.added.iter().map(|edge| (edge, true))).take(CHANGES_SHOWN_MAX)
}

/// Records of what is shown of a change set.
pub(crate) struct Stored {
    pub people: BTreeMap<PersonId, Person>,
    /// As they were seen, of those whom the change set is about.
    pub seen: BTreeMap<PersonId, Record>,
    /// Names of the directory groups, those of the reading too.
    pub groups: BTreeMap<DirectoryGroupId, String>,
}

impl Stored {
    fn group(&self, id: DirectoryGroupId) -> String {
        self.groups.get(&id).map_or_else(|| id.to_string(), Clone::clone)
    }

    fn member(&self, member: Member) -> String {
        match member {
            Member::Group(id) => self.group(id),
            Member::Person(id) => {
                let record = self.people.get(&id).map(|person| &person.record).or_else(|| self.seen.get(&id));
                record.map_or_else(|| id.to_string(), |record| record.display_name.clone())
            }
        }
    }
}

/// Who is in which directory groups before the change set.
struct Losses(BTreeMap<PersonId, Vec<DirectoryGroupId>>);

impl Losses {
    fn new(computed: &Computed) -> Self {
        let leavers: BTreeSet<_> = computed.set.leavers().map(|change| change.id).collect();
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for (group, member) in &computed.known.edges {
            if let Member::Person(person) = member
                && leavers.contains(person)
            {
                groups.entry(*person).or_default().push(*group);
            }
        }
        Self(groups)
    }

    fn of(&self, stored: &Stored, person: PersonId, administrator: bool) -> Vec<String> {
        let mut names: Vec<_> = self.0.get(&person).into_iter().flatten().map(|group| stored.group(*group)).collect();
        names.sort();
        names.extend(administrator.then(|| "administers the company".to_owned()));
        names
    }
}

fn render_change(stored: &Stored, losses: &Losses, change: &PersonChange) -> pb::PersonChange {
    let old = stored.people.get(&change.id);
    let new = stored.seen.get(&change.id);
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
        because: match (change.kind, change.seen) {
            (ChangeKind::Deactivate, None) => "not in the directory any more".to_owned(),
            (ChangeKind::Deactivate, Some(_)) => "disabled in the directory".to_owned(),
            (ChangeKind::Join | ChangeKind::Change | ChangeKind::Return, _) => String::new(),
        },
        losses: match change.kind {
            ChangeKind::Deactivate => losses.of(stored, change.id, old.is_some_and(|old| old.administrator)),
            ChangeKind::Join | ChangeKind::Change | ChangeKind::Return => Vec::new(),
        },
    }
}
