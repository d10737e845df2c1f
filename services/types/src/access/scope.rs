//! What a client may be given: each scope opens the calls that name it in their contract, and no others.

use std::fmt;

/// One of the things a client may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The company's audit log.
    AuditRead,
    /// Subscription and invoices.
    BillingRead,
    /// People, as everybody in the company sees them.
    DirectoryRead,
    /// Directories and how their syncs went.
    DirectoryStatus,
}

impl Scope {
    /// All of them, by name.
    pub const ALL: [Self; 4] = [Self::AuditRead, Self::BillingRead, Self::DirectoryRead, Self::DirectoryStatus];

    /// The name in contracts and tokens. Never change one: clients ask for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuditRead => "audit.read",
            Self::BillingRead => "billing.read",
            Self::DirectoryRead => "directory.read",
            Self::DirectoryStatus => "directory.status",
        }
    }

    /// The scope of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Never change one: rows depend on it.
    const fn bit(self) -> u16 {
        match self {
            Self::AuditRead => 1,
            Self::BillingRead => 2,
            Self::DirectoryRead => 4,
            Self::DirectoryStatus => 8,
        }
    }
}

/// Some scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u16);

impl Scopes {
    /// Every scope there is.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether this one is among them.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of the others are among them.
    #[must_use]
    pub const fn include(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, by name.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }

    /// As a token says them (RFC 6749 section 3.3): names with a space between them.
    #[must_use]
    pub fn text(self) -> String {
        self.iter().map(Scope::name).collect::<Vec<_>>().join(" ")
    }

    /// What [`Scopes::text`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text.split(' ').map(Scope::find).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
