//! When a directory that is followed is read as a whole all the same: what no change told, a whole reading finds.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// A whole reading is never older than this.
const AGE_MAX: TimeDelta = TimeDelta::hours(24);
/// The hours of the night in which it is done, by the tenant's clock.
const FROM: NaiveTime = NaiveTime::from_hms_opt(2, 0, 0).expect("a time of day");
/// How long that part of the night is, in minutes.
const MINUTES: i64 = 120;

/// Whether it is time. `spread` is from 0 to 255 and lets directories take turns.
pub(super) fn due(last: Option<DateTime<Utc>>, now: DateTime<Utc>, zone: Tz, spread: u8) -> bool {
    let Some(last) = last else { return true };
    // A clock that went back makes the last reading one of the future, and that says nothing.
    if (now - last).abs() >= AGE_MAX {
        return true;
    }
    let tonight = moment(now, zone, spread);
    last < tonight && tonight <= now
}

/// The moment of the day's night; in an hour that a time zone leaves out, the one after.
fn moment(now: DateTime<Utc>, zone: Tz, spread: u8) -> DateTime<Utc> {
    let minutes = MINUTES.saturating_mul(i64::from(spread)) / 256;
    let local = now.with_timezone(&zone).date_naive().and_time(FROM) + TimeDelta::minutes(minutes);
    let found = zone.from_local_datetime(&local).earliest();
    let found = found.or_else(|| zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest());
    found.map_or_else(|| now.checked_add_days(Days::new(1)).unwrap_or(now), |found| found.with_timezone(&Utc))
}

#[cfg(test)]
mod tests;
