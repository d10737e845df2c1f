//! The journey of a run: read, compare, let the guard look, apply.

use std::time::Duration;

use freehold_schema::field::directory::CHANGE_SET_DIGEST;
use freehold_types::{Caller, DirectoryGroupId, Fault, Kind, Mint, PersonId, SyncRunId};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::diff::{ChangeSet, NewIds, changes};
use crate::directory::{self, Directory};
use crate::known::Known;
use crate::origin::{Cursor, Origin};
use crate::progress::Progress;
use crate::reading::{Collector, Key, Reading, Skips, normalise};
use crate::running::Work;
use crate::sync_run::{Counts, SILENCE_MAX, Start, State, SyncRun, start};
use crate::{Deps, apply, fault, guard, store};

/// How often a run says that it is alive.
const BEAT_EVERY: Duration = Duration::from_secs(3);
/// How often a run that waits for a silent one looks again.
const LOOK_AGAIN_EVERY: Duration = Duration::from_millis(500);

/// How a run is wanted.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Write every record again.
    pub full: bool,
    /// Change set that may pass the guard; no other may then.
    pub approved: Option<String>,
    /// Apply everything but losses when the guard holds the change set, so that joiners and changes go on meanwhile.
    pub losses_wait: bool,
}

/// What a run would do, with what it was computed from.
pub(crate) struct Computed {
    pub reading: Reading,
    pub set: ChangeSet,
    pub skips: Skips,
    /// Digest of the change set.
    pub id: String,
    pub held_because: Option<String>,
    pub counts: Counts,
}

/// Reads and compares; writes nothing.
pub(crate) async fn compute(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    wish: &Wish,
    progress: &Progress,
) -> Result<Computed, Fault> {
    let keys = deps.tenancy.keys(caller).await?;
    let origin = Origin::open(&directory.settings)?;
    let mut collector = Collector::whole(keys.clone());
    collector.drain(origin.read().await?, progress).await?;
    let mut reading = collector.finish();
    progress.tell("comparing", 0, 0);
    let (mut known, administrators) = load(deps, caller, directory).await?;
    if wish.full {
        known.people.iter_mut().for_each(|person| person.digest = Key::default());
        known.groups.iter_mut().for_each(|group| group.digest = Key::default());
    }
    let mut skips = std::mem::take(&mut reading.skips);
    let set = changes(&reading, &known, administrators.as_deref(), &MintedIds(&deps.mint), &mut skips);
    let id = hex(&keys.index(CHANGE_SET_DIGEST, &set.fingerprint));
    let held_because = guard::hold(&set, directory.settings.limit(), reading.people.len(), reading.groups.len());
    let counts = Counts::of(&reading, &set, &skips);
    Ok(Computed { reading, set, skips, id, held_because, counts })
}

async fn load(deps: &Deps, caller: &Caller, directory: &Directory) -> Result<(Known, Option<String>), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let people = store::person::known(&tx, directory.id).await?;
    let groups = store::directory_group::known(&tx, directory.id).await?;
    let ours: std::collections::BTreeSet<_> = groups.iter().map(|group| group.id).collect();
    let mut edges = store::directory_group::all_members(&tx).await?;
    edges.retain(|(group, _)| ours.contains(group));
    let administrators = store::policy::administrators_group(&tx).await?;
    drop(tx);
    Ok((Known { people, groups, edges }, normalise(&administrators)))
}

struct MintedIds<'a>(&'a Mint);

impl NewIds for MintedIds<'_> {
    fn person(&self) -> PersonId {
        self.0.id()
    }
    fn group(&self) -> DirectoryGroupId {
        self.0.id()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs a sync to its end. A run that fails or is held is an answer, not an error; an error means that no run began.
///
/// # Errors
/// Conflict when another run of the directory is alive; not found when there is no such directory.
pub(crate) async fn run(
    deps: &Deps,
    caller: &Caller,
    directory_name: &str,
    wish: &Wish,
    progress: &Progress,
) -> Result<(SyncRun, String), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = directory::find(&tx, directory_name).await?;
    drop(tx);
    let (mut run, work) = wait_to_start(deps, caller, &directory, progress).await?;
    let ended = tokio::select! {
        ended = carry_out(deps, caller, &directory, wish, progress, &mut run) => ended,
        beat = keep_beating(deps, caller, work.id()) => beat,
    };
    match ended {
        Ok(()) => {}
        // The approval was for something else: nothing ran, and the caller must look again.
        Err(stale) if stale.kind() == Kind::Conflict && wish.approved.is_some() && run.state == State::Held => {
            finish(deps, caller, &mut run).await?;
            return Err(stale);
        }
        Err(failure) => {
            tracing::warn!(sync_run.id = %run.id, reason = failure.reason().name(), "a sync run failed");
            run.state = State::Failed;
            run.report.error = failure.message().to_owned();
            run.report.cure = failure.how_to_cure().unwrap_or_default().to_owned();
        }
    }
    finish(deps, caller, &mut run).await?;
    Ok((run, directory.settings.name))
}

/// Applies what an origin told while it was followed. The cursor, when there is one, is stored with the last batch.
///
/// # Errors
/// As [`run`].
pub(crate) async fn run_part(
    _deps: &Deps,
    _caller: &Caller,
    directory: &Directory,
    _part: Reading,
    _cursor: Option<Cursor>,
    _wish: &Wish,
    _progress: &Progress,
) -> Result<SyncRun, Fault> {
    Err(fault::not_followed(&directory.settings.name))
}

async fn wait_to_start(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    progress: &Progress,
) -> Result<(SyncRun, Work), Fault> {
    // A run whose process is gone is silent for at most SILENCE_MAX; one that still beats after that is alive.
    let looks =
        SILENCE_MAX.num_milliseconds().unsigned_abs() / u64::try_from(LOOK_AGAIN_EVERY.as_millis()).unwrap_or(1);
    for look in 0..=looks.saturating_add(1) {
        if let Start::Started(run, work) = start(deps, caller, directory).await? {
            return Ok((*run, work));
        }
        progress.tell("waiting for the end of another run", look, looks);
        sleep(LOOK_AGAIN_EVERY).await;
    }
    Err(fault::sync_running(&directory.settings.name))
}

async fn keep_beating(deps: &Deps, caller: &Caller, id: SyncRunId) -> Result<(), Fault> {
    let mut ticks = interval(BEAT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let tx = deps.tenancy.begin(caller).await?;
        store::sync_run::beat(&tx, id).await?;
        tx.commit().await?;
    }
}

async fn carry_out(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    wish: &Wish,
    progress: &Progress,
    run: &mut SyncRun,
) -> Result<(), Fault> {
    let computed = compute(deps, caller, directory, wish, progress).await?;
    run.counts = computed.counts;
    run.report.change_set_id.clone_from(&computed.id);
    run.tell(&computed.skips);
    match (wish.approved.as_deref(), &computed.held_because) {
        (Some(approved), _) if approved != computed.id => {
            run.state = State::Held;
            "the approved change set is not what the directory says any more".clone_into(&mut run.report.error);
            return Err(fault::change_set_stale(approved, &computed.id));
        }
        (None, Some(because)) => {
            run.state = State::Held;
            run.report.error.clone_from(because);
            run.report.cure =
                format!("look at the preview; if they really left, run again with --approve {}", computed.id);
            return Ok(());
        }
        (Some(_), _) | (None, None) => {}
    }
    let writer = apply::Writer { deps, caller, directory: directory.id, run: run.id };
    writer.change_set(&computed.reading, &computed.set, progress).await?;
    run.state = State::Done;
    Ok(())
}

async fn finish(deps: &Deps, caller: &Caller, run: &mut SyncRun) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    // Whoever took this run for dead has written so already; then that stays.
    store::sync_run::beat(&tx, run.id).await?;
    run.ended_at = Some(tx.mint().now());
    store::sync_run::update(&tx, run).await?;
    tx.commit().await
}
