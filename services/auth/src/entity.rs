//! The tables as the entity layer sees them; used by `store` only.

pub mod access_code;
pub mod claim;
pub mod client;
pub mod client_assertion;
pub mod connection;
pub mod emergency_account;
pub mod identity;
pub mod logout_token;
pub mod passkey;
pub mod passkey_attempt;
pub mod password;
pub mod role_grant;
pub mod role_group;
pub mod session;
pub mod sign_in;
pub mod sign_in_name;
pub mod sign_in_policy;
