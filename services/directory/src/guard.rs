//! The brake: decides whether a change set may be applied without a human's word.

use std::num::ParseIntError;
use std::str::FromStr;

use crate::diff::{ChangeKind, ChangeSet};

/// The share that holds a run when the manifest says nothing, in percent.
const SHARE_DEFAULT_PERCENT: u64 = 5;
/// A share never holds a run that deactivates fewer people than this, unless it is most of the company.
const SHARE_FLOOR_PEOPLE: u64 = 20;
/// Up to so many leavers are ordinary in a company of any size.
const SMALL_COMPANY_LEAVERS: u64 = 3;
/// A group this large that loses most of its members is held.
const LARGE_GROUP_MEMBERS: usize = 50;

/// How many people a run may deactivate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// A share of the active people, in percent.
    Percent(u64),
    /// A number of people.
    People(u64),
}

impl Default for Limit {
    fn default() -> Self {
        Self::Percent(SHARE_DEFAULT_PERCENT)
    }
}

/// The text is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a share such as \"5%\", from 0% to 100%, or a number of people such as \"40\"")]
pub(crate) struct ParseLimitError;

impl FromStr for Limit {
    type Err = ParseLimitError;

    fn from_str(text: &str) -> Result<Self, ParseLimitError> {
        let number = |text: &str| text.parse::<u64>().map_err(|_malformed: ParseIntError| ParseLimitError);
        match text.strip_suffix('%') {
            _ if text.is_empty() => Ok(Self::default()),
            Some(percent) => match number(percent)? {
                percent @ 0..=100 => Ok(Self::Percent(percent)),
                _ => Err(ParseLimitError),
            },
            None => number(text).map(Self::People),
        }
    }
}

/// Why a change set must wait for an approval, in words; nothing when it may go ahead.
pub(crate) fn hold(set: &ChangeSet, limit: Limit, people_seen: usize, groups_seen: usize) -> Option<String> {
    let leavers = set.count(ChangeKind::Deactivate);
    let active = set.active_before_count;
    if leavers > 0 && people_seen == 0 {
        return Some(format!("the directory answered with no people at all, and {active} are active here"));
    }
    if !set.gone_groups.is_empty() && groups_seen == 0 {
        return Some(format!(
            "the directory answered with no groups at all, and {} are known here",
            set.gone_groups.len()
        ));
    }
    if set.administrators_before_count > 0 && set.administrators_after_count == 0 {
        return Some("nobody would administer the company any more".to_owned());
    }
    let most_of_the_company = leavers > SMALL_COMPANY_LEAVERS && leavers.saturating_mul(2) > active;
    let (allowed, words) = match limit {
        Limit::People(people) => (people, format!("{people}")),
        Limit::Percent(0) => (0, "0%".to_owned()),
        Limit::Percent(percent) => {
            let share = active.saturating_mul(percent) / 100;
            (
                share.max(SHARE_FLOOR_PEOPLE),
                format!("{percent}% of {active} people, and never fewer than {SHARE_FLOOR_PEOPLE}"),
            )
        }
    };
    if leavers > allowed || (most_of_the_company && matches!(limit, Limit::Percent(_))) {
        return Some(format!("it would deactivate {leavers} of {active} people; the limit is {words}"));
    }
    let emptied = set
        .shrinking
        .iter()
        .find(|(_, before, after)| *before >= LARGE_GROUP_MEMBERS && after.saturating_mul(2) < *before);
    emptied
        .map(|(group, before, after)| format!("the directory group {group} would go from {before} members to {after}"))
}

#[cfg(test)]
mod tests;
