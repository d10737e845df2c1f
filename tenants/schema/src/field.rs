//! Every sealed column and every blind index, by number.
//!
//! The numbers are sealed into the ciphertext, so they are never changed and never used twice; the names may change.
//! Table numbers: platform and outbox 1 to 99, directory 100 to 199, auth 200 to 299, content 300 to 399, billing
//! 400 to 499. A column's number is unique within its table; a blind index has a number of its own.

pub mod auth;
pub mod billing;
pub mod content;
pub mod directory;
pub mod platform;
