//! Names that may stand in SQL text. Nothing else is ever put between the words of a statement.

use std::fmt;

use freehold_types::Mint;

/// The name of a schema or a role, checked when it was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Identifier(String);

/// Length of the random part of a tenant's schema and role.
const RANDOM_CHARS: usize = 16;

impl Identifier {
    /// Takes a name that consists of lower-case letters, digits and underscores and starts with a letter.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut bytes = name.bytes();
        let starts = bytes.next().is_some_and(|first| first.is_ascii_lowercase());
        let fits = name.len() <= 63 && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        (starts && fits).then(|| Self(name.to_owned()))
    }

    /// A tenant's schema or role as the registry recorded it: `t_` or `r_` and sixteen characters.
    pub(crate) fn parse_tenant(prefix: char, name: &str) -> Option<Self> {
        let random = name.strip_prefix(prefix)?.strip_prefix('_')?;
        let fits = random.len() == RANDOM_CHARS && random.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
        if fits { Self::parse(name) } else { None }
    }

    /// New names of a tenant's schema and role. They are random, because every tenant of a server can read the
    /// names of all schemas, and a company's name is the company's business.
    pub(crate) fn mint_tenant(mint: &Mint) -> (Self, Self) {
        let random: String = mint
            .bytes::<RANDOM_CHARS>()
            .into_iter()
            .filter_map(|byte| char::from_digit(u32::from(byte) % 36, 36))
            .collect();
        (Self(format!("t_{random}")), Self(format!("r_{random}")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
