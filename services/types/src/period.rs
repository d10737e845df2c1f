//! The billing period: a calendar month in UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

/// A calendar month in UTC, written `2026-10`. Half-open: it ends where the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first: NaiveDate,
}

/// The text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a period is a month like 2026-10")]
pub struct ParsePeriodError;

impl Period {
    /// The month that `moment` falls in.
    #[must_use]
    pub fn of(moment: DateTime<Utc>) -> Self {
        let date = moment.date_naive();
        Self { first: date.with_day(1).unwrap_or(date) }
    }

    /// The first moment inside.
    #[must_use]
    pub fn starts_at(self) -> DateTime<Utc> {
        self.first.and_time(chrono::NaiveTime::MIN).and_utc()
    }

    /// The first moment after it.
    #[must_use]
    pub fn ends_at(self) -> DateTime<Utc> {
        self.next().starts_at()
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.first.checked_add_months(chrono::Months::new(1)).unwrap_or(self.first) }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self { first: self.first.checked_sub_months(chrono::Months::new(1)).unwrap_or(self.first) }
    }

    /// The calendar year, for the series of invoice numbers.
    #[must_use]
    pub fn year(self) -> i32 {
        self.first.year()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl FromStr for Period {
    type Err = ParsePeriodError;

    fn from_str(text: &str) -> Result<Self, ParsePeriodError> {
        let (year, month) = text.split_once('-').ok_or(ParsePeriodError)?;
        let digits = |part: &str, len| part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(ParsePeriodError);
        }
        let year = year.parse().map_err(|_too_large| ParsePeriodError)?;
        let month = month.parse().map_err(|_too_large| ParsePeriodError)?;
        NaiveDate::from_ymd_opt(year, month, 1).map(|first| Self { first }).ok_or(ParsePeriodError)
    }
}

#[cfg(test)]
mod tests;
