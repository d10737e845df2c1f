//! What administrators open.

pub(crate) mod directory;
