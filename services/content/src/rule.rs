//! Rules that fill groups, and what applying a manifest's groups changes. Pure.

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::GroupId;
use freehold_types::access::Privacy;
use serde::{Deserialize, Serialize};

/// Groups by rule of one tenant.
pub(crate) const DECLARED_GROUPS_MAX: usize = 1_000;
/// Fields one rule looks at.
pub(crate) const RULE_FIELDS_MAX: usize = 8;
/// Characters of a distinguished name or of a value in a rule.
pub(crate) const RULE_VALUE_CHARS_MAX: usize = 1_024;
/// Fields of a person that a rule can look at.
pub(crate) const RULE_FIELDS: [&str; 5] = ["department", "employee_number", "site", "title", "user_name"];

/// Who is in a group. The form in which it is sealed; a variant or a field is only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    /// All active people.
    Everybody,
    /// Members of the directory group with this distinguished name.
    DirectoryGroup(String),
    /// People whose fields have these values.
    Attributes(BTreeMap<String, String>),
}

/// What a manifest says of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Unique among them, whatever the case of its letters.
    pub(crate) name: String,
    pub(crate) privacy: Privacy,
    pub(crate) rule: Rule,
}

/// A group that a manifest named once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) id: GroupId,
    pub(crate) name: String,
    pub(crate) privacy: Privacy,
    /// None while no manifest names it.
    pub(crate) rule: Option<Rule>,
}

/// One step from what is known to what is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A new group.
    Create(Declared),
    /// A known group that differs.
    Alter { id: GroupId, from: Known, to: Declared },
    /// A group that is not named any more.
    Retire(Known),
}

/// The form of a name in which two names are the same.
pub(crate) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// What has to change so that exactly the declared groups are filled by rule.
pub(crate) fn changes(declared: Vec<Declared>, known: Vec<Known>) -> Vec<Change> {
    let mut known: BTreeMap<String, Known> = known.into_iter().map(|group| (folded(&group.name), group)).collect();
    let mut changes = Vec::new();
    for wanted in declared {
        match known.remove(&folded(&wanted.name)) {
            None => changes.push(Change::Create(wanted)),
            Some(group) if differs(&group, &wanted) => {
                changes.push(Change::Alter { id: group.id, from: group, to: wanted });
            }
            Some(_same) => {}
        }
    }
    changes.extend(known.into_values().filter(|group| group.rule.is_some()).map(Change::Retire));
    changes
}

fn differs(known: &Known, wanted: &Declared) -> bool {
    known.name != wanted.name || known.privacy != wanted.privacy || known.rule.as_ref() != Some(&wanted.rule)
}

impl Change {
    /// The change in words, for the operator.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Create(group) => {
                format!(
                    "create group {:?}, {}, filled by {}",
                    group.name,
                    privacy_word(group.privacy),
                    rule(&group.rule)
                )
            }
            Self::Alter { from, to, .. } => {
                let mut parts = Vec::new();
                if from.name != to.name {
                    parts.push(format!("write its name {:?}", to.name));
                }
                if from.privacy != to.privacy {
                    parts.push(format!("make it {}", privacy_word(to.privacy)));
                }
                if from.rule.as_ref() != Some(&to.rule) {
                    parts.push(format!("fill it by {}", rule(&to.rule)));
                }
                format!("change group {:?}: {}", from.name, parts.join(", "))
            }
            Self::Retire(group) => {
                format!("stop filling group {:?}: its posts stay, the members by rule go", group.name)
            }
        }
    }
}

/// The word for it in sentences, and in digests of requests: never change one.
pub(crate) const fn privacy_word(privacy: Privacy) -> &'static str {
    match privacy {
        Privacy::Open => "open",
        Privacy::Closed => "closed",
        Privacy::Secret => "secret",
    }
}

fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Everybody => "everybody".to_owned(),
        Rule::DirectoryGroup(name) => format!("directory group {name:?}"),
        Rule::Attributes(fields) => {
            let fields: Vec<_> = fields.iter().map(|(field, value)| format!("{field} = {value:?}")).collect();
            fields.join(" and ")
        }
    }
}

/// What a rule's new selection changes for those it had put into a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference<T> {
    /// Selected now and not before.
    pub(crate) gained: Vec<T>,
    /// Selected before and not now.
    pub(crate) lost: Vec<T>,
}

/// Compares those whom a rule selects now with those whom it had selected.
pub(crate) fn difference<T: Ord + Copy>(selected: &BTreeSet<T>, held: &BTreeSet<T>) -> Difference<T> {
    Difference {
        gained: selected.difference(held).copied().collect(),
        lost: held.difference(selected).copied().collect(),
    }
}

#[cfg(test)]
mod tests;
