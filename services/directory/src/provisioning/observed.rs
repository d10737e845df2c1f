//! A provisioned resource as the sync sees it: a mapped person or directory group.

use std::collections::{BTreeMap, VecDeque};

use freehold_proto::directory::v1 as pb;
use freehold_tenancy::TenantTx;
use freehold_types::Fault;
use uuid::Uuid;

use super::document::{ENTERPRISE, find, inside, text, truth};
use super::resource::{Kind, Stored};
use crate::directory::Directory;
use crate::mapping::{MappedGroup, MappedPerson, clean};
use crate::origin::Observed;
use crate::record::{GroupRecord, Record};
use crate::source::Listing;
use crate::store;

/// The longest value that is taken, in characters.
const VALUE_CHARS_MAX: usize = 1_000;

/// Everything of a directory, people first; or only its groups.
pub(crate) async fn all(tx: &TenantTx, directory: &Directory, people: bool) -> Result<VecDeque<Observed>, Fault> {
    let mut stored = Vec::new();
    if people {
        stored.extend(store::scim_resource::all(tx, directory.id, Kind::User).await?);
    }
    stored.extend(store::scim_resource::all(tx, directory.id, Kind::Group).await?);
    these(tx, directory, &stored).await
}

/// What these resources tell, gone ones too.
pub(crate) async fn these(
    tx: &TenantTx,
    directory: &Directory,
    resources: &[Stored],
) -> Result<VecDeque<Observed>, Fault> {
    let name = &directory.settings.name;
    let here = |stored: &&Stored| stored.kind == Kind::Group && !stored.gone;
    let groups: Vec<Uuid> = resources.iter().filter(here).map(|stored| stored.id).collect();
    let edges = store::scim_member::of_groups(tx, &groups).await?;
    let mut nested = BTreeMap::new();
    let mut members = BTreeMap::<Uuid, Vec<Uuid>>::new();
    if !edges.is_empty() {
        // A group is a member by its name, so the names of all groups are needed.
        for group in store::scim_resource::all(tx, directory.id, Kind::Group).await? {
            nested.insert(group.id, group_dn(name, group.name()));
        }
    }
    for (group, member) in edges {
        members.entry(group).or_default().push(member);
    }
    let observe = |stored: &Stored| {
        if stored.gone {
            return Observed::Gone { entry_id: stored.id.to_string(), changed_at: Some(stored.updated_at) };
        }
        match stored.kind {
            Kind::User => person(name, stored),
            Kind::Group => {
                let listed = members.get(&stored.id).into_iter().flatten();
                let dns = listed.map(|id| nested.get(id).cloned().unwrap_or_else(|| person_dn(name, *id)));
                group(name, stored, dns.collect())
            }
        }
    };
    Ok(resources.iter().map(observe).collect())
}

fn person_dn(directory: &str, id: Uuid) -> String {
    format!("uid={id},o={directory}")
}

/// The name by which a manifest can speak of a provisioned group.
fn group_dn(directory: &str, name: &str) -> String {
    format!("cn={},o={directory}", escape(&clean(name)))
}

/// Escapes a value for a distinguished name (RFC 4514 section 2.4), more than needed rather than less.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(value.len());
    for (place, sign) in value.chars().enumerate() {
        let edge = sign == ' ' && (place == 0 || place == last) || sign == '#' && place == 0;
        if edge || matches!(sign, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=') {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}

fn person(directory: &str, stored: &Stored) -> Observed {
    let attributes = stored.document.attributes.as_slice();
    let one = |path: &[&str]| taken(text(attributes, path));
    let name = |part| one(&["name", part]);
    let enterprise = |part| one(&[ENTERPRISE, part]);
    let (given_name, family_name, user_name) = (name("givenName"), name("familyName"), one(&["userName"]));
    let both = format!("{given_name} {family_name}");
    let names = [one(&["displayName"]), name("formatted"), both.trim().to_owned(), user_name.clone()];
    let Some(display_name) = names.into_iter().find(|name| !name.is_empty()) else {
        return Observed::Unusable {
            listing: Listing::People,
            dn: person_dn(directory, stored.id),
            entry_id: Some(stored.id.to_string()),
            because: "it has no name that can be shown".to_owned(),
        };
    };
    let record = Record {
        entry_id: stored.id.to_string(),
        distinguished_name: person_dn(directory, stored.id),
        display_name,
        given_name,
        family_name,
        user_name,
        email: taken(chosen(attributes, "emails", "value")),
        employee_number: enterprise("employeeNumber"),
        title: one(&["title"]),
        department: enterprise("department"),
        site: site(attributes),
        phone: taken(chosen(attributes, "phoneNumbers", "value")),
        ..Record::default()
    };
    let manager = text(attributes, &[ENTERPRISE, "manager", "value"]);
    Observed::Person(MappedPerson {
        record,
        manager: Uuid::try_parse(manager).ok().map(|id| person_dn(directory, id)),
        enabled: truth(attributes, "active").unwrap_or(true),
        changed_at: Some(stored.updated_at),
    })
}

fn group(directory: &str, stored: &Stored, members: Vec<String>) -> Observed {
    let name = taken(stored.name());
    let record = GroupRecord {
        entry_id: stored.id.to_string(),
        distinguished_name: group_dn(directory, stored.name()),
        name,
        ..GroupRecord::default()
    };
    Observed::Group(MappedGroup { record, members })
}

/// Where somebody works: the place, or else the whole address in one line.
fn site(attributes: &[pb::Attribute]) -> String {
    let place = taken(chosen(attributes, "addresses", "locality"));
    if place.is_empty() { taken(chosen(attributes, "addresses", "formatted")) } else { place }
}

/// A sub-attribute of the primary value, or else of the one of type `work`, or else of the first.
fn chosen<'a>(attributes: &'a [pb::Attribute], name: &str, part: &str) -> &'a str {
    let values = find(attributes, name).map_or(&[][..], |attribute| attribute.values.as_slice());
    let primary = values.iter().find(|value| truth(inside(value), "primary") == Some(true));
    let work = || values.iter().find(|value| text(inside(value), &["type"]).eq_ignore_ascii_case("work"));
    primary.or_else(work).or_else(|| values.first()).map_or("", |value| text(inside(value), &[part]))
}

/// Text as it may be shown; nothing when it is longer than anything that is.
fn taken(text: &str) -> String {
    let clean = clean(text);
    if clean.chars().count() > VALUE_CHARS_MAX { String::new() } else { clean }
}

#[cfg(test)]
mod tests;
