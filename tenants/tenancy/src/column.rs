//! The two column types that may hold what people wrote or are.

use std::fmt;

use sea_orm::DeriveValueType;

/// A sealed value in a column. Only [`crate::Tx::seal`] makes one, so a sealed column cannot take clear text.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    pub(crate) const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A keyed hash in a column, for finding a sealed value by equality. Only [`crate::Tx::index`] makes one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct BlindIndex(Vec<u8>);

impl BlindIndex {
    pub(crate) const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The keyed hash itself, to compare rows with values in memory.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A keyed hash that the tenant's keys made.
impl From<[u8; 16]> for BlindIndex {
    fn from(index: [u8; 16]) -> Self {
        Self(index.to_vec())
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex(***)")
    }
}
