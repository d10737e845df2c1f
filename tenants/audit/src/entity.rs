//! The tables, as the entity layer sees them.

pub(crate) mod audit_event;
pub(crate) mod audit_head;
