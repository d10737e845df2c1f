//! People sets: rules with a name. Groups get what the set says along with its name, so that whoever fills them needs
//! no list of sets, and a set that changes is a change of its groups.

use std::collections::BTreeMap;

use freehold_proto::content::v1::GroupSettings;
use freehold_proto::content::v1::group_settings::Members;
use freehold_proto::directory::v1::{AttributeRule, Everybody, PeopleSet};
use freehold_types::Violations;

const PEOPLE_SETS_MAX: usize = 1_000;
const NAME_CHARS_MAX: usize = 100;

/// Writes what the people sets say into the groups that name them.
pub(super) fn fill_in(
    mut groups: Vec<GroupSettings>,
    people_sets: &[PeopleSet],
    violations: &mut Violations,
) -> Vec<GroupSettings> {
    let rules = rules(people_sets, violations);
    for (place, group) in groups.iter_mut().enumerate() {
        let Some(Members::Attributes(rule)) = &mut group.members else { continue };
        if rule.people_set.is_empty() {
            continue;
        }
        match rules.get(rule.people_set.as_str()) {
            Some(said) => rule.all_of = vec![(*said).clone()],
            None => {
                let names: Vec<_> = rules.keys().map(|name| format!("{name:?}")).collect();
                let problem = match names.as_slice() {
                    [] => "there is no people set in the manifest; write one as [[people_set]]".to_owned(),
                    names => format!("there is no people set of that name; there are {}", names.join(", ")),
                };
                violations.push(format!("groups[{place}].attributes.people_set"), problem);
                // Nothing is applied after a mistake; this only lets the services look at the rest of the group.
                group.members = Some(Members::Everybody(Everybody {}));
            }
        }
    }
    groups
}

fn rules<'a>(people_sets: &'a [PeopleSet], violations: &mut Violations) -> BTreeMap<&'a str, &'a AttributeRule> {
    let mut rules = BTreeMap::new();
    if people_sets.len() > PEOPLE_SETS_MAX {
        violations.push("people_sets", format!("at most {PEOPLE_SETS_MAX} people sets"));
    }
    for (place, set) in people_sets.iter().take(PEOPLE_SETS_MAX).enumerate() {
        let path = format!("people_sets[{place}]");
        if set.name.trim().is_empty() || set.name.chars().count() > NAME_CHARS_MAX {
            violations.push(format!("{path}.name"), format!("must have 1 to {NAME_CHARS_MAX} characters"));
        }
        match &set.rule {
            None => violations.push(format!("{path}.rule"), "is missing; must say whom it selects"),
            Some(rule) if !rule.people_set.is_empty() || !rule.all_of.is_empty() => {
                violations.push(format!("{path}.rule"), "cannot name another people set");
            }
            Some(rule) if *rule == AttributeRule::default() => {
                violations.push(format!("{path}.rule"), "names nothing that people must have in common");
            }
            Some(rule) => {
                if rules.insert(set.name.as_str(), rule).is_some() {
                    violations.push(format!("{path}.name"), "is the name of another people set already");
                }
            }
        }
    }
    rules
}
