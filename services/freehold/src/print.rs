//! What people and programs read. Results go to standard output; progress, notes and refusals to standard error.
//!
//! Much of it comes from a company's directory, so nothing that steers a terminal gets through.

mod form;
mod progress;
mod table;

use std::io::{self, ErrorKind, Write};

use anyhow::Result;
use chrono::{DateTime, Utc};
use freehold_types::{Clock as _, Currency, Money, SystemClock};
use freehold_wire::time::from_proto;
use pbjson_types::Timestamp;
use serde::Serialize;

pub(crate) use form::Forms;
pub(crate) use progress::progress;
pub(crate) use table::table;

use crate::failure::Report;

/// Prints a line of the result for people.
pub(crate) fn line(text: &str) {
    // A reader that went away, such as `head`, has seen enough.
    writeln!(io::stdout().lock(), "{}", harmless(text)).ok();
}

/// Prints a line beside the result.
pub(crate) fn progress_line(text: &str) {
    writeln!(io::stderr().lock(), "{}", harmless(text)).ok();
}

/// Prints the one document of `--json`, on one line.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn json(document: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string(document)?;
    text.push('\n');
    raw(text.as_bytes())
}

/// Writes bytes as they are.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn raw(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Tells why a command failed and what to do; with `--json` to the program that asked as well.
pub(crate) fn failed(report: &Report, as_json: bool) {
    progress_line(&format!("freehold: {}", one_line(&report.why)));
    for detail in &report.details {
        progress_line(&format!("  {}", one_line(&detail.to_string())));
    }
    progress_line(&format!("what to do: {}", one_line(&report.cure)));
    if as_json {
        // Standard error has said it all already.
        json(&serde_json::json!({ "error": report })).ok();
    }
}

/// A moment as people read it.
pub(crate) fn moment(timestamp: Option<&Timestamp>) -> String {
    let text = |moment: DateTime<Utc>| moment.format("%Y-%m-%d %H:%M UTC").to_string();
    timestamp.and_then(from_proto).map(text).unwrap_or_default()
}

/// A time of today as people read it.
pub(crate) fn time(timestamp: Option<&Timestamp>) -> String {
    timestamp.and_then(from_proto).map(clock).unwrap_or_default()
}

/// The time it is.
pub(crate) fn present() -> String {
    clock(SystemClock.now())
}

fn clock(moment: DateTime<Utc>) -> String {
    moment.format("%H:%M:%S UTC").to_string()
}

/// Seconds from now until then; none when that is over.
pub(crate) fn seconds_until(timestamp: Option<&Timestamp>) -> i64 {
    timestamp.and_then(from_proto).map_or(0, |moment| (moment - SystemClock.now()).num_seconds().max(0))
}

/// An amount as people read it.
pub(crate) fn money(minor: i64, currency: &str) -> String {
    currency.parse::<Currency>().map_or_else(
        |_unknown| format!("{minor} minor units of {currency}"),
        |currency| Money { minor, currency }.to_string(),
    )
}

/// "1 person", "2 people".
pub(crate) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}

/// Without characters that steer a terminal or turn the text around them.
fn harmless(text: &str) -> String {
    let steers = |sign: char| {
        (sign.is_control() && sign != '\n') || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|sign| !steers(*sign)).collect()
}

#[cfg(test)]
mod tests;
