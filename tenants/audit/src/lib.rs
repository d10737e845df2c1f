//! The audit log of each tenant: who did what, and what was refused.
//!
//! Rows are only ever added, in the transaction that does what they tell of. Each is sealed, and bound to the one before
//! it by a keyed hash, so that a row that somebody changed, took out or moved in the database is found. What can be
//! written is an [`Event`], and no event has room for a code, a token, a password or a text of a browser. Decides nothing:
//! who reads the log is the services' word.

mod chain;
mod entity;
mod event;
mod log;

pub use chain::Checkpoint;
pub use event::{Beyond, Event, Label, Method, RoleRefusal, SessionsEndedBy, Way};
pub use log::{Break, Recorded, Verified, page, record, record_all, verify};
