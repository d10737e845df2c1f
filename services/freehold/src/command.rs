//! The commands that speak to a running installation, and the two that need none.
//!
//! A command asks, waits and prints; whatever it can do, another service can do with the same call.

pub(crate) mod audit;
pub(crate) mod billing;
pub(crate) mod client;
pub(crate) mod completions;
pub(crate) mod connector;
pub(crate) mod directory;
pub(crate) mod doctor;
pub(crate) mod emergency;
pub(crate) mod person;
pub(crate) mod role;
pub(crate) mod tenant;

use anyhow::Result;

use crate::Global;
use crate::client::Client;

/// Rows asked for at once; all pages are fetched.
const PAGE_ROWS: i32 = 100;

/// How a command ended that has printed all there is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// What was asked is done.
    Done,
    /// It is not, and why stands on standard error.
    Failed,
    /// A guard stopped it; an approval lets it go on.
    Held,
}

impl Global {
    /// The line to the installation the arguments name.
    fn client(&self) -> Result<Client> {
        Client::new(&self.endpoint, self.token_file.as_deref())
    }
}
