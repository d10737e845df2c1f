//! One process per directory. The holder of a lease beats; whoever wants it watches the beats with a clock of its own,
//! so a clock that jumps, here or there, gives a directory to nobody.

use std::time::Duration;

use freehold_types::{Caller, DirectoryId, Fault};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use uuid::Uuid;

use super::Step;
use crate::store::directory_follow::{self, Lease};
use crate::{Deps, store};

/// How often a holder says that it lives, and how often whoever waits looks.
const BEAT_EVERY: Duration = Duration::from_secs(3);
/// A holder that was silent for so long is gone: three beats may come late.
const SILENCE_MAX: Duration = Duration::from_secs(12);
/// A holder that could not beat for so long stops by itself, before anybody takes its place.
const UNHEARD_MAX: Duration = Duration::from_secs(9);
/// How long giving up may take.
const GIVE_UP_MAX: Duration = Duration::from_secs(2);

/// Somebody else's lease and since when its beats did not grow.
struct Watched {
    lease: Lease,
    since: Instant,
}

/// The lease of one directory, as one process sees it.
pub(super) struct Claim<'a> {
    pub deps: &'a Deps,
    pub caller: &'a Caller,
    pub directory: DirectoryId,
}

impl Claim<'_> {
    fn process(&self) -> Uuid {
        self.deps.running.process()
    }

    /// Waits until the lease is ours.
    pub(super) async fn wait(&self) {
        let mut watched = None;
        loop {
            match self.try_take(&mut watched).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(fault) => {
                    tracing::debug!(directory.id = %self.directory, reason = fault.reason().name(), "no lease yet");
                }
            }
            sleep(BEAT_EVERY).await;
        }
    }

    async fn try_take(&self, watched: &mut Option<Watched>) -> Result<bool, Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        let lease = directory_follow::lease(&tx, self.directory).await?;
        let other = lease.filter(|lease| lease.process.is_some_and(|process| process != self.process()));
        if let Some(other) = other
            && !silent(watched, other, Instant::now())
        {
            return Ok(false);
        }
        let taken = directory_follow::take(&tx, self.directory, self.process(), lease).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Beats for as long as the lease is ours; ends when it is not any more.
    pub(super) async fn keep(&self, step: &Step) {
        let mut ticks = interval(BEAT_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            ticks.tick().await;
            match timeout(UNHEARD_MAX, self.beat(step)).await {
                Ok(Ok(true)) => heard = Instant::now(),
                Ok(Ok(false)) => {
                    tracing::warn!(directory.id = %self.directory, "another process follows the directory now");
                    return;
                }
                Ok(Err(_)) | Err(_) if heard.elapsed() < UNHEARD_MAX => {}
                Ok(Err(_)) | Err(_) => {
                    tracing::warn!(directory.id = %self.directory, "the storage cannot be reached; following stops");
                    return;
                }
            }
        }
    }

    async fn beat(&self, step: &Step) -> Result<bool, Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        let in_step_at = step.is_in().then(|| tx.mint().now());
        let ours = store::directory_follow::beat(&tx, self.directory, self.process(), in_step_at).await?;
        tx.commit().await?;
        Ok(ours)
    }

    /// Gives the lease up, so that another process need not wait for the silence.
    pub(super) async fn give_up(&self) {
        let give_up = async {
            let tx = self.deps.tenancy.begin(self.caller).await?;
            store::directory_follow::give_up(&tx, self.directory, self.process()).await?;
            tx.commit().await
        };
        // A tenant that was sealed cannot be written, and a lease that stays runs out by itself.
        timeout(GIVE_UP_MAX, give_up).await.ok();
    }
}

/// Whether the holder was silent for long enough, by our own clock.
fn silent(watched: &mut Option<Watched>, lease: Lease, now: Instant) -> bool {
    match watched {
        Some(known) if known.lease == lease => now.duration_since(known.since) >= SILENCE_MAX,
        Some(_) | None => {
            *watched = Some(Watched { lease, since: now });
            false
        }
    }
}

#[cfg(test)]
mod tests;
