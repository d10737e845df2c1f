//! Why a command failed, in one line, and what to do about it, in another.

use anyhow::Error;
use freehold_types::{Fault, Kind, Reason};
use serde::Serialize;

/// A failure of the command line itself, before or beside any service.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(crate) struct Failure {
    why: String,
    cure: String,
    details: Vec<Detail>,
}

/// One of several things that are wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Detail {
    /// Line of the file it stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// Key in the file, or field of the request.
    pub(crate) key: String,
    /// What stands there; never a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    /// What is wrong and what would be right.
    pub(crate) problem: String,
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            f.write_str(&self.key)?;
            if let Some(value) = &self.value {
                write!(f, " = {value}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.problem)
    }
}

impl Failure {
    /// A failure with its cure.
    pub(crate) fn new(why: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { why: why.into(), cure: cure.into(), details: Vec::new() }
    }

    /// A failure that is several things at once.
    pub(crate) fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }
}

/// What is told of an error, whoever made it.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// One line.
    pub(crate) why: String,
    /// The stable name, when a service gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    /// Every single mistake, when there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<Detail>,
    /// What to do about it.
    pub(crate) cure: String,
    /// Whether a guard stopped it and an approval lets it go on.
    #[serde(skip)]
    pub(crate) held: bool,
}

impl Report {
    /// Reads an error.
    pub(crate) fn of(error: &Error) -> Self {
        let why = format!("{error:#}");
        if let Some(failure) = error.chain().find_map(|cause| cause.downcast_ref::<Failure>()) {
            let (cure, details) = (failure.cure.clone(), failure.details.clone());
            return Self { why, reason: None, details, cure, held: false };
        }
        if let Some(fault) = error.chain().find_map(|cause| cause.downcast_ref::<Fault>()) {
            let cure = fault.how_to_cure().map_or_else(|| usual_cure(fault).to_owned(), str::to_owned);
            let (details, held) = (details(fault), fault.reason() == Reason::SyncHeld);
            return Self { why, reason: Some(fault.reason().name()), details, cure, held };
        }
        let cure = "correct it and run the command again; `freehold doctor` tells whether the installation can run";
        Self { why, reason: None, details: Vec::new(), cure: cure.to_owned(), held: false }
    }
}

/// A single mistake is in the message already.
fn details(fault: &Fault) -> Vec<Detail> {
    let mistakes = fault.violations();
    if mistakes.len() < 2 {
        return Vec::new();
    }
    let detail = |mistake: &freehold_types::Violation| Detail {
        line: None,
        key: mistake.field.clone(),
        value: None,
        problem: mistake.message.clone(),
    };
    mistakes.iter().map(detail).collect()
}

/// What to do about a fault that does not say so itself.
fn usual_cure(fault: &Fault) -> &'static str {
    match fault.kind() {
        Kind::Invalid => "correct what is named above",
        Kind::Unauthenticated => "give this installation's own token with --token-file",
        Kind::Forbidden => "ask whoever runs the installation",
        Kind::NotFound if fault.reason() == Reason::TenantNotFound => "`freehold tenant list` names the companies",
        Kind::NotFound if fault.reason() == Reason::InvoiceNotFound => {
            "`freehold billing close` prints the numbers of a month's invoices"
        }
        Kind::NotFound | Kind::AlreadyExists => "check the name",
        Kind::Conflict => "look at the state of things, then run the command again",
        Kind::Exhausted | Kind::Unavailable => "wait a moment and run the command again; it goes on where it stopped",
        Kind::Internal => "look into the installation's log; the command can be run again",
    }
}

#[cfg(test)]
mod tests;
