//! Waiting for something to become true, never for time to pass.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two looks: short enough not to be felt, long enough not to steal a core from what is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks until there is something to return; an error ends the wait at once. `what` completes "waited in vain for".
pub fn wait_for<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if started.elapsed() > limit {
            bail!("waited in vain for {what}, {} s", limit.as_secs());
        }
        pause();
    }
}

/// [`wait_for`] for what must be awaited.
pub async fn wait_until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if started.elapsed() > limit {
            bail!("waited in vain for {what}, {} s", limit.as_secs());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the pause of the poll above, whose limit is its caller's")]
fn pause() {
    std::thread::sleep(LOOK_EVERY);
}
