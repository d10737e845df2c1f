//! A directory read from inside the company's network: the installation's side, and the connector itself.
//!
//! The connector dials out, proves that it holds a key that an administrator approved, and answers orders with what
//! its own origin tells. What it sends is as untrusted as a directory server is.

mod attach;
pub(crate) mod grpc;
pub(crate) mod hub;
mod key;
mod line;
pub(crate) mod photo;
pub(crate) mod reader;
pub(crate) mod registry;
mod run;
mod told;

pub use grpc::Grpc;
pub use run::{Config, Key, run};

/// How many batches of one order may be under way.
const WINDOW_BATCHES: usize = 4;
/// The longest message of a connector, in bytes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
