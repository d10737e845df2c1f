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
/// Values of one field of a rule.
pub(crate) const RULE_VALUES_MAX: usize = 100;
/// People one group names one by one, of each kind.
pub(crate) const EXCEPTIONS_MAX: usize = 1_000;
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
    /// People for whom all of this holds.
    Conditions(Conditions),
    /// People of a rule, but for those whom the manifest names one by one.
    WithExceptions {
        /// The rule itself.
        rule: Box<Rule>,
        /// Who is in or out whatever it says.
        exceptions: Exceptions,
    },
}

/// What people must have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Conditions {
    /// Fields, and the values of which each must have one.
    pub(crate) fields: BTreeMap<String, BTreeSet<String>>,
    /// Distinguished name of a directory group.
    pub(crate) directory_group: Option<String>,
    /// Name of a people set; what it says is in `all_of`.
    pub(crate) people_set: Option<String>,
    /// Employee number or user name of somebody they work for.
    pub(crate) manager: Option<String>,
    /// What must hold as well.
    pub(crate) all_of: Vec<Conditions>,
}

/// People by employee number or user name, as the manifest names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Exceptions {
    /// In the group although the rule does not select them.
    pub(crate) also: BTreeSet<String>,
    /// Not in the group although the rule selects them.
    pub(crate) except: BTreeSet<String>,
    /// In the group, and looking after it.
    pub(crate) administrators: BTreeSet<String>,
}

impl Rule {
    /// The rule without the exceptions, and the exceptions.
    pub(crate) fn parts(&self) -> (&Self, Exceptions) {
        match self {
            Self::WithExceptions { rule, exceptions } => (rule, exceptions.clone()),
            Self::Everybody | Self::DirectoryGroup(_) | Self::Attributes(_) | Self::Conditions(_) => {
                (self, Exceptions::default())
            }
        }
    }

    /// The same rule with exceptions, if there are any.
    pub(crate) fn with(self, exceptions: Exceptions) -> Self {
        if exceptions == Exceptions::default() {
            self
        } else {
            Self::WithExceptions { rule: Box::new(self), exceptions }
        }
    }
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
                    words_of(&group.rule)
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
                    parts.push(format!("fill it by {}", words_of(&to.rule)));
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

fn words_of(rule: &Rule) -> String {
    match rule {
        Rule::Everybody => "everybody".to_owned(),
        Rule::DirectoryGroup(name) => format!("directory group {name:?}"),
        Rule::Attributes(fields) => {
            let fields: Vec<_> = fields.iter().map(|(field, value)| format!("{field} = {value:?}")).collect();
            fields.join(" and ")
        }
        Rule::Conditions(conditions) => conditions_words(conditions),
        Rule::WithExceptions { rule: inner, exceptions } => {
            let mut words = words_of(inner);
            for (word, names) in [
                ("also", &exceptions.also),
                ("except", &exceptions.except),
                ("administrators", &exceptions.administrators),
            ] {
                if !names.is_empty() {
                    words.push_str(&format!("; {word} {}", quoted(names, ", ")));
                }
            }
            words
        }
    }
}

fn conditions_words(conditions: &Conditions) -> String {
    let mut parts: Vec<String> =
        conditions.fields.iter().map(|(field, values)| format!("{field} = {}", quoted(values, " or "))).collect();
    parts.extend(conditions.directory_group.iter().map(|name| format!("directory group {name:?}")));
    parts.extend(conditions.manager.iter().map(|name| format!("manager {name:?}")));
    let inner: Vec<String> = conditions.all_of.iter().map(conditions_words).collect();
    match &conditions.people_set {
        Some(name) => parts.push(format!("people set {name:?} ({})", inner.join(" and "))),
        None => parts.extend(inner),
    }
    parts.join(" and ")
}

fn quoted(words: &BTreeSet<String>, between: &str) -> String {
    words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(between)
}

/// What a rule's new selection changes for those it had put into a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference<T> {
    /// Selected now and not before.
    pub(crate) gained: Vec<T>,
    /// Selected before and not now.
    pub(crate) lost: Vec<T>,
}

impl<T> Difference<T> {
    /// Whether nobody comes and nobody goes.
    pub(crate) const fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
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
