//! The journey of a run: read, compare, let the guard look, apply.

pub(crate) mod compute;
mod light;

use std::time::Duration;

use freehold_audit::{Event, Label, record};
use freehold_types::{Caller, Fault, Kind, Party, SyncRunId};
use tokio::time::{MissedTickBehavior, interval, sleep};

pub(crate) use compute::Computed;
pub(crate) use light::forget_strangers;

use crate::directory::{self, Directory};
use crate::origin::Cursor;
use crate::progress::Progress;
use crate::reading::Reading;
use crate::running::Work;
use crate::sync_run::{Counts, RunKind, SILENCE_MAX, Start, State, SyncRun, start};
use crate::{Deps, apply, fault, journal, photo, store};

/// How often a run says that it is alive.
const BEAT_EVERY: Duration = Duration::from_secs(3);
/// How often a run that waits for another one looks again.
const LOOK_AGAIN_EVERY: Duration = Duration::from_millis(500);

/// How a run is wanted.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Read everything and write every record again.
    pub full: bool,
    /// Read everything, also when changes could be asked for.
    pub whole: bool,
    /// Change set that may pass the guard; no other may then.
    pub approved: Option<String>,
    /// Apply everything but losses when the guard holds the change set, so that joiners and changes go on meanwhile.
    pub losses_wait: bool,
}

/// Runs a sync to its end. A run that fails or is held is an answer, not an error; an error means that no run began.
///
/// # Errors
/// Conflict when a run of the directory is alive in another process; not found when there is no such directory.
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
    let (mut run, work) = wait_to_start(deps, caller, &directory, kind(caller), progress).await?;
    let compute = async {
        let tx = deps.tenancy.begin(caller).await?;
        let cursor = store::directory_cursor::get(&tx, directory.id).await?;
        drop(tx);
        if let Some(cursor) = cursor.filter(|_| !wish.full && !wish.whole && wish.approved.is_none())
            && let Some(computed) = compute::since(deps, caller, &directory, &cursor, progress).await?
        {
            return Ok(computed);
        }
        compute::whole(deps, caller, &directory, wish, progress).await
    };
    let carry_out = carry_out(deps, caller, &directory, wish, progress, &mut run, compute);
    let ended = Box::pin(alive(deps, caller, &work, carry_out)).await;
    conclude(deps, caller, wish, &mut run, ended).await?;
    Ok((run, directory.settings.name))
}

/// Applies what an origin told while it was followed. The cursor, when there is one, is stored once that is done. What
/// would be held is read again as a whole first.
///
/// # Errors
/// As [`run`].
pub(crate) async fn run_part(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    part: Reading,
    cursor: Option<Cursor>,
    wish: &Wish,
    progress: &Progress,
) -> Result<SyncRun, Fault> {
    let (mut run, work) = wait_to_start(deps, caller, directory, kind(caller), progress).await?;
    let compute = async {
        match compute::part(deps, caller, directory, part, cursor, progress).await? {
            Some(computed) => Ok(computed),
            None => compute::whole(deps, caller, directory, wish, progress).await,
        }
    };
    let carry_out = carry_out(deps, caller, directory, wish, progress, &mut run, compute);
    let ended = Box::pin(alive(deps, caller, &work, carry_out)).await;
    conclude(deps, caller, wish, &mut run, ended).await?;
    Ok(run)
}

/// What a preview shows: always from a whole reading.
pub(crate) async fn preview(deps: &Deps, caller: &Caller, directory: &Directory) -> Result<Computed, Fault> {
    compute::whole(deps, caller, directory, &Wish::default(), &Progress::to_nobody()).await
}

const fn kind(caller: &Caller) -> RunKind {
    match caller.party {
        Party::Service(_) | Party::Provisioner { .. } | Party::Client { .. } => RunKind::Automatic,
        Party::Person { .. } | Party::Operator => RunKind::Asked,
    }
}

/// Writes the run down as soon as no other one of the directory is under way.
pub(crate) async fn wait_to_start(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    kind: RunKind,
    progress: &Progress,
) -> Result<(SyncRun, Work), Fault> {
    // A run whose process is gone is silent for at most SILENCE_MAX; one that still beats after that is alive. A run of
    // this very process ends by itself, so it is waited for.
    let looks =
        SILENCE_MAX.num_milliseconds().unsigned_abs() / u64::try_from(LOOK_AGAIN_EVERY.as_millis()).unwrap_or(1);
    let mut look = 0;
    while look <= looks {
        match start(deps, caller, directory, kind).await? {
            Start::Started(run, work) => return Ok((*run, work)),
            Start::Waiting { ours } => {
                progress.tell("waiting for the end of another run", look, if ours { 0 } else { looks });
                look = look.saturating_add(u64::from(!ours));
                sleep(LOOK_AGAIN_EVERY).await;
            }
        }
    }
    Err(fault::sync_running(&directory.settings.name))
}

/// Works while saying that the run is alive.
pub(crate) async fn alive(
    deps: &Deps,
    caller: &Caller,
    work: &Work,
    carry_out: impl Future<Output = Result<(), Fault>>,
) -> Result<(), Fault> {
    tokio::select! {
        ended = carry_out => ended,
        beat = keep_beating(deps, caller, work.id()) => beat,
    }
}

async fn keep_beating(deps: &Deps, caller: &Caller, id: SyncRunId) -> Result<(), Fault> {
    let mut ticks = interval(BEAT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The run was written down this moment.
    ticks.tick().await;
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
    compute: impl Future<Output = Result<Computed, Fault>>,
) -> Result<(), Fault> {
    let computed = compute.await?;
    run.counts = computed.counts;
    run.whole = computed.is_whole();
    run.report.change_set_id.clone_from(&computed.id);
    run.tell(&computed.skips);
    run.cursor.clone_from(&computed.cursor);
    let writer = apply::Writer { deps, caller, directory: directory.id, run: run.id };
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
            hold(&writer, wish, &computed, run, progress).await?;
            if wish.losses_wait {
                want_photos(deps, caller, directory, &computed, run).await?;
            }
            return Ok(());
        }
        (Some(_), Some(_)) => {
            run.approved = true;
            run.report.approved_by = approver(caller);
            approved(&writer, directory, run).await?;
        }
        (Some(_) | None, None) => {}
    }
    writer.links(&computed.links).await?;
    let leavers = deps.leavers.watch(computed.leavers(run.started_at));
    writer.change_set(&computed.reading, &computed.set, progress).await?;
    run.report.leaver_clock = leavers.read().await;
    want_photos(deps, caller, directory, &computed, run).await?;
    go_on_from(&writer, &computed).await?;
    run.state = State::Done;
    Ok(())
}

/// Writes nothing, or all that is no loss. The next reading is a whole one, so that nothing that waits is forgotten.
async fn hold(
    writer: &apply::Writer<'_>,
    wish: &Wish,
    computed: &Computed,
    run: &mut SyncRun,
    progress: &Progress,
) -> Result<(), Fault> {
    if wish.losses_wait {
        let gathered = &computed.gathered;
        let set = computed.set.without_losses(&computed.known, &gathered.wait, &gathered.wait_edges);
        writer.change_set(&computed.reading, &set, progress).await?;
        run.counts = Counts::of(&computed.reading, &set, &computed.skips);
    }
    writer.cursor(None, false).await
}

/// Photos are read when the run has ended, so that nobody waits for them.
async fn want_photos(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    computed: &Computed,
    run: &mut SyncRun,
) -> Result<(), Fault> {
    run.photos = photo::want(deps, caller, directory, &computed.reading, run.id).await?;
    Ok(())
}

async fn go_on_from(writer: &apply::Writer<'_>, computed: &Computed) -> Result<(), Fault> {
    // Names that are new here may be what other directories refer to; they are read again as a whole.
    let others_too = computed.set.new_names && !computed.known.elsewhere.is_empty();
    let cursor = if computed.is_whole() {
        writer.nothing_waits().await?;
        computed.cursor.clone()
    } else {
        let tx = writer.deps.tenancy.begin(writer.caller).await?;
        let stored = store::directory_cursor::get(&tx, writer.directory).await?;
        drop(tx);
        // Without a stored one, something waits that only a whole reading shows; without a new one, something that is
        // told again from the stored one.
        stored.map(|stored| computed.cursor.clone().unwrap_or(stored))
    };
    writer.cursor(cursor.as_ref(), others_too).await
}

/// Writes an approval down before anything is done on its word.
async fn approved(writer: &apply::Writer<'_>, directory: &Directory, run: &SyncRun) -> Result<(), Fault> {
    let tx = writer.deps.tenancy.begin(writer.caller).await?;
    let directory = Label::new(&directory.settings.name);
    record(&tx, writer.caller, Event::SyncApproved { directory, run: run.id }).await?;
    tx.commit().await
}

/// Who gave a word, as it is written down.
pub(crate) fn approver(caller: &Caller) -> String {
    match &caller.party {
        Party::Person { id, .. } => id.to_string(),
        Party::Service(service) => service.name().to_owned(),
        Party::Provisioner { directory } => directory.to_string(),
        Party::Client { id, .. } => id.to_string(),
        Party::Operator => "the operator".to_owned(),
    }
}

/// Writes down how a run ended.
pub(crate) async fn conclude(
    deps: &Deps,
    caller: &Caller,
    wish: &Wish,
    run: &mut SyncRun,
    ended: Result<(), Fault>,
) -> Result<(), Fault> {
    match ended {
        Ok(()) => {}
        // The approval was for something else: nothing ran, and the caller must look again.
        Err(stale) if stale.kind() == Kind::Conflict && wish.approved.is_some() && run.state == State::Held => {
            finish(deps, caller, run).await?;
            return Err(stale);
        }
        Err(failure) => {
            tracing::warn!(sync_run.id = %run.id, reason = failure.reason().name(), "a sync run failed");
            run.state = State::Failed;
            run.report.error = failure.message().to_owned();
            run.report.cure = failure.how_to_cure().unwrap_or_default().to_owned();
        }
    }
    finish(deps, caller, run).await?;
    if let Some(sought) = run.photos.take() {
        deps.photos.wish((caller.tenant()?, run.directory), sought);
    }
    deps.bell.ring();
    Ok(())
}

async fn finish(deps: &Deps, caller: &Caller, run: &mut SyncRun) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    // Whoever took this run for dead has written so already; then that stays.
    store::sync_run::beat(&tx, run.id).await?;
    let now = tx.mint().now();
    run.ended_at = Some(now);
    store::sync_run::update(&tx, run).await?;
    store::sync_change::remove_before(&tx, now - journal::KEPT).await?;
    tx.commit().await
}
