//! Roles: what a person may do in a company beyond what everybody may.

/// A role that a person has in a company. Being a member or the administrator of one group is no role: it is a seat in
/// that group, see [`crate::access::Seat`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks after what people publish.
    Moderator,
    /// Helps people in: access codes and letters.
    AccountManager,
    /// Gives access to the people of one area.
    AreaCoordinator,
    /// Reads what the company pays for.
    Analyst,
    /// Reads what was done, and changes nothing.
    Auditor,
    /// May do everything.
    Administrator,
}

impl Role {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 6] = [
        Self::Moderator,
        Self::AccountManager,
        Self::AreaCoordinator,
        Self::Analyst,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The name in tokens, manifests and on the command line. Never change one: manifests depend on it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::AccountManager => "account-manager",
            Self::AreaCoordinator => "area-coordinator",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Number in database columns. Never change one: rows depend on it.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Moderator => 1,
            Self::AccountManager => 2,
            Self::AreaCoordinator => 3,
            Self::Analyst => 4,
            Self::Auditor => 5,
            Self::Administrator => 6,
        }
    }

    /// The role of that number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.number() == number)
    }

    const fn bit(self) -> u8 {
        1 << self.number()
    }
}

/// The roles one person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u8);

impl Roles {
    /// Of somebody who may do what everybody may.
    pub const NONE: Self = Self(0);

    /// These and one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    /// Whether this one is among them.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Each of them, from the least to the most.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::NONE, Self::with)
    }
}
