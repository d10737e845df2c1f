//! The real parts a test needs, each started on a free port in a folder of its own and gone with the test: slapd,
//! Samba, PostgreSQL, three OpenID Connect providers, Chromium, readers of paper. Beside them the data to fill
//! them with.
//!
//! Never here: a stand-in for code of ours, and a rule of ours written a second time. What a test asserts stands in
//! the test.

pub mod authenticator;
pub mod chromium;
pub mod company;
pub mod glewlwyd;
pub mod http;
pub mod idp;
pub mod ldif;
pub mod leak;
pub mod lemonldap;
pub mod openldap;
pub mod paper;
pub mod part;
pub mod postgres;
pub mod samba;
pub mod scripted_idp;
pub mod tls;
pub mod wait;
