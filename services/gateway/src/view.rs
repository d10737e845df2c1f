//! What pages look like: typed functions from replies of the services to HTML. No view calls a service.

pub(crate) mod audit;
pub(crate) mod claim;
pub(crate) mod compose;
pub(crate) mod console;
pub(crate) mod entry;
pub(crate) mod feed;
pub(crate) mod group;
pub(crate) mod icon;
pub(crate) mod letter;
pub(crate) mod me;
pub(crate) mod moment;
pub(crate) mod passkey;
pub(crate) mod people;
pub(crate) mod post;
pub(crate) mod prose;
pub(crate) mod qr;
pub(crate) mod reader;
pub(crate) mod shell;
pub(crate) mod ui;

#[cfg(test)]
mod tests;
