//! Sealed columns of the directory service.

use freehold_types::Service;
use freehold_vault::Field;

const fn field(table: u16, column: u16, name: &'static str) -> Field {
    Field { service: Service::Directory, table, column, name }
}

/// Blind index of a directory's name.
pub const DIRECTORY_NAME: Field = field(100, 1, "directory.name_index");
/// A directory's settings, bind password included.
pub const DIRECTORY_SETTINGS: Field = field(100, 2, "directory.settings_sealed");
/// Who administers the tenant.
pub const DIRECTORY_POLICY: Field = field(101, 1, "directory_policy.settings_sealed");
/// Blind index of a person's immutable id in the directory.
pub const PERSON_ENTRY: Field = field(102, 1, "person.entry_index");
/// Blind index of a person's employee number.
pub const PERSON_EMPLOYEE_NUMBER: Field = field(102, 2, "person.employee_number_index");
/// Keyed digest of a person's mapped record.
pub const PERSON_RECORD_DIGEST: Field = field(102, 3, "person.record_digest_index");
/// A person's mapped record.
pub const PERSON_RECORD: Field = field(102, 4, "person.record_sealed");
/// Blind index of an entry's distinguished name, people and groups alike, and of a manager's that was not found.
pub const ENTRY_DN: Field = field(102, 5, "person.dn_index");
/// Blind index of a person's e-mail address.
pub const PERSON_EMAIL: Field = field(102, 6, "person.email_index");
/// Blind index of a directory group's immutable id.
pub const DIRECTORY_GROUP_ENTRY: Field = field(103, 1, "directory_group.entry_index");
/// Keyed digest of a directory group's mapped record.
pub const DIRECTORY_GROUP_RECORD_DIGEST: Field = field(103, 2, "directory_group.record_digest_index");
/// A directory group's mapped record.
pub const DIRECTORY_GROUP_RECORD: Field = field(103, 3, "directory_group.record_sealed");
/// Blind index of a directory group's security identifier, its own and as somebody's primary group.
pub const DIRECTORY_GROUP_SID: Field = field(103, 4, "directory_group.sid_index");
/// What a sync run reports: errors, skips, the change set's digest.
pub const SYNC_RUN_REPORT: Field = field(105, 1, "sync_run.report_sealed");
/// Keyed digest of a change set; never stored as a column of its own.
pub const CHANGE_SET_DIGEST: Field = field(105, 2, "sync_run.change_set_digest");
/// How far a directory was read.
pub const DIRECTORY_CURSOR: Field = field(106, 1, "directory_cursor.cursor_sealed");
/// What a batch of a run changed, and how it was before.
pub const SYNC_CHANGE: Field = field(107, 1, "sync_change.changes_sealed");
/// Blind index of the name by which a provisioned resource is unique.
pub const SCIM_RESOURCE_NAME: Field = field(110, 1, "scim_resource.name_index");
/// Blind index of the id that the IdP has for a provisioned resource.
pub const SCIM_RESOURCE_EXTERNAL_ID: Field = field(110, 2, "scim_resource.external_id_index");
/// What the IdP said of a provisioned resource.
pub const SCIM_RESOURCE_DOCUMENT: Field = field(110, 3, "scim_resource.document_sealed");
/// Name of a provisioning token.
pub const SCIM_TOKEN_NAME: Field = field(112, 1, "scim_token.name_sealed");
/// Keyed digest of a person's photo as the directory has it.
pub const PERSON_PHOTO_DIGEST: Field = field(102, 7, "person.photo_index");
/// A person's photo.
pub const PERSON_PHOTO: Field = field(108, 1, "person_photo.photo_sealed");
/// Blind index of a connector's public key.
pub const CONNECTOR_KEY: Field = field(109, 1, "connector.key_index");
/// A connector's public key, what it calls itself and who approved it.
pub const CONNECTOR_RECORD: Field = field(109, 2, "connector.record_sealed");
/// Why a directory cannot be followed.
pub const DIRECTORY_FOLLOW_TROUBLE: Field = field(140, 1, "directory_follow.trouble_sealed");
