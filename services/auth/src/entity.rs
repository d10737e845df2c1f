//! The tables as the entity layer sees them; used by `store` only.

pub mod access_code;
pub mod connection;
pub mod identity;
pub mod logout_token;
pub mod session;
pub mod sign_in;
pub mod sign_in_policy;
