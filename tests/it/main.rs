//! All tests that need more than one crate, in one binary: it links once.

mod isolation;
mod main_job;
mod parts;
mod sync;
mod tidy;
mod world;
