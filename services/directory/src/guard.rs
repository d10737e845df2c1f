//! The brake: decides whether a change set may be applied without a human's word.

pub(crate) mod facts;

use std::collections::BTreeMap;
use std::num::ParseIntError;
use std::str::FromStr;

use freehold_types::DirectoryGroupId;

use crate::diff::{ChangeKind, ChangeSet};

/// The share that holds a run when the manifest says nothing, in percent.
const SHARE_DEFAULT_PERCENT: u64 = 5;
/// A share never holds a run that deactivates fewer people than this, unless it is most of the company.
pub(crate) const SHARE_FLOOR_PEOPLE: u64 = 20;
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

/// What the guard looks at besides the change set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Entries of a whole reading; none when only changes were read.
    pub seen: Option<Seen>,
    /// People whom the service itself deactivated within the last day, with nobody's approval.
    pub left_before: u64,
    /// How many people are missing, whatever shape that has.
    pub missing: usize,
    /// What all missing people have in common, in words.
    pub shape: Option<String>,
    /// A field and how many people would lose it.
    pub blanked: Option<(&'static str, u64)>,
    /// How many people and memberships an undo had made otherwise.
    pub undone: usize,
    /// Names of the groups that shrink.
    pub group_names: BTreeMap<DirectoryGroupId, String>,
}

/// How much a whole reading saw.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub people: usize,
    pub groups: usize,
}

/// Everything for which a change set must wait for an approval, in words; nothing when it may go ahead. Whoever approves
/// approves all of it.
pub(crate) fn hold(set: &ChangeSet, limit: Limit, facts: &Facts) -> Option<String> {
    let leavers = set.count(ChangeKind::Deactivate);
    let active = set.active_before_count;
    let reasons = [
        done_again(facts),
        nobody_seen(set, leavers, facts),
        nobody_in_charge(set),
        one_shape(facts),
        too_many(leavers, active, limit, facts.left_before),
        blanked(active, facts.blanked),
        emptied(set, facts),
    ];
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

fn done_again(facts: &Facts) -> Option<String> {
    let what = match facts.undone {
        0 => return None,
        1 => "one change".to_owned(),
        several => format!("{several} changes"),
    };
    Some(format!("it would do again {what} that an undo took back"))
}

fn nobody_seen(set: &ChangeSet, leavers: u64, facts: &Facts) -> Option<String> {
    let seen = facts.seen?;
    if leavers > 0 && seen.people == 0 {
        let active = set.active_before_count;
        return Some(format!("the directory answered with no people at all, and {active} are active here"));
    }
    let known = set.gone_groups.len();
    (known > 0 && seen.groups == 0)
        .then(|| format!("the directory answered with no groups at all, and {known} are known here"))
}

fn nobody_in_charge(set: &ChangeSet) -> Option<String> {
    let nobody = set.administrators_before_count > 0 && set.administrators_after_count == 0;
    nobody.then(|| "nobody would administer the company any more".to_owned())
}

fn one_shape(facts: &Facts) -> Option<String> {
    let (shape, missing) = (facts.shape.as_ref()?, facts.missing);
    Some(format!("{missing} people are missing and {shape}; most likely the account lost the right to read them"))
}

fn too_many(leavers: u64, active: u64, limit: Limit, left_before: u64) -> Option<String> {
    if leavers == 0 {
        return None;
    }
    // Those who left within the day are no longer active; the share is one of all who were.
    let all = active.saturating_add(left_before);
    let leaving = leavers.saturating_add(left_before);
    let most_of_the_company = leaving > SMALL_COMPANY_LEAVERS && leaving.saturating_mul(2) > all;
    let (allowed, words) = match limit {
        Limit::People(people) => (people, format!("{people}")),
        Limit::Percent(0) => (0, "0%".to_owned()),
        Limit::Percent(percent) => {
            let share = all.saturating_mul(percent) / 100;
            let words = format!("{percent}% of {all} people, and never fewer than {SHARE_FLOOR_PEOPLE}");
            (share.max(SHARE_FLOOR_PEOPLE), words)
        }
    };
    if leaving <= allowed && !(most_of_the_company && matches!(limit, Limit::Percent(_))) {
        return None;
    }
    let before = match left_before {
        0 => String::new(),
        1 => ", after one who left within the last day".to_owned(),
        several => format!(", after {several} who left within the last day"),
    };
    Some(format!("it would deactivate {leavers} of {active} people{before}; the limit is {words}"))
}

fn blanked(active: u64, blanked: Option<(&'static str, u64)>) -> Option<String> {
    let (field, people) = blanked?;
    let allowed = (active.saturating_mul(SHARE_DEFAULT_PERCENT) / 100).max(SHARE_FLOOR_PEOPLE);
    (people > allowed).then(|| {
        format!(
            "{people} of {active} people would lose their {field}; most likely the account lost the right to read it"
        )
    })
}

fn emptied(set: &ChangeSet, facts: &Facts) -> Option<String> {
    let large = |(_, before, after): &&(DirectoryGroupId, usize, usize)| {
        *before >= LARGE_GROUP_MEMBERS && after.saturating_mul(2) < *before
    };
    set.shrinking.iter().find(large).map(|(group, before, after)| {
        let name = facts.group_names.get(group).map_or_else(|| group.to_string(), Clone::clone);
        format!("the directory group {name} would go from {before} members to {after}")
    })
}

#[cfg(test)]
mod tests;
