//! Passkeys: keys on people's own devices, opened with the device's own lock, so that one touch is both factors.
//!
//! The key says whose it is, so nobody types a name. It is looked for among the keys of one tenant only: all companies of
//! an installation share its host, and with it what a browser takes for one site.

mod enrol;
mod enter;
mod own;

use chrono::{DateTime, Utc};
use freehold_types::{Fault, PasskeyId, PersonId};
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

use crate::{Auth, fault};

pub(crate) use enrol::{begin_claim, begin_enrolment, complete_claim, finish_enrolment};
pub(crate) use enter::{Begun, begin_sign_in, finish_sign_in};
pub(crate) use own::{list, remove};

/// Passkeys one person has at most.
const PASSKEYS_MAX: usize = 10;
/// How long a browser may take to answer.
const ATTEMPT_MINUTES: i64 = 5;
/// The longest answer of a browser that we look at.
const CREDENTIAL_BYTES_MAX: usize = 16 * 1024;
/// What devices call the installation.
const NAME: &str = "Freehold";

/// A passkey that was enrolled.
#[derive(Debug, Clone)]
pub(crate) struct Passkey {
    pub(crate) id: PasskeyId,
    pub(crate) person: PersonId,
    /// The public half.
    pub(crate) key: webauthn_rs::prelude::Passkey,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

/// A person's ways in that need no IdP.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) passkeys: Vec<Passkey>,
    pub(crate) password: bool,
    /// Whether the person may enrol one more.
    pub(crate) enrolment: bool,
}

/// The installation as browsers know it. None where browsers have no passkeys: under a bare IP address, or without TLS
/// anywhere but on the machine itself (Web Authentication section 5.1.3, Secure Contexts section 3.1).
pub(crate) fn relying_party(public_url: &str) -> Option<Webauthn> {
    let origin = Url::parse(public_url).ok()?;
    let host = origin.domain()?;
    if origin.scheme() != "https" && host != "localhost" {
        return None;
    }
    WebauthnBuilder::new(host, &origin).ok()?.rp_name(NAME).build().ok()
}

fn ready(auth: &Auth) -> Result<&Webauthn, Fault> {
    auth.passkeys.as_ref().ok_or_else(fault::passkeys_off)
}

fn unwritten(error: serde_json::Error) -> Fault {
    Fault::internal("writing what a browser is asked", error)
}

#[cfg(test)]
mod tests;
