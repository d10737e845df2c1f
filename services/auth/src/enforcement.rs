//! Whether a company may be left with nothing but its IdP: only when each way there was tried as it is, and two emergency
//! accounts can come in on the day it fails.

use std::collections::BTreeSet;

use freehold_types::{Fault, Violations};

use crate::connection::{Connection, Declared, Policy};
use crate::emergency::{ACCOUNTS, Shown};
use crate::role::Group;

/// How the company signs in, and which directory groups give roles, before a manifest is applied.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    pub(crate) connections: Vec<Connection>,
    pub(crate) policy: Policy,
    pub(crate) accounts: Vec<Shown>,
    pub(crate) role_groups: Vec<Group>,
}

/// # Errors
/// What is missing before `sso_only` can be switched on, and what must stay while it is.
pub(crate) fn check(standing: &Standing, declared: &Declared) -> Result<(), Fault> {
    let mut violations = Violations::new();
    if declared.policy.sso_only && standing.policy.sso_only {
        let known: BTreeSet<&String> = standing.accounts.iter().map(|shown| &shown.account.name).collect();
        if known != declared.emergency_accounts.iter().collect() {
            let why =
                "cannot change while sso_only = true: the last way in could be lost; apply with sso_only = false first";
            violations.push("policy.emergency_accounts", why);
        }
    } else if declared.policy.sso_only {
        switch_on(&mut violations, standing, declared);
    }
    violations.finish()
}

fn switch_on(violations: &mut Violations, standing: &Standing, declared: &Declared) {
    for settings in &declared.connections {
        let this = |known: &&Connection| known.settings == *settings;
        if !standing.connections.iter().find(this).is_some_and(|known| known.tried) {
            let why = format!(
                "connection {} was not tried as it is: apply with sso_only = false, sign in through it as an administrator, \
                 then apply again",
                settings.name
            );
            violations.push("policy.sso_only", why);
        }
    }
    if declared.emergency_accounts.len() != ACCOUNTS {
        violations.push("policy.sso_only", format!("needs {ACCOUNTS} emergency_accounts, for the day the IdP fails"));
    }
    for name in &declared.emergency_accounts {
        let enrolled = standing.accounts.iter().any(|shown| shown.account.name == *name && shown.enrolled);
        if !enrolled {
            let why = format!(
                "the emergency account {name:?} cannot come in yet: apply with sso_only = false, give it an access code \
                 (`freehold emergency list` has its id), enrol it, then apply again"
            );
            violations.push("policy.sso_only", why);
        }
    }
}

#[cfg(test)]
mod tests;
