//! Times as people say them.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use freehold_wire::time::from_proto;
use maud::{Markup, html};

use crate::text::Language;
use crate::view::reader::Reader;

type Timestamp<'a> = Option<&'a pbjson_types::Timestamp>;

/// How long ago, with the full date for whoever wants it. Nothing when the time is not known.
pub(crate) fn ago(reader: &Reader, at: Timestamp<'_>) -> Markup {
    let Some(at) = at.and_then(from_proto) else { return html! {} };
    html! { time datetime=(machine(at)) title=(date_and_time(reader, at)) { (words_ago(reader, at)) } }
}

/// Day and time of day.
pub(crate) fn exact(reader: &Reader, at: Timestamp<'_>) -> Markup {
    let Some(at) = at.and_then(from_proto) else { return html! {} };
    html! { time datetime=(machine(at)) { (date_and_time(reader, at)) } }
}

/// How long something took, in at most two units. Nothing while it has not ended.
pub(crate) fn duration(language: Language, from: Timestamp<'_>, to: Timestamp<'_>) -> Option<String> {
    let took = to.and_then(from_proto)?.signed_duration_since(from.and_then(from_proto)?).max(TimeDelta::zero());
    let seconds = took.num_seconds();
    Some(if seconds < 1 {
        language.say("duration-moment")
    } else if seconds < 60 {
        language.count("duration-seconds", seconds)
    } else {
        language.with("duration-minutes", &[("minutes", (seconds / 60).into()), ("seconds", (seconds % 60).into())])
    })
}

fn machine(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn words_ago(reader: &Reader, at: DateTime<Utc>) -> String {
    let language = reader.language;
    let past = reader.now.signed_duration_since(at);
    let local = at.with_timezone(&reader.zone);
    let days = reader.now.with_timezone(&reader.zone).date_naive().signed_duration_since(local.date_naive()).num_days();
    if past < TimeDelta::minutes(1) {
        language.say("ago-now")
    } else if past < TimeDelta::hours(1) {
        language.count("ago-minutes", past.num_minutes())
    } else if days == 0 || past < TimeDelta::hours(6) {
        language.count("ago-hours", past.num_hours())
    } else if days == 1 {
        language.with("ago-yesterday", &[("time", local.format("%H:%M").to_string().into())])
    } else if days < 7 {
        language.count("ago-days", days)
    } else {
        date(reader, at)
    }
}

fn date(reader: &Reader, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&reader.zone);
    let month = reader.language.say(month_key(local.month()));
    let year = local.year().to_string();
    reader.language.with("date", &[("day", local.day().into()), ("month", month.into()), ("year", year.into())])
}

fn date_and_time(reader: &Reader, at: DateTime<Utc>) -> String {
    let time = at.with_timezone(&reader.zone).format("%H:%M").to_string();
    reader.language.with("date-and-time", &[("date", date(reader, at).into()), ("time", time.into())])
}

const fn month_key(month: u32) -> &'static str {
    match month {
        1 => "month-1",
        2 => "month-2",
        3 => "month-3",
        4 => "month-4",
        5 => "month-5",
        6 => "month-6",
        7 => "month-7",
        8 => "month-8",
        9 => "month-9",
        10 => "month-10",
        11 => "month-11",
        _ => "month-12",
    }
}

#[cfg(test)]
mod tests;
