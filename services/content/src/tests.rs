//! The service through its generated trait, on SQLite, without any other service.

mod groups;
mod posts;
mod rules;
mod world;
