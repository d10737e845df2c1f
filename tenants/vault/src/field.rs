//! Which column something is sealed for.

use freehold_types::Service;

/// A sealed column or a blind index, by the numbers that sealed bytes are bound to. All of them are constants of the
/// schema, where a number once given is never changed and never used twice; so renaming a column seals nothing anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field {
    /// The service whose key seals it.
    pub service: Service,
    /// Number of the table, unique in the installation.
    pub table: u16,
    /// Number of the column, unique in the table.
    pub column: u16,
    /// Table and column in words, for errors only: `person.record_sealed`.
    pub name: &'static str,
}
