//! The tables of the platform: what the operator knows of all tenants.

pub mod m0001_registry;
pub mod m0002_queue;
pub mod m0040_billing;

use crate::Numbered;

/// All migrations of the platform's schema, in the order they run.
#[must_use]
pub fn migrations() -> Vec<Numbered> {
    vec![
        Numbered { number: 1, migration: Box::new(m0001_registry::Migration), tables: m0001_registry::TABLES },
        Numbered { number: 2, migration: Box::new(m0002_queue::Migration), tables: m0002_queue::TABLES },
        Numbered { number: 40, migration: Box::new(m0040_billing::Migration), tables: m0040_billing::TABLES },
    ]
}
