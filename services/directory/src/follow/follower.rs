//! One directory that is followed: changes come in, are collected for a moment, and go through the same engine as a
//! run that somebody asked for. Whatever breaks makes the directory stale, never anybody absent.

use std::pin::Pin;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use freehold_proto::auth::v1::EndPeopleSessionsRequest;
use freehold_schema::field::directory::PERSON_ENTRY;
use freehold_types::{Caller, DirectoryId, Fault, Reason};
use futures::{Stream, StreamExt as _};
use tokio::time::{Instant, sleep, sleep_until};

use super::batch::{Batch, loss};
use super::pace::{Ended, pause};
use super::{Step, Trouble, night};
use crate::directory::Directory;
use crate::origin::{Change, Cursor, Observed, Origin};
use crate::progress::Progress;
use crate::reading::{Collector, Reading};
use crate::source::SourceKind;
use crate::store::directory_follow;
use crate::sync_run::{State, SyncRun};
use crate::{Deps, fault, store, sync};

/// How often is looked whether a whole reading is due: clocks jump, so nothing waits for a moment of the day.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How often a server that tells no changes is read as a whole.
const READ_AGAIN_EVERY: Duration = Duration::from_secs(300);

/// What a directory tells while it is followed. A stream keeps its place when nobody waits for it a while.
type Changes = Pin<Box<dyn Stream<Item = Result<Change, Fault>> + Send>>;

/// Follows one directory.
pub(super) struct Follower<'a> {
    deps: &'a Deps,
    caller: &'a Caller,
    directory: &'a Directory,
    step: &'a Step,
    /// Where to go on from; none when only a whole reading tells.
    cursor: Option<Cursor>,
    ended: Ended,
    failures: u32,
    /// From 0 to 255, another one for each directory.
    spread: u8,
}

impl<'a> Follower<'a> {
    pub(super) fn new(deps: &'a Deps, caller: &'a Caller, directory: &'a Directory, step: &'a Step) -> Self {
        let spread = directory.id.uuid().as_bytes().last().copied().unwrap_or_default();
        Self { deps, caller, directory, step, cursor: None, ended: Ended::default(), failures: 0, spread }
    }

    /// Keeps in step until it is dropped.
    pub(super) async fn stay_in_step(&mut self) {
        loop {
            let Err(fault) = self.follow().await else { continue };
            self.step.set(false);
            self.failures = self.failures.saturating_add(1);
            let [spread] = self.deps.mint.bytes::<1>();
            let pause = pause(self.failures, spread);
            tracing::warn!(
                directory.id = %self.directory.id,
                reason = fault.reason().name(),
                retry.seconds = pause.as_secs(),
                "a directory cannot be followed at present"
            );
            if let Err(unwritten) = self.write_failure(&fault, pause).await {
                tracing::warn!(reason = unwritten.reason().name(), "that a directory is stale cannot be written down");
            }
            self.deps.bell.tell();
            tokio::select! {
                () = sleep(pause) => {}
                // Whom it was waiting for may be there now.
                () = self.deps.connectors.hub.next_attached(), if self.directory.settings.connector => {}
            }
        }
    }

    async fn write_failure(&self, fault: &Fault, pause: Duration) -> Result<(), Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        let trouble =
            Trouble { error: fault.message().to_owned(), cure: fault.how_to_cure().unwrap_or_default().to_owned() };
        let retry_at = tx.mint().now() + TimeDelta::from_std(pause).unwrap_or_default();
        let process = self.deps.running.process();
        directory_follow::failing(&tx, self.directory.id, process, retry_at, &trouble).await?;
        tx.commit().await
    }

    /// Connects and follows until a whole reading is needed or something breaks.
    async fn follow(&mut self) -> Result<(), Fault> {
        if self.directory.settings.kind().is_some_and(SourceKind::file) {
            return self.read_by_night().await;
        }
        if self.cursor.is_none() && !self.whole_is_due().await? {
            let tx = self.deps.tenancy.begin(self.caller).await?;
            self.cursor = store::directory_cursor::get(&tx, self.directory.id).await?;
        }
        if self.cursor.is_none() {
            self.read_whole().await?;
        }
        let origin = Origin::open(self.deps, self.caller, self.directory)?;
        let following = match &self.cursor {
            Some(cursor) => match origin.follow(cursor).await {
                Err(fault) if fault.reason() == Reason::DirectoryNotFollowed => None,
                following => Some(following?),
            },
            None => None,
        };
        match following {
            Some(following) => {
                let changes = futures::stream::unfold(following, |mut following| async move {
                    let change = following.next().await;
                    Some((change, following))
                });
                self.apply_changes(Box::pin(changes)).await
            }
            None => self.read_again().await,
        }
    }

    /// For a file, which is read by night only: whoever brings a new one says so.
    async fn read_by_night(&mut self) -> Result<(), Fault> {
        while !self.whole_is_due().await? {
            sleep(LOOK_EVERY).await;
        }
        self.read_whole().await?;
        self.is_in_step().await?;
        // A file says nothing of the time after.
        self.step.set(false);
        Ok(())
    }

    /// For a server that tells no changes.
    async fn read_again(&mut self) -> Result<(), Fault> {
        self.is_in_step().await?;
        sleep(READ_AGAIN_EVERY).await;
        Ok(())
    }

    async fn apply_changes(&mut self, mut changes: Changes) -> Result<(), Fault> {
        let mut batch = Batch::new(self.collector().await?);
        let tx = self.deps.tenancy.begin(self.caller).await?;
        let active = store::person::totals(&tx, self.directory.id).await?.active;
        drop(tx);
        self.ended.among(usize::try_from(active).unwrap_or(usize::MAX));
        let mut look = Instant::now() + LOOK_EVERY;
        loop {
            let due = batch.due();
            tokio::select! {
                change = changes.next() => match self.told(change)? {
                    Change::Observed(observed) => {
                        self.end_sessions(&observed).await;
                        batch.take(observed);
                    }
                    Change::InStep(cursor) if batch.is_empty() => {
                        self.cursor = Some(cursor);
                        self.is_in_step().await?;
                    }
                    Change::InStep(cursor) => batch.in_step(cursor),
                    Change::ReadAgain { because } => {
                        tracing::info!(directory.id = %self.directory.id, because, "a directory is read as a whole");
                        return self.read_after_break().await;
                    }
                },
                () = sleep_until(due.unwrap_or(look)), if due.is_some() => {
                    self.apply(&mut batch).await?;
                }
                () = sleep_until(look) => {
                    look = Instant::now() + LOOK_EVERY;
                    if self.whole_is_due().await? || self.place_is_lost().await? {
                        return self.read_whole().await;
                    }
                }
            }
        }
    }

    /// Reads everything because changes were lost; ever later when that happens again before anything was in step.
    async fn read_after_break(&mut self) -> Result<(), Fault> {
        if self.failures > 0 {
            let [spread] = self.deps.mint.bytes::<1>();
            sleep(pause(self.failures, spread)).await;
        }
        self.failures = self.failures.saturating_add(1);
        self.read_whole().await
    }

    fn told(&self, change: Option<Result<Change, Fault>>) -> Result<Change, Fault> {
        change.ok_or_else(|| fault::following_ended(&self.directory.settings.name))?
    }

    async fn collector(&self) -> Result<Collector, Fault> {
        Ok(Collector::part(self.deps.tenancy.keys(self.caller).await?))
    }

    /// Ends the sessions of whoever leaves before it is judged whether that may be: a person who stays signs in again.
    async fn end_sessions(&mut self, observed: &Observed) {
        let Some(entry_id) = loss(observed).filter(|_| self.ended.may(Instant::now())) else { return };
        match end_sessions(self.deps, self.caller, self.directory.id, entry_id).await {
            Ok(true) => self.ended.note(Instant::now()),
            Ok(false) => {}
            Err(fault) => {
                tracing::warn!(reason = fault.reason().name(), "a leaver's sessions end only when it is judged");
            }
        }
    }

    async fn apply(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        let (ready, cursor) = batch.ready(self.collector().await?);
        let mut part = ready.finish()?;
        let tx = self.deps.tenancy.begin(self.caller).await?;
        sync::forget_strangers(&tx, self.directory.id, &mut part).await?;
        drop(tx);
        // What concerns nobody here is no run: any entry of a directory may be deleted.
        if !part.says_nothing() {
            self.run(part, cursor.clone()).await?;
        }
        if cursor.is_none() {
            self.step.set(false);
            return Ok(());
        }
        self.cursor = cursor;
        self.is_in_step().await
    }

    async fn run(&self, part: Reading, cursor: Option<Cursor>) -> Result<(), Fault> {
        let wish = sync::Wish { losses_wait: true, ..Default::default() };
        let progress = Progress::to_nobody();
        let run = sync::run_part(self.deps, self.caller, self.directory, part, cursor, &wish, &progress);
        let run = Box::pin(run).await?;
        self.judge(&run)?;
        if run.state == State::Held { self.write_whole(&run).await } else { Ok(()) }
    }

    /// Reads everything, as it is done every night and whenever changes were lost.
    async fn read_whole(&mut self) -> Result<(), Fault> {
        self.cursor = None;
        let wish = sync::Wish { losses_wait: true, whole: true, ..Default::default() };
        let name = &self.directory.settings.name;
        let progress = Progress::to_nobody();
        let (run, _) = Box::pin(sync::run(self.deps, self.caller, name, &wish, &progress)).await?;
        self.judge(&run)?;
        self.cursor.clone_from(&run.cursor);
        self.write_whole(&run).await
    }

    /// A run that failed is a directory that cannot be followed.
    fn judge(&self, run: &SyncRun) -> Result<(), Fault> {
        self.deps.bell.tell();
        match run.state {
            State::Done | State::Held => Ok(()),
            State::Failed | State::Running | State::Interrupted => {
                Err(fault::run_failed(&run.report.error, &run.report.cure))
            }
        }
    }

    async fn write_whole(&self, run: &SyncRun) -> Result<(), Fault> {
        let held = (run.state == State::Held).then_some(run.id);
        let tx = self.deps.tenancy.begin(self.caller).await?;
        directory_follow::read_whole(&tx, self.directory.id, self.deps.running.process(), held).await?;
        tx.commit().await
    }

    async fn is_in_step(&mut self) -> Result<(), Fault> {
        self.failures = 0;
        self.step.set(true);
        let tx = self.deps.tenancy.begin(self.caller).await?;
        directory_follow::in_step(&tx, self.directory.id, self.deps.running.process()).await?;
        if let Some(cursor) = &self.cursor {
            store::directory_cursor::go_on(&tx, self.directory.id, cursor).await?;
        }
        tx.commit().await?;
        self.deps.bell.tell();
        Ok(())
    }

    /// Whether it is time to read everything all the same.
    async fn whole_is_due(&self) -> Result<bool, Fault> {
        let tenant = self.deps.tenancy.get(self.caller.tenant()?).await?;
        let zone = tenant.time_zone.parse().unwrap_or(Tz::UTC);
        let tx = self.deps.tenancy.begin(self.caller).await?;
        let last = match directory_follow::read_whole_at(&tx, self.directory.id).await? {
            Some(last) => Some(last),
            None => store::sync_run::last_done_at(&tx, self.directory.id).await?,
        };
        Ok(night::due(last, self.deps.mint.now(), zone, self.spread))
    }

    /// Whether the place to go on from was taken away, because another directory brought names that this one refers to.
    /// While losses wait there is none either.
    async fn place_is_lost(&self) -> Result<bool, Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        let stored = store::directory_cursor::get(&tx, self.directory.id).await?;
        Ok(stored.is_none() && directory_follow::status(&tx, self.directory.id).await?.held_run.is_none())
    }
}

/// Ends the sessions of the person an entry id stands for; says whether an active one is here.
async fn end_sessions(deps: &Deps, caller: &Caller, directory: DirectoryId, entry_id: &str) -> Result<bool, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let key = tx.keys().index(PERSON_ENTRY, entry_id.as_bytes());
    let known = store::person::with_keys(&tx, directory, &[key]).await?;
    let Some(person) = known.into_iter().find(|person| person.active) else { return Ok(false) };
    // Another directory may go on with them.
    let linked = store::directory_link::any_of(&tx, &[person.id]).await?;
    drop(tx);
    if linked {
        return Ok(false);
    }
    let request = EndPeopleSessionsRequest { person_ids: vec![person.id.to_string()] };
    deps.clients.signed(caller)?.auth.end_people_sessions(request).await.map_err(freehold_wire::fault)?;
    deps.leavers.ended_before(person.id, deps.mint.now());
    Ok(true)
}
