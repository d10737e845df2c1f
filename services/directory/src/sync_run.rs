//! A sync run: its life, its counts and its report.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Caller, DirectoryId, Fault, SyncRunId};
use uuid::Uuid;

use crate::diff::{ChangeKind, ChangeSet};
use crate::directory::Directory;
use crate::leaver::LeaverClock;
use crate::origin::Cursor;
use crate::photo::Sought;
use crate::reading::{Reading, Skip, Skips};
use crate::running::Work;
use crate::{Deps, store};

/// How long a run may be silent before it counts as dead.
pub(crate) const SILENCE_MAX: TimeDelta = TimeDelta::seconds(10);

/// How many skips of photos a run tells in words, because lists of runs tell them too.
const PHOTO_SKIPS_MAX: usize = 20;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Done,
    Failed,
    Held,
    Interrupted,
}

/// Who began a run, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunKind {
    /// A person who asked for it.
    Asked,
    /// The service itself.
    Automatic,
    /// A person who wants another run undone.
    Undo,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub people_read: i64,
    pub groups_read: i64,
    pub joined: i64,
    pub changed: i64,
    pub deactivated: i64,
    pub returned: i64,
    pub unchanged: i64,
    pub skipped: i64,
    pub memberships_added: i64,
    pub memberships_removed: i64,
}

impl Counts {
    /// Of a change set.
    pub(crate) fn of(reading: &Reading, set: &ChangeSet, skips: &Skips) -> Self {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let length = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            people_read: count(reading.people_read_count),
            groups_read: count(reading.groups_read_count),
            joined: count(set.count(ChangeKind::Join)),
            changed: count(set.count(ChangeKind::Change)),
            deactivated: count(set.count(ChangeKind::Deactivate)),
            returned: count(set.count(ChangeKind::Return)),
            unchanged: count(set.unchanged_count),
            skipped: count(skips.count),
            memberships_added: length(set.added.len()),
            memberships_removed: length(set.removed.len()),
        }
    }
}

/// What a run has to say in words; sealed, because it names people.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Report {
    #[prost(string, tag = "1")]
    pub error: String,
    #[prost(string, tag = "2")]
    pub cure: String,
    #[prost(string, tag = "3")]
    pub change_set_id: String,
    #[prost(message, repeated, tag = "4")]
    pub skips: Vec<ReportedSkip>,
    #[prost(string, tag = "5")]
    pub approved_by: String,
    #[prost(message, optional, tag = "6")]
    pub leaver_clock: Option<LeaverClock>,
    /// Told after the run has ended.
    #[prost(message, repeated, tag = "7")]
    pub photo_skips: Vec<ReportedSkip>,
}

/// A skip in a report.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct ReportedSkip {
    #[prost(string, tag = "1")]
    pub distinguished_name: String,
    #[prost(string, tag = "2")]
    pub because: String,
}

/// One execution of reading a directory.
#[derive(Debug, Clone)]
pub(crate) struct SyncRun {
    pub id: SyncRunId,
    pub directory: DirectoryId,
    pub state: State,
    /// The process that runs it.
    pub process: Uuid,
    pub heartbeat_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub counts: Counts,
    pub report: Report,
    pub kind: RunKind,
    pub undone_by: Option<SyncRunId>,
    pub undoes: Option<SyncRunId>,
    /// Whether somebody approved what the guard held; who it was stands in the report.
    pub approved: bool,
    /// Whether it read everything; false while it has not read.
    pub whole: bool,
    /// Where following can go on from, known to whoever ran it; stored elsewhere, and not while losses wait.
    pub cursor: Option<Cursor>,
    /// The photos that it wants, once it has ended.
    pub photos: Option<Sought>,
}

impl SyncRun {
    /// As it looks from outside: a run that was silent for too long is not under way, whatever its row says.
    pub(crate) fn seen_at(mut self, now: DateTime<Utc>) -> Self {
        if self.state == State::Running && self.heartbeat_at + SILENCE_MAX <= now {
            self.state = State::Interrupted;
        }
        self
    }

    /// Adds the skips to the report.
    pub(crate) fn tell(&mut self, skips: &Skips) {
        self.report.skips = skips.first.iter().map(reported).collect();
    }

    /// Adds what could not be used of photos, which the counts do not know yet.
    pub(crate) fn tell_of_photos(&mut self, skips: &Skips) {
        let room = PHOTO_SKIPS_MAX.saturating_sub(self.report.photo_skips.len());
        self.report.photo_skips.extend(skips.first.iter().take(room).map(reported));
        let more = i64::try_from(skips.count).unwrap_or(i64::MAX);
        self.counts.skipped = self.counts.skipped.saturating_add(more);
    }
}

fn reported(skip: &Skip) -> ReportedSkip {
    ReportedSkip { distinguished_name: skip.distinguished_name.clone(), because: skip.because.clone() }
}

/// What stands in the way of a new run.
pub(crate) enum Start {
    /// Nothing: the run is written down.
    Started(Box<SyncRun>, Work),
    /// Another run that beat not long ago; look again. One of this process is known to live and ends by itself.
    Waiting { ours: bool },
}

/// Starts a run, unless another one of the same directory is alive. A run whose process is gone is marked interrupted:
/// everything it wrote is whole, and this run goes on from there.
pub(crate) async fn start(deps: &Deps, caller: &Caller, directory: &Directory, kind: RunKind) -> Result<Start, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let now = tx.mint().now();
    for mut other in store::sync_run::running(&tx, directory.id).await? {
        let ours = other.process == deps.running.process();
        if ours && deps.running.has(other.id) {
            return Ok(Start::Waiting { ours });
        }
        if !ours && other.heartbeat_at + SILENCE_MAX > now {
            return Ok(Start::Waiting { ours });
        }
        other.state = State::Interrupted;
        other.ended_at = Some(other.heartbeat_at);
        "the process that ran it ended; the next run goes on".clone_into(&mut other.report.error);
        store::sync_run::update(&tx, &other).await?;
    }
    let run = SyncRun {
        id: tx.mint().id(),
        directory: directory.id,
        state: State::Running,
        process: deps.running.process(),
        heartbeat_at: now,
        started_at: now,
        ended_at: None,
        counts: Counts::default(),
        report: Report::default(),
        kind,
        undone_by: None,
        undoes: None,
        approved: false,
        whole: false,
        cursor: None,
        photos: None,
    };
    store::sync_run::insert(&tx, &run).await?;
    // On the list before anybody can see the row, or another call could take the run for dead.
    let work = deps.running.work_on(run.id);
    tx.commit().await?;
    Ok(Start::Started(Box::new(run), work))
}
