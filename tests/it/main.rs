//! All tests that need more than one crate, in one binary: it links once.

mod access;
mod active_directory;
mod audit;
mod browser;
mod callers;
mod claim;
mod connector;
mod crash;
mod emergency;
mod following;
mod group_rules;
mod isolation;
mod live;
mod main_job;
mod manifest;
mod parts;
mod roles;
mod scim;
mod sign_in;
mod sync;
mod tidy;
mod wire;
mod world;
