//! The service's queries, a file per table. They take a transaction of one tenant, speak the domain's types, and seal
//! and open on the way.

pub(crate) mod connector;
pub(crate) mod directory;
pub(crate) mod directory_cursor;
pub(crate) mod directory_follow;
pub(crate) mod directory_group;
pub(crate) mod directory_link;
pub(crate) mod people_version;
pub(crate) mod person;
pub(crate) mod person_photo;
pub(crate) mod photo_reading;
pub(crate) mod policy;
pub(crate) mod scim_member;
pub(crate) mod scim_resource;
pub(crate) mod scim_token;
pub(crate) mod sync_change;
pub(crate) mod sync_run;

use prost::Message;

use freehold_types::Fault;

/// Reads what was sealed as a message of our own.
fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, Fault> {
    M::decode(bytes).map_err(|error| Fault::internal("reading a stored record", error))
}
