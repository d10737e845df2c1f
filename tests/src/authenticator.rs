//! An authenticator app.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use totp_rs::{Builder, Secret};

/// The six digits that an app with this key, in base 32, shows at this moment.
pub fn digits(key: &str, unix_seconds: i64) -> Result<String> {
    let key = Secret::try_from_base32(key.replace(' ', "")).map_err(|error| anyhow!("not a key: {error}"))?;
    let app = Builder::new().with_secret(key).build().map_err(|error| anyhow!("not a key for an app: {error}"))?;
    Ok(app.generate(u64::try_from(unix_seconds).context("before 1970")?).to_string())
}

/// The six digits that it shows by the clock of this machine.
#[expect(clippy::disallowed_methods, reason = "an app on a phone has the time of its machine")]
pub fn digits_now(key: &str) -> Result<String> {
    digits(key, i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}
