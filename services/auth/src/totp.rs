//! Six digits from an authenticator app (RFC 6238): SHA-1, steps of thirty seconds, one step of tolerance either way,
//! because these are what every app speaks.

use std::fmt;

use chrono::{DateTime, Utc};
use freehold_types::{Fault, Mint, Secret};
use totp_rs::{Builder, Totp};

/// Bytes of a secret, as RFC 4226 section 4 recommends.
const SECRET_BYTES: usize = 20;
/// Length of a step.
const STEP_SECONDS: i64 = 30;
/// Steps by which the clock of a phone may differ.
const SKEW_STEPS: u16 = 1;
/// The longest text we look at: six digits with more spaces than anybody types.
const TEXT_BYTES_MAX: usize = 32;
/// What the app shows beneath the company's name. Nothing about the person.
const ACCOUNT: &str = "Freehold";

/// What app and service share.
#[derive(Clone)]
pub(crate) struct TotpSecret(Secret<Vec<u8>>);

impl TotpSecret {
    /// A new one.
    pub(crate) fn make(mint: &Mint) -> Self {
        Self(Secret::new(mint.bytes::<SECRET_BYTES>().to_vec()))
    }

    /// As it came out of its seal.
    pub(crate) const fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    /// As it is sealed.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose()
    }

    /// In base 32, for whoever types it.
    pub(crate) fn base32(&self) -> Secret<String> {
        Secret::new(totp_rs::Secret::from(self.0.expose().clone()).to_base32())
    }

    /// As authenticator apps read it from a QR code.
    pub(crate) fn address(&self, company: &str) -> Result<Secret<String>, Fault> {
        // The name ends at a colon there.
        let company = company.replace(':', " ");
        let totp = self.builder().with_account_name(ACCOUNT).with_issuer(Some(company)).build().map_err(unfit)?;
        totp.to_url().map(Secret::new).map_err(unfit)
    }

    /// The step whose digits these are, if it is near enough.
    pub(crate) fn step_of(&self, typed: &str, now: DateTime<Utc>) -> Result<Option<i64>, Fault> {
        if typed.len() > TEXT_BYTES_MAX {
            return Ok(None);
        }
        let digits: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
        let totp: Totp = self.builder().build().map_err(unfit)?;
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Ok(totp.check(&digits, seconds).and_then(|step| i64::try_from(step).ok()))
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(self.0.expose().clone()).with_skew(SKEW_STEPS)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(***)")
    }
}

/// The step that runs at this moment.
pub(crate) const fn current_step(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP_SECONDS)
}

fn unfit(error: totp_rs::TotpError) -> Fault {
    Fault::internal("reading a secret of an authenticator app", error)
}

#[cfg(test)]
mod tests;
