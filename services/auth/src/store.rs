//! Queries, one file per table: they take a transaction of one tenant, speak the domain's types, and seal and open on
//! the way.

pub(crate) mod access_code;
pub(crate) mod claim;
pub(crate) mod client;
pub(crate) mod client_assertion;
pub(crate) mod connection;
pub(crate) mod emergency_account;
pub(crate) mod identity;
pub(crate) mod logout_token;
pub(crate) mod passkey;
pub(crate) mod passkey_attempt;
pub(crate) mod password;
pub(crate) mod policy;
pub(crate) mod probe;
pub(crate) mod role;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod sign_in_name;

#[cfg(test)]
mod tests;
