//! Who reads a page, where and when: what every view needs to know.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use freehold_proto::auth::v1::EmergencyAccount;
use freehold_types::access::Task;
use freehold_types::{Mint, Roles};

use crate::text::Language;

/// A person in front of a page of their company.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) language: Language,
    /// The company's zone: times on pages are the company's time of day.
    pub(crate) zone: Tz,
    pub(crate) now: DateTime<Utc>,
    /// The company's address, the first part of every path.
    pub(crate) address: String,
    /// The company's name.
    pub(crate) company: String,
    /// Id of the person.
    pub(crate) person_id: String,
    pub(crate) roles: Roles,
    /// Name of the emergency account that this is, which no directory and no bill knows; empty for people.
    pub(crate) emergency_name: String,
    /// The emergency accounts that were used lately; told to administrators.
    pub(crate) emergency_uses: Vec<EmergencyAccount>,
    /// Whether several people use this browser.
    pub(crate) shared_device: bool,
    /// Path and query of the page, to come back to.
    pub(crate) here: String,
    pub(crate) mint: Mint,
}

impl Reader {
    /// A path of the company's pages; `below` is empty or starts with a slash.
    pub(crate) fn path(&self, below: &str) -> String {
        format!("/{}{below}", self.address)
    }

    /// Whether the person may do this.
    pub(crate) fn may(&self, task: Task) -> bool {
        self.roles.iter().any(|role| task.is_for(role))
    }

    /// Where the person's part of the console begins, when there is one.
    pub(crate) fn console(&self) -> Option<String> {
        let first = [(Task::ReadDirectories, "/console"), (Task::IssueAccessCodes, "/console/letters")];
        first.into_iter().find(|(task, _)| self.may(*task)).map(|(_, below)| self.path(below))
    }

    /// A sentence without variables.
    pub(crate) fn say(&self, key: &'static str) -> String {
        self.language.say(key)
    }

    /// A fresh id for one form, so that sending it twice does it once.
    pub(crate) fn request_id(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.mint.bytes()))
    }
}
