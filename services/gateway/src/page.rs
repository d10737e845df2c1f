//! What people open and send: read the request, ask the services, show a view.

pub(crate) mod backchannel;
pub(crate) mod claim;
pub(crate) mod events;
pub(crate) mod feed;
pub(crate) mod groups;
pub(crate) mod keys;
pub(crate) mod me;
pub(crate) mod passkey;
pub(crate) mod people;
pub(crate) mod post;
pub(crate) mod probe;
pub(crate) mod shared_device;
pub(crate) mod sign_in;
pub(crate) mod start;

use std::fmt::Display;
use std::str::FromStr;

use crate::refusal::Refusal;

/// An id as it stands in a path. What is no id names nothing, so there is no such page.
fn id_in_path<Id: FromStr + Display>(text: &str) -> Result<String, Refusal> {
    text.parse::<Id>().map(|id| id.to_string()).map_err(|_malformed| Refusal::NoPage)
}
