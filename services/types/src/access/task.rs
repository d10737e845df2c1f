//! What can be done in a company beyond what everybody may, and which roles may do it: the one table of actions,
//! resources and roles. Administrators may do all of it, and so may the operator and our services.

use crate::Role;
use crate::Role::{AccountManager, Analyst, AreaCoordinator, Auditor};

/// An action on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// See who has which role.
    ReadRoles,
    /// Give roles and take them away.
    ChangeRoles,
    /// Make access codes, which are printed as letters.
    IssueAccessCodes,
    /// See which IdPs people sign in through.
    ReadConnections,
    /// Read the audit log and have it checked.
    ReadAuditLog,
    /// See directories, how they are doing, and what their sync runs did.
    ReadDirectories,
    /// Check, run, approve and undo syncs.
    RunSyncs,
    /// See, issue, approve and end what IdPs and connectors reach a directory with.
    ChangeDirectoryAccess,
    /// See, register and remove the company's programs.
    ChangeClients,
    /// See the plan, what this month will cost, and invoices.
    ReadInvoices,
}

/// A line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// What it is about, in words for everybody.
    pub resource: &'static str,
    /// What is done with it, in words for everybody.
    pub action: &'static str,
    /// Who may besides administrators.
    pub roles: &'static [Role],
}

impl Task {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 10] = [
        Self::IssueAccessCodes,
        Self::ReadRoles,
        Self::ChangeRoles,
        Self::ReadAuditLog,
        Self::ReadConnections,
        Self::ReadDirectories,
        Self::RunSyncs,
        Self::ChangeDirectoryAccess,
        Self::ChangeClients,
        Self::ReadInvoices,
    ];

    /// The line of the table.
    #[must_use]
    pub const fn line(self) -> Line {
        let (resource, action, roles): (_, _, &'static [Role]) = match self {
            Self::IssueAccessCodes => {
                ("people", "make access codes and print letters", &[AccountManager, AreaCoordinator])
            }
            Self::ReadRoles => ("roles", "see who has which", &[Auditor]),
            Self::ChangeRoles => ("roles", "give and take away", &[]),
            Self::ReadAuditLog => ("audit log", "read and check", &[Auditor]),
            Self::ReadConnections => ("sign-in", "see the IdPs", &[Auditor]),
            Self::ReadDirectories => ("directories", "see their state and sync runs", &[AccountManager, Auditor]),
            Self::RunSyncs => ("directories", "check, run, approve and undo syncs", &[]),
            Self::ChangeDirectoryAccess => ("directories", "manage tokens and connectors", &[]),
            Self::ChangeClients => ("programs of the company", "see, register and remove", &[]),
            Self::ReadInvoices => ("invoices", "read them, the plan and the month so far", &[Analyst, Auditor]),
        };
        Line { resource, action, roles }
    }

    /// Whether somebody with this role may do it.
    #[must_use]
    pub fn is_for(self, role: Role) -> bool {
        role == Role::Administrator || self.line().roles.contains(&role)
    }
}
