//! The tables of one tenant's schema.

pub mod m0001_outbox;
pub mod m0010_directory;
pub mod m0011_directory_runs;
pub mod m0012_provisioning;
pub mod m0013_directory_connector;
pub mod m0014_directory_follow;
pub mod m0016_directory_link;
pub mod m0017_primary_group;
pub mod m0018_person_photo;
pub mod m0019_run_scope;
pub mod m0020_auth;
pub mod m0021_logout;
pub mod m0022_claim;
pub mod m0023_passkey;
pub mod m0024_probe;
pub mod m0025_client;
pub mod m0026_shared_device;
pub mod m0027_role;
pub mod m0028_audit;
pub mod m0029_emergency;
pub mod m0030_content;

use crate::Numbered;

/// All migrations of a tenant's schema, in the order they run.
#[must_use]
pub fn migrations() -> Vec<Numbered> {
    vec![
        Numbered { number: 1, migration: Box::new(m0001_outbox::Migration), tables: m0001_outbox::TABLES },
        Numbered { number: 10, migration: Box::new(m0010_directory::Migration), tables: m0010_directory::TABLES },
        Numbered {
            number: 11,
            migration: Box::new(m0011_directory_runs::Migration),
            tables: m0011_directory_runs::TABLES,
        },
        Numbered { number: 12, migration: Box::new(m0012_provisioning::Migration), tables: m0012_provisioning::TABLES },
        Numbered {
            number: 13,
            migration: Box::new(m0013_directory_connector::Migration),
            tables: m0013_directory_connector::TABLES,
        },
        Numbered {
            number: 14,
            migration: Box::new(m0014_directory_follow::Migration),
            tables: m0014_directory_follow::TABLES,
        },
        Numbered {
            number: 16,
            migration: Box::new(m0016_directory_link::Migration),
            tables: m0016_directory_link::TABLES,
        },
        Numbered {
            number: 17,
            migration: Box::new(m0017_primary_group::Migration),
            tables: m0017_primary_group::TABLES,
        },
        Numbered { number: 18, migration: Box::new(m0018_person_photo::Migration), tables: m0018_person_photo::TABLES },
        Numbered { number: 19, migration: Box::new(m0019_run_scope::Migration), tables: m0019_run_scope::TABLES },
        Numbered { number: 20, migration: Box::new(m0020_auth::Migration), tables: m0020_auth::TABLES },
        Numbered { number: 21, migration: Box::new(m0021_logout::Migration), tables: m0021_logout::TABLES },
        Numbered { number: 22, migration: Box::new(m0022_claim::Migration), tables: m0022_claim::TABLES },
        Numbered { number: 23, migration: Box::new(m0023_passkey::Migration), tables: m0023_passkey::TABLES },
        Numbered { number: 24, migration: Box::new(m0024_probe::Migration), tables: m0024_probe::TABLES },
        Numbered { number: 25, migration: Box::new(m0025_client::Migration), tables: m0025_client::TABLES },
        Numbered {
            number: 26,
            migration: Box::new(m0026_shared_device::Migration),
            tables: m0026_shared_device::TABLES,
        },
        Numbered { number: 27, migration: Box::new(m0027_role::Migration), tables: m0027_role::TABLES },
        Numbered { number: 28, migration: Box::new(m0028_audit::Migration), tables: m0028_audit::TABLES },
        Numbered { number: 29, migration: Box::new(m0029_emergency::Migration), tables: m0029_emergency::TABLES },
        Numbered { number: 30, migration: Box::new(m0030_content::Migration), tables: m0030_content::TABLES },
    ]
}
