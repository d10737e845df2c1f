//! What the storage looks like from outside: the checks an operator can run at any time.

use freehold_types::Fault;

use crate::Tenancy;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was looked at, and what was seen.
    pub finding: String,
    /// What to do about it, when it is not as it should be.
    pub cure: Option<String>,
}

impl Finding {
    /// Says `finding` when `ok`, and otherwise also the cure.
    pub(crate) fn new(ok: bool, finding: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { ok, finding: finding.into(), cure: (!ok).then(|| cure.into()) }
    }
}

impl Tenancy {
    /// Looks whether tenants are still apart and everything is up to date. Changes nothing.
    pub async fn doctor(&self) -> Result<Vec<Finding>, Fault> {
        let rooms = self.rooms().await?;
        let mut findings = self.engine().doctor(&rooms).await?;
        let behind = self.tenants_behind().await?.len();
        findings.push(Finding::new(
            behind == 0,
            format!("{behind} of {} tenants have an older schema than this program", rooms.len()),
            "start the program once with the owner's login; it brings every tenant up to date",
        ));
        Ok(findings)
    }
}
