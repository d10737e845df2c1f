//! The rules of a manifest's groups, between the contract's messages and this service's words.

use std::collections::{BTreeMap, BTreeSet};

use freehold_proto::content::v1 as pb;
use freehold_proto::directory::v1::{AttributeRule, FieldValues};
use freehold_types::Violations;

use crate::rule::{
    Conditions, EXCEPTIONS_MAX, Exceptions, RULE_FIELDS, RULE_FIELDS_MAX, RULE_VALUE_CHARS_MAX, RULE_VALUES_MAX, Rule,
};

pub(super) fn rule(wrong: &mut Violations, path: &str, members: Option<pb::group_settings::Members>) -> Option<Rule> {
    match members {
        None => {
            wrong.push(format!("{path}.members"), "must be one of everybody, directory_group and attributes");
            None
        }
        Some(pb::group_settings::Members::Everybody(_)) => Some(Rule::Everybody),
        Some(pb::group_settings::Members::DirectoryGroup(name)) => {
            let name = rule_value(wrong, &format!("{path}.directory_group"), &name)?;
            Some(Rule::DirectoryGroup(name))
        }
        Some(pb::group_settings::Members::Attributes(rule)) => {
            conditions(wrong, &format!("{path}.attributes"), rule).map(simplest)
        }
    }
}

/// Whom the manifest names one by one.
pub(super) fn exceptions(
    wrong: &mut Violations,
    field: &dyn Fn(&str) -> String,
    also: Vec<String>,
    except: Vec<String>,
    administrators: Vec<String>,
) -> Exceptions {
    let mut names = |key: &str, names: Vec<String>| {
        if names.len() > EXCEPTIONS_MAX {
            wrong.push(field(key), format!("must be at most {EXCEPTIONS_MAX} names, these are {}", names.len()));
        }
        let mut set = BTreeSet::new();
        for (place, name) in names.iter().enumerate() {
            let Some(name) = rule_value(wrong, &field(&format!("{key}[{place}]")), name) else { continue };
            if !set.insert(name) {
                wrong.push(field(&format!("{key}[{place}]")), "stands there twice");
            }
        }
        set
    };
    let exceptions = Exceptions {
        also: names("also", also),
        except: names("except", except),
        administrators: names("administrators", administrators),
    };
    for name in exceptions.also.union(&exceptions.administrators).filter(|name| exceptions.except.contains(*name)) {
        wrong.push(field("except"), format!("{name:?} is put into the group in another line"));
    }
    exceptions
}

/// One value for each field and nothing else has a form of its own, which older versions wrote.
fn simplest(conditions: Conditions) -> Rule {
    let only_fields = Conditions { fields: conditions.fields.clone(), ..Conditions::default() } == conditions;
    if only_fields && conditions.fields.values().all(|values| values.len() == 1) {
        let one = |values: BTreeSet<String>| values.into_iter().next().unwrap_or_default();
        return Rule::Attributes(conditions.fields.into_iter().map(|(field, values)| (field, one(values))).collect());
    }
    Rule::Conditions(conditions)
}

fn conditions(wrong: &mut Violations, path: &str, rule: AttributeRule) -> Option<Conditions> {
    let before = wrong.count();
    let equals = rule.equals.into_iter().map(|(field, value)| (field, "equals", vec![value]));
    let any_of = rule.any_of.into_iter().map(|(field, FieldValues { values })| (field, "any_of", values));
    // In the order of the fields, so that the same request has the same mistakes in the same order.
    let wanted: BTreeMap<String, (&str, Vec<String>)> =
        equals.chain(any_of).map(|(field, form, values)| (field, (form, values))).collect();
    if wanted.len() > RULE_FIELDS_MAX {
        wrong.push(format!("{path}.equals"), format!("must name at most {RULE_FIELDS_MAX} fields"));
    }
    let mut conditions = Conditions::default();
    for (field, (form, values)) in wanted {
        let path = format!("{path}.{form}[{field:?}]");
        if !RULE_FIELDS.contains(&field.as_str()) {
            wrong.push(path, format!("is no field a rule can look at; these are: {}", RULE_FIELDS.join(", ")));
        } else if values.is_empty() || values.len() > RULE_VALUES_MAX {
            wrong.push(path, format!("must have 1 to {RULE_VALUES_MAX} values"));
        } else {
            let values = values.iter().filter_map(|value| rule_value(wrong, &path, value)).collect();
            conditions.fields.insert(field, values);
        }
    }
    let mut optional = |name: &str, text: &str| {
        if text.is_empty() { None } else { rule_value(wrong, &format!("{path}.{name}"), text) }
    };
    conditions.directory_group = optional("directory_group", &rule.directory_group);
    conditions.people_set = optional("people_set", &rule.people_set);
    conditions.manager = optional("manager", &rule.manager);
    if rule.all_of.len() > RULE_FIELDS_MAX {
        wrong.push(format!("{path}.all_of"), format!("must be at most {RULE_FIELDS_MAX} rules"));
    } else {
        for inner in rule.all_of {
            if !inner.all_of.is_empty() || !inner.people_set.is_empty() {
                wrong.push(format!("{path}.all_of"), "names a people set in a people set");
            } else {
                conditions.all_of.extend(self::conditions(wrong, &format!("{path}.all_of[0]"), inner));
            }
        }
    }
    if conditions == Conditions::default() && wrong.count() == before {
        wrong.push(format!("{path}.equals"), "names nothing that people must have in common");
    }
    (wrong.count() == before).then_some(conditions)
}

fn rule_value(wrong: &mut Violations, path: &str, value: &str) -> Option<String> {
    let value = value.trim();
    if value.is_empty() || value.chars().count() > RULE_VALUE_CHARS_MAX {
        wrong.push(path, format!("must have 1 to {RULE_VALUE_CHARS_MAX} characters"));
        return None;
    }
    Some(value.to_owned())
}
