//! Groups by rule, and people sets.

use freehold_proto::content::v1 as content;
use freehold_proto::content::v1::group_settings::Members;
use freehold_proto::directory::v1::{AttributeRule, Everybody, FieldValues, PeopleSet};

use super::super::reader::Reader;
use super::super::section::Section;

const PRIVACIES: [(&str, content::GroupPrivacy); 3] = [
    ("open", content::GroupPrivacy::Open),
    ("closed", content::GroupPrivacy::Closed),
    ("secret", content::GroupPrivacy::Secret),
];
/// Fields of a person that a group can be filled by.
const RULE_FIELDS: [&str; 5] = ["department", "employee_number", "site", "title", "user_name"];
/// What else people can have in common.
const RULE_KEYS: [&str; 3] = ["directory_group", "manager", "people_set"];

pub(super) fn read(reader: &mut Reader<'_>, mut section: Section<'_>) -> content::GroupSettings {
    let settings = content::GroupSettings {
        name: section.text(reader, "name", "name"),
        privacy: section.choice(reader, "privacy", "privacy", &PRIVACIES),
        members: read_members(reader, &mut section),
        also: section.texts(reader, "also", "also"),
        except: section.texts(reader, "except", "except"),
        administrators: section.texts(reader, "administrators", "administrators"),
    };
    section.finish(reader);
    settings
}

pub(super) fn read_people_set(reader: &mut Reader<'_>, mut section: Section<'_>) -> PeopleSet {
    let rule = section.table(reader, "rule", "rule").map(|mut rule| {
        let read = read_rule(reader, &mut rule);
        rule.knows(&RULE_FIELDS);
        rule.finish(reader);
        read
    });
    let set = PeopleSet { name: section.text(reader, "name", "name"), rule };
    section.finish(reader);
    set
}

/// Everybody, or what people have in common; never both.
fn read_members(reader: &mut Reader<'_>, group: &mut Section<'_>) -> Option<Members> {
    const RIGHT: &str = "must be { everybody = true }, or what people have in common, such as { site = [\"Paris\", \
                         \"Lyon\"], directory_group = \"CN=...\", manager = \"...\" } or { people_set = \"...\" }";
    let mut section = group.table(reader, "members", "members")?;
    let by_rule = RULE_FIELDS.iter().chain(&RULE_KEYS).any(|key| section.has(key));
    let members = match (section.has("everybody"), by_rule) {
        (true, false) => {
            if !section.flag(reader, "everybody", "everybody") {
                section.misses(reader, "everybody", "can only be true");
                reader.cover(&section.path);
            }
            Some(Members::Everybody(Everybody {}))
        }
        (false, true) => Some(simplest(read_rule(reader, &mut section))),
        (false, false) => {
            // A key that is unknown is reported as such.
            if section.empty() {
                section.misses(reader, "", RIGHT);
            }
            reader.cover(&section.path);
            None
        }
        (true, true) => {
            section.misses(reader, "", &format!("names people in two ways; {RIGHT}"));
            reader.cover(&section.path);
            None
        }
    };
    section.knows(&["everybody"]);
    section.knows(&RULE_KEYS);
    section.knows(&RULE_FIELDS);
    section.finish(reader);
    members
}

/// A directory group alone has a form of its own in the contract.
fn simplest(rule: AttributeRule) -> Members {
    let alone = AttributeRule { directory_group: rule.directory_group.clone(), ..Default::default() };
    if !rule.directory_group.is_empty() && rule == alone {
        Members::DirectoryGroup(rule.directory_group)
    } else {
        Members::Attributes(rule)
    }
}

/// What people must have in common: all that stands there, and of several values one.
fn read_rule(reader: &mut Reader<'_>, section: &mut Section<'_>) -> AttributeRule {
    let mut rule = AttributeRule {
        directory_group: section.text(reader, "directory_group", "directory_group"),
        manager: section.text(reader, "manager", "manager"),
        people_set: section.text(reader, "people_set", "people_set"),
        ..Default::default()
    };
    for field in RULE_FIELDS {
        if !section.has(field) {
            continue;
        }
        let mut values = section.texts(reader, field, field);
        match (values.pop(), values.is_empty()) {
            (Some(only), true) => drop(rule.equals.insert(field.to_owned(), only)),
            (last, _) => {
                values.extend(last);
                rule.any_of.insert(field.to_owned(), FieldValues { values });
            }
        }
    }
    rule
}
