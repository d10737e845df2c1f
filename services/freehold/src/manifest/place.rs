//! Where the fields of the contract stand in the manifest.

use std::collections::BTreeMap;

/// A key of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    /// As people write it: `directory.base_dn`.
    pub(super) key: String,
    /// As it is written there.
    pub(super) value: Option<String>,
    /// Whether it holds further keys.
    pub(super) section: bool,
}

/// Every field that was looked for and found, by its path in the contract.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<String, Place>);

impl Places {
    pub(super) fn note(&mut self, path: &str, place: Place) {
        self.0.insert(path.to_owned(), place);
    }

    /// Where a field stands, or would stand, and which of both it is.
    pub(super) fn find(&self, path: &str) -> (Place, bool) {
        if let Some(place) = self.0.get(path) {
            return (place.clone(), true);
        }
        let mut above = path;
        while let Some((parent, missing)) = parent(above) {
            if let Some(place) = self.0.get(parent) {
                return if place.section { (missing_in(place, missing), false) } else { (place.clone(), true) };
            }
            above = parent;
        }
        (Place { line: 1, key: key_of(path), value: None, section: false }, false)
    }
}

fn missing_in(section: &Place, missing: &str) -> Place {
    let name = missing.trim_start_matches('.');
    // An item of a list, or a key of a map, has no name of its own.
    let key = if missing.starts_with('[') { section.key.clone() } else { format!("{}.{}", section.key, key_of(name)) };
    Place { line: section.line, key, value: None, section: false }
}

/// The path one step up, and the step.
fn parent(path: &str) -> Option<(&str, &str)> {
    let step = if path.ends_with(']') { path.rfind('[')? } else { path.rfind('.')? };
    path.split_at_checked(step)
}

/// The manifest's word for a field of the contract.
fn key_of(field: &str) -> String {
    let key = match field {
        "directories" => "directory",
        "connections" => "connection",
        "groups" => "group",
        "role_groups" => "role",
        "area_group" => "area",
        "people_sets" => "people_set",
        "bind_password" => "bind_password_file",
        "ca_pem" => "ca_file",
        "client_secret" => "client_secret_file",
        "link_claim" => "link.claim",
        "link_attribute" => "link.attribute",
        "administrators_group" => "administrators.directory_group",
        "key_provider" => "key.provider",
        other => other,
    };
    key.to_owned()
}

/// A field as the contract names it, as the path under which the manifest's key was noted.
pub(super) fn normal(field: &str) -> String {
    if field.starts_with("directories[") {
        return field.replacen(".urls", ".url", 1);
    }
    if !field.starts_with("groups[") {
        return field.to_owned();
    }
    let Some((group, rest)) = field.split_once("].") else { return field.to_owned() };
    let rest = rest.strip_prefix("attributes").map_or_else(
        || match rest {
            "directory_group" | "everybody" => format!("members.{rest}"),
            other => other.to_owned(),
        },
        |of_rule| {
            if let Some(key @ ("directory_group" | "manager" | "people_set")) = of_rule.strip_prefix('.') {
                return format!("members.{key}");
            }
            let map = of_rule.strip_prefix(".equals").or_else(|| of_rule.strip_prefix(".any_of"));
            let item = map.unwrap_or(of_rule);
            item.strip_prefix("[\"")
                .and_then(|item| item.strip_suffix("\"]"))
                .map_or_else(|| "members".to_owned(), |name| format!("members.{name}"))
        },
    );
    format!("{group}].{rest}")
}

/// Whether a field is another one or a part of it.
pub(super) fn within(field: &str, whole: &str) -> bool {
    field.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests;
