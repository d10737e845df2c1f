//! Patches (RFC 7644 section 3.5.2), with the habits of Entra and Okta: operations in any case, values without a path,
//! paths as keys of such values, truths as text.

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::PatchVerb;
use serde_json::{Map, Value};

use super::decode;
use super::error::ScimError;
use super::filter::{self, Scope, split_path};
use super::path::{Place, resolve};
use super::schema::{Definition, Mutability, ResourceType};

/// How many operations one request may have, after values without a path were taken apart.
const OPERATIONS_MAX: usize = 1_000;
/// What is ours to say, and comes back with whole resources.
const PASSED_OVER: [&str; 3] = ["schemas", "id", "meta"];

/// The operations of a request.
pub(super) fn operations(
    resource: &'static ResourceType,
    sent: &Map<String, Value>,
) -> Result<Vec<pb::PatchOperation>, ScimError> {
    let Some(Value::Array(items)) = get(sent, "Operations") else {
        return Err(ScimError::syntax("a patch needs a list of Operations"));
    };
    let mut operations = Vec::new();
    for item in items {
        let item = item.as_object().ok_or_else(|| ScimError::syntax("an operation must be an object"))?;
        operation(resource, item, &mut operations)?;
        if operations.len() > OPERATIONS_MAX {
            return Err(ScimError::value(format!("a patch has at most {OPERATIONS_MAX} operations")));
        }
    }
    Ok(operations)
}

fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn operation(
    resource: &'static ResourceType,
    sent: &Map<String, Value>,
    operations: &mut Vec<pb::PatchOperation>,
) -> Result<(), ScimError> {
    let word = get(sent, "op").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let verb = match word.as_str() {
        "add" => PatchVerb::Add,
        "replace" => PatchVerb::Replace,
        "remove" => PatchVerb::Remove,
        _ => return Err(ScimError::syntax("op must be add, replace or remove")),
    };
    let value = get(sent, "value").unwrap_or(&Value::Null);
    match get(sent, "path") {
        Some(Value::String(path)) if !path.trim().is_empty() => at_path(resource, verb, path.trim(), value, operations),
        Some(Value::String(_) | Value::Null) | None if verb == PatchVerb::Remove => {
            Err(ScimError::no_target("a removal needs a path"))
        }
        Some(Value::String(_) | Value::Null) | None => {
            let object = value.as_object();
            let object = object.ok_or_else(|| ScimError::value("without a path the value must be an object"))?;
            for (key, value) in object.iter().filter(|(key, _)| !ours(key)) {
                without_path(resource, verb, key, value, operations)?;
            }
            Ok(())
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(ScimError::path("path must be text"))
        }
    }
}

fn ours(key: &str) -> bool {
    PASSED_OVER.iter().any(|ours| ours.eq_ignore_ascii_case(key))
}

/// One key of a value without a path. What the schema does not know, or nobody may set, is passed over like in a whole
/// resource.
fn without_path(
    resource: &'static ResourceType,
    verb: PatchVerb,
    key: &str,
    value: &Value,
    operations: &mut Vec<pb::PatchOperation>,
) -> Result<(), ScimError> {
    let (path, _, _) = split_path(key).ok_or_else(|| ScimError::path(format!("{key:?} is no path")))?;
    let Some(place) = resolve(resource, path) else { return Ok(()) };
    let read_only =
        |definition: Option<&Definition>| definition.is_some_and(|one| one.mutability == Mutability::ReadOnly);
    if read_only(place.attribute) || read_only(place.part) {
        return Ok(());
    }
    at_path(resource, verb, key, value, operations)
}

fn at_path(
    resource: &'static ResourceType,
    verb: PatchVerb,
    path: &str,
    value: &Value,
    operations: &mut Vec<pb::PatchOperation>,
) -> Result<(), ScimError> {
    let wrong = || ScimError::path(format!("{path:?} leads to no attribute"));
    let (before, elements, behind) = split_path(path).ok_or_else(wrong)?;
    let place = resolve(resource, before).ok_or_else(wrong)?;
    let Some(attribute) = place.attribute else {
        return extension(&place, verb, value, operations);
    };
    let part = match behind {
        Some(name) => Some(attribute.part(name).ok_or_else(wrong)?),
        None => place.part,
    };
    let elements = match elements {
        Some(_) if !attribute.several => return Err(wrong()),
        Some(text) => Some(filter::parse(Scope::Value(attribute), text)?),
        None => None,
    };
    changeable(attribute, verb)?;
    if let Some(part) = part {
        changeable(part, verb)?;
    }
    let values = new_values(verb, attribute, part, elements.is_some(), value)?;
    // Put in the place of something, nothing takes it away.
    let verb = if values.is_empty() && verb == PatchVerb::Replace { PatchVerb::Remove } else { verb };
    if values.is_empty() && verb == PatchVerb::Add {
        return Ok(());
    }
    operations.push(pb::PatchOperation {
        verb: verb.into(),
        container: place.extension.map(|extension| extension.urn.to_owned()).into_iter().collect(),
        attribute: Some(pb::Attribute { name: attribute.name.to_owned(), several: attribute.several, values }),
        elements,
        sub_attribute: part.map(|part| part.name.to_owned()).unwrap_or_default(),
    });
    Ok(())
}

fn changeable(definition: &Definition, verb: PatchVerb) -> Result<(), ScimError> {
    match definition.mutability {
        Mutability::ReadWrite => Ok(()),
        Mutability::Immutable if verb == PatchVerb::Add => Ok(()),
        Mutability::Immutable | Mutability::ReadOnly => {
            Err(ScimError::mutability(format!("{} cannot be changed", definition.name)))
        }
    }
}

/// The values of an operation, in the type of what they are for.
fn new_values(
    verb: PatchVerb,
    attribute: &'static Definition,
    part: Option<&'static Definition>,
    elements: bool,
    value: &Value,
) -> Result<Vec<pb::AttributeValue>, ScimError> {
    if value.is_null() || verb == PatchVerb::Remove && (part.is_some() || elements) {
        return Ok(Vec::new());
    }
    if let Some(part) = part {
        return Ok(vec![decode::one(part, value)?]);
    }
    if elements {
        let first = value.as_array().map(|items| items.first().unwrap_or(&Value::Null));
        let value = first.unwrap_or(value);
        return Ok(vec![decode::one(attribute, value)?]);
    }
    Ok(decode::attribute(attribute, value)?.map(|attribute| attribute.values).unwrap_or_default())
}

/// An extension as a whole.
fn extension(
    place: &Place,
    verb: PatchVerb,
    value: &Value,
    operations: &mut Vec<pb::PatchOperation>,
) -> Result<(), ScimError> {
    let Some(extension) = place.extension else { return Ok(()) };
    if verb == PatchVerb::Remove || value.is_null() {
        operations.push(pb::PatchOperation {
            verb: PatchVerb::Remove.into(),
            attribute: Some(pb::Attribute { name: extension.urn.to_owned(), several: false, values: Vec::new() }),
            ..Default::default()
        });
        return Ok(());
    }
    let object = value.as_object().ok_or_else(|| ScimError::value(format!("{} must be an object", extension.urn)))?;
    for definition in extension.attributes {
        let Some(value) = get(object, definition.name) else { continue };
        let values = new_values(verb, definition, None, false, value)?;
        let verb = if values.is_empty() { PatchVerb::Remove } else { verb };
        operations.push(pb::PatchOperation {
            verb: verb.into(),
            container: vec![extension.urn.to_owned()],
            attribute: Some(pb::Attribute { name: definition.name.to_owned(), several: definition.several, values }),
            ..Default::default()
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
