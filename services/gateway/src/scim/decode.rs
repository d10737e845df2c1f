//! JSON to named values: held against the schema, in its spelling. What the schema does not know is left out
//! (RFC 7643 section 3.3), and what is usual although it is wrong is understood.

use chrono::DateTime;
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attribute_value::Value as Sent;
use serde_json::{Map, Value};

use super::error::ScimError;
use super::schema::{COMMON, CORE_1, Definition, Form, Mutability, ResourceType, named};

/// The longest text, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// How many values an attribute may have, members of a group apart.
const VALUES_MAX: usize = 1_000;

/// The attributes of a whole resource; what is read-only is left out.
pub(super) fn resource(
    resource: &'static ResourceType,
    object: &Map<String, Value>,
) -> Result<Vec<pb::Attribute>, ScimError> {
    check_schemas(resource, object)?;
    let mut attributes = Vec::new();
    for (key, value) in object {
        if let Some(extension) = resource.extensions.iter().find(|extension| extension.is(key)) {
            let Value::Object(object) = value else {
                if value.is_null() {
                    continue;
                }
                return Err(ScimError::value(format!("{key} must be an object")));
            };
            let parts = parts(extension.attributes, object)?;
            if !parts.is_empty() {
                attributes.push(pb::Attribute {
                    name: extension.urn.to_owned(),
                    several: false,
                    values: vec![complex(parts)],
                });
            }
        } else if let Some(definition) = named(resource.attributes, key).or_else(|| named(&COMMON, key))
            && definition.mutability != Mutability::ReadOnly
        {
            attributes.extend(attribute(definition, value)?);
        }
    }
    Ok(attributes)
}

fn check_schemas(resource: &ResourceType, object: &Map<String, Value>) -> Result<(), ScimError> {
    let sent = object.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas"));
    let Some((_, Value::Array(urns))) = sent else { return Ok(()) };
    let core = |urn: &Value| {
        urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(resource.urn) || urn.eq_ignore_ascii_case(CORE_1))
    };
    if urns.is_empty() || urns.iter().any(core) {
        Ok(())
    } else {
        Err(ScimError::value(format!("schemas must name {}", resource.urn)))
    }
}

fn parts(definitions: &'static [Definition], object: &Map<String, Value>) -> Result<Vec<pb::Attribute>, ScimError> {
    let mut attributes = Vec::new();
    for (key, value) in object {
        if let Some(definition) = named(definitions, key)
            && definition.mutability != Mutability::ReadOnly
        {
            attributes.extend(attribute(definition, value)?);
        }
    }
    Ok(attributes)
}

/// One attribute; nothing when the value says that it has none.
pub(super) fn attribute(definition: &'static Definition, value: &Value) -> Result<Option<pb::Attribute>, ScimError> {
    let values = match value {
        Value::Null => Vec::new(),
        Value::Array(items) if definition.several => {
            if items.len() > VALUES_MAX && definition.name != "members" {
                return Err(ScimError::value(format!("{} has at most {VALUES_MAX} values", definition.name)));
            }
            items.iter().map(|item| one(definition, item)).collect::<Result<Vec<_>, _>>()?
        }
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![one(definition, value)?]
        }
    };
    let primaries = values.iter().filter(|value| is_primary(value)).count();
    if primaries > 1 {
        return Err(ScimError::value(format!("{} has {primaries} primary values", definition.name)));
    }
    let says = |value: &pb::AttributeValue| match &value.value {
        Some(Sent::Complex(complex)) => !complex.attributes.is_empty(),
        Some(Sent::Text(_) | Sent::Truth(_) | Sent::Whole(_)) => true,
        None => false,
    };
    let values: Vec<_> = values.into_iter().filter(says).collect();
    let name = definition.name.to_owned();
    Ok((!values.is_empty()).then_some(pb::Attribute { name, several: definition.several, values }))
}

fn is_primary(value: &pb::AttributeValue) -> bool {
    let Some(Sent::Complex(complex)) = &value.value else { return false };
    let primary = complex.attributes.iter().find(|part| part.name == "primary");
    primary.is_some_and(|part| part.values.iter().any(|value| value.value == Some(Sent::Truth(true))))
}

/// One value of an attribute.
pub(super) fn one(definition: &'static Definition, value: &Value) -> Result<pb::AttributeValue, ScimError> {
    let wrong = |what: &str| ScimError::value(format!("{} must be {what}", definition.name));
    let sent = match definition.form {
        Form::Text | Form::Reference => Sent::Text(text(value).ok_or_else(|| wrong("text"))?),
        Form::Moment => {
            let text = text(value).ok_or_else(|| wrong("a moment"))?;
            DateTime::parse_from_rfc3339(&text).map_err(|_malformed| wrong("a moment such as 2026-01-31T08:00:00Z"))?;
            Sent::Text(text)
        }
        Form::Truth => Sent::Truth(truth(value).ok_or_else(|| wrong("true or false"))?),
        Form::Whole => Sent::Whole(whole(value).ok_or_else(|| wrong("a whole number"))?),
        Form::Complex => return complex_value(definition, value),
    };
    match &sent {
        Sent::Text(text) if text.len() > TEXT_BYTES_MAX => Err(wrong("at most 64 KiB")),
        Sent::Text(_) | Sent::Truth(_) | Sent::Whole(_) | Sent::Complex(_) => {
            Ok(pb::AttributeValue { value: Some(sent) })
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Entra sends its truths as text, unless it is told not to.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::String(_) | Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn complex_value(definition: &'static Definition, value: &Value) -> Result<pb::AttributeValue, ScimError> {
    let object = match value {
        Value::Object(object) => object,
        // A value alone stands for itself.
        Value::String(_) | Value::Number(_) if definition.part("value").is_some() => {
            let part = definition.part("value").map(|part| attribute(part, value)).transpose()?.flatten();
            return Ok(complex(part.into_iter().collect()));
        }
        Value::String(_) | Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) => {
            return Err(ScimError::value(format!("{} must be an object", definition.name)));
        }
    };
    let mut attributes = Vec::new();
    for (key, value) in object {
        // Where a resource is follows from its id; it is ours to say.
        if let Some(part) = definition.part(key)
            && part.mutability != Mutability::ReadOnly
            && part.name != "$ref"
        {
            attributes.extend(attribute(part, value)?);
        }
    }
    let value_part = definition.part("value");
    let reference = object.iter().find(|(key, _)| key.as_str() == "$ref").and_then(|(_, value)| value.as_str());
    if let (Some(part), Some(address)) = (value_part, reference)
        && !attributes.iter().any(|attribute: &pb::Attribute| attribute.name == "value")
    {
        let id = address.rsplit('/').next().unwrap_or_default();
        attributes.extend(attribute(part, &Value::String(id.to_owned()))?);
    }
    Ok(complex(attributes))
}

pub(super) fn complex(attributes: Vec<pb::Attribute>) -> pb::AttributeValue {
    pb::AttributeValue { value: Some(Sent::Complex(pb::ComplexValue { attributes })) }
}
