//! Times on the wire.

use chrono::{DateTime, Utc};
use pbjson_types::Timestamp;

/// A moment as a message field.
#[must_use]
pub fn to_proto(moment: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: moment.timestamp(), nanos: i32::try_from(moment.timestamp_subsec_nanos()).unwrap_or_default() }
}

/// A message field as a moment; nothing when it is out of range.
#[must_use]
pub fn from_proto(timestamp: &Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(timestamp.seconds, u32::try_from(timestamp.nanos).ok()?)
}
