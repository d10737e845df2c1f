//! The tables as the entity layer sees them. Only `store` reads and writes them.

pub(crate) mod comment;
pub(crate) mod create_request;
pub(crate) mod group_head;
pub(crate) mod group_profile;
pub(crate) mod membership;
pub(crate) mod post;
pub(crate) mod reaction;
