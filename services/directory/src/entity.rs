//! The service's tables as sea-orm sees them. Only `store` looks in here.

pub(crate) mod connector;
pub(crate) mod directory;
pub(crate) mod directory_cursor;
pub(crate) mod directory_follow;
pub(crate) mod directory_group;
pub(crate) mod directory_group_member;
pub(crate) mod directory_link;
pub(crate) mod directory_policy;
pub(crate) mod people_version;
pub(crate) mod person;
pub(crate) mod person_photo;
pub(crate) mod photo_reading;
pub(crate) mod scim_member;
pub(crate) mod scim_resource;
pub(crate) mod scim_token;
pub(crate) mod sync_change;
pub(crate) mod sync_run;
