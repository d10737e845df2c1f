//! Named values to JSON, and which of them a client wants to see (RFC 7644 section 3.9).

use chrono::{DateTime, SecondsFormat};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attribute_value::Value as Kept;
use serde_json::{Map, Value, json};

use super::path::{Place, resolve};
use super::schema::ResourceType;

/// Which attributes an answer has.
#[derive(Debug, Default)]
pub(super) struct Projection {
    /// Only these, when there are any.
    only: Vec<Place>,
    without: Vec<Place>,
    narrowed: bool,
}

impl Projection {
    /// From lists of paths with commas; a path that leads nowhere is passed over.
    pub(super) fn new(resource: &'static ResourceType, only: Option<&str>, without: Option<&str>) -> Self {
        let places = |paths: Option<&str>| -> Vec<Place> {
            let paths = paths.unwrap_or_default().split(',').map(str::trim);
            paths.filter_map(|path| resolve(resource, path)).collect()
        };
        let narrowed = only.is_some_and(|only| !only.trim().is_empty());
        Self { only: places(only), without: places(without), narrowed }
    }

    /// Whether members are not wanted, so that they need not be read.
    pub(super) fn without_members(&self) -> bool {
        let members = |place: &Place| place.attribute.is_some_and(|attribute| attribute.name == "members");
        let whole = |place: &&Place| place.part.is_none();
        self.without.iter().filter(whole).any(members) || self.narrowed && !self.only.iter().any(members)
    }

    fn cut(&self, object: Map<String, Value>) -> Map<String, Value> {
        let mut cut = object;
        if self.narrowed {
            let mut kept = Map::new();
            for key in ["schemas", "id"] {
                kept.extend(cut.get(key).map(|value| (key.to_owned(), value.clone())));
            }
            for place in &self.only {
                copy(&cut, &mut kept, &place.names());
            }
            cut = kept;
        }
        for place in &self.without {
            let names = place.names();
            if names.as_slice() != ["id"] {
                remove(&mut cut, &names);
            }
        }
        cut
    }
}

/// Copies what a path leads to, through every value on the way.
fn copy(from: &Map<String, Value>, into: &mut Map<String, Value>, names: &[String]) {
    let Some((first, rest)) = names.split_first() else { return };
    let Some(value) = from.get(first) else { return };
    if rest.is_empty() {
        into.insert(first.clone(), value.clone());
        return;
    }
    match value {
        Value::Object(object) => {
            let there = into.entry(first.clone()).or_insert_with(|| json!({}));
            if let Value::Object(there) = there {
                copy(object, there, rest);
            }
        }
        Value::Array(items) => {
            let there = into.entry(first.clone()).or_insert_with(|| items.iter().map(|_item| json!({})).collect());
            let Value::Array(there) = there else { return };
            for (item, there) in items.iter().zip(there) {
                if let (Value::Object(item), Value::Object(there)) = (item, there) {
                    copy(item, there, rest);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn remove(object: &mut Map<String, Value>, names: &[String]) {
    let Some((first, rest)) = names.split_first() else { return };
    if rest.is_empty() {
        object.remove(first);
        return;
    }
    match object.get_mut(first) {
        Some(Value::Object(inner)) => remove(inner, rest),
        Some(Value::Array(items)) => {
            items.iter_mut().filter_map(Value::as_object_mut).for_each(|item| remove(item, rest));
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

/// The version of a resource as a weak tag.
pub(super) fn tag(resource: &pb::Resource) -> String {
    format!("W/\"{}\"", resource.version)
}

/// Where a resource is.
pub(super) fn location(base: &str, of: &ResourceType, id: &str) -> String {
    format!("{base}/{}/{id}", of.endpoint)
}

/// A resource in JSON.
pub(super) fn resource(
    base: &str,
    of: &'static ResourceType,
    resource: &pb::Resource,
    projection: &Projection,
) -> Value {
    let mut schemas = vec![of.urn.to_owned()];
    let mut object = Map::new();
    for attribute in resource.attributes.iter().filter(|attribute| attribute.name != "meta") {
        if of.extensions.iter().any(|extension| extension.urn == attribute.name) {
            schemas.push(attribute.name.clone());
        }
        object.insert(attribute.name.clone(), value_of(base, attribute));
    }
    object.insert("schemas".to_owned(), schemas.into());
    let moment = |at: Option<&pbjson_types::Timestamp>| {
        let at = at.and_then(|at| DateTime::from_timestamp(at.seconds, at.nanos.try_into().unwrap_or_default()));
        at.unwrap_or_default().to_rfc3339_opts(SecondsFormat::Micros, true)
    };
    object.insert(
        "meta".to_owned(),
        json!({
            "resourceType": of.name,
            "created": moment(resource.created_at.as_ref()),
            "lastModified": moment(resource.updated_at.as_ref()),
            "location": location(base, of, &resource.resource_id),
            "version": tag(resource),
        }),
    );
    Value::Object(projection.cut(object))
}

fn value_of(base: &str, attribute: &pb::Attribute) -> Value {
    let one = |value: &pb::AttributeValue| match &value.value {
        Some(Kept::Text(text)) => Value::from(text.as_str()),
        Some(Kept::Truth(truth)) => Value::from(*truth),
        Some(Kept::Whole(number)) => Value::from(*number),
        Some(Kept::Complex(complex)) => {
            let parts = complex.attributes.iter().map(|part| (part.name.clone(), value_of(base, part)));
            let mut object: Map<String, Value> = parts.collect();
            refer(base, &attribute.name, &mut object);
            Value::Object(object)
        }
        None => Value::Null,
    };
    if attribute.several {
        attribute.values.iter().map(one).collect()
    } else {
        attribute.values.first().map_or(Value::Null, one)
    }
}

/// Says where a resource is that another one names by its id.
fn refer(base: &str, attribute: &str, object: &mut Map<String, Value>) {
    let endpoint = match attribute {
        "manager" => "Users",
        "groups" => "Groups",
        "members" if object.get("type").and_then(Value::as_str) == Some("Group") => "Groups",
        "members" => "Users",
        _ => return,
    };
    if let Some(address) = object.get("value").and_then(Value::as_str).map(|id| format!("{base}/{endpoint}/{id}")) {
        object.insert("$ref".to_owned(), address.into());
    }
}
