//! Sealed columns of the platform's own tables and of the outbox.

use freehold_types::Service;
use freehold_vault::Field;

const fn field(table: u16, column: u16, name: &'static str) -> Field {
    Field { service: Service::Operator, table, column, name }
}

/// The known text that proves the master key.
pub const INSTALLATION_PROOF: Field = field(1, 1, "installation.proof_sealed");
/// A tenant's name.
pub const TENANT_NAME: Field = field(2, 1, "tenant.name_sealed");
/// The company a tenant belongs to.
pub const TENANT_COMPANY: Field = field(2, 2, "tenant.company_sealed");
/// A tenant's name, to find it by.
pub const TENANT_NAME_INDEX: Field = field(2, 3, "tenant.name_index");
/// What a job is about.
pub const JOB_PAYLOAD: Field = field(3, 1, "job.payload_sealed");
/// A job's kind and key, so that it is queued once.
pub const JOB_KEY_INDEX: Field = field(3, 2, "job.key_index");

/// What an audit event tells.
pub const AUDIT_DETAILS: Field = field(5, 1, "audit_event.details_sealed");

/// What an outbox event tells, under the key of the service that wrote it: no other service reads it.
#[must_use]
pub const fn outbox_payload(owner: Service) -> Field {
    Field { service: owner, table: 4, column: 1, name: "outbox.payload_sealed" }
}
