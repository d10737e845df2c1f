//! An installation: its configuration, and starting the services it is told to run.
//!
//! The binary's commands stand on this; so do the tests, which start installations in their own process. No rule of
//! any service lives here.

pub mod config;
pub mod serve;
