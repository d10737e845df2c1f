//! Queries, one file per table. They speak domain types, seal and open, and decide nothing.
//!
//! What reads or writes posts, comments and reactions takes the seat that [`crate::seat`] gave, so a path that forgets
//! to ask whether the caller may does not compile.

pub(crate) mod comment;
pub(crate) mod create_request;
pub(crate) mod group_head;
pub(crate) mod group_profile;
pub(crate) mod membership;
pub(crate) mod post;
pub(crate) mod reaction;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// Ids in one statement: under the bind limit of both engines.
const BATCH_IDS_MAX: usize = 500;

/// A moment as both engines keep it: PostgreSQL has no more than microseconds, and lists go on at exactly a row's
/// moment.
pub(crate) fn storable(moment: DateTime<Utc>) -> DateTime<Utc> {
    moment.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(moment)
}
