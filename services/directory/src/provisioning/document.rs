//! What an IdP said of a resource, as named values. The contract's messages are the form in which it is sealed, too, so
//! their numbers are for ever.

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attribute_value::Value;

/// What an IdP said, read-only attributes left out.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Document {
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<pb::Attribute>,
}

/// URN of the enterprise extension (RFC 7643 section 4.3).
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The attribute of that name.
pub(crate) fn find<'a>(attributes: &'a [pb::Attribute], name: &str) -> Option<&'a pb::Attribute> {
    attributes.iter().find(|attribute| attribute.name == name)
}

/// The sub-attributes of a complex value.
pub(crate) fn inside(value: &pb::AttributeValue) -> &[pb::Attribute] {
    match &value.value {
        Some(Value::Complex(complex)) => &complex.attributes,
        Some(Value::Text(_) | Value::Truth(_) | Value::Whole(_)) | None => &[],
    }
}

/// All values at the end of a path of names, through every value on the way.
pub(crate) fn values<'a>(attributes: &'a [pb::Attribute], path: &[String]) -> Vec<&'a pb::AttributeValue> {
    let Some((first, rest)) = path.split_first() else { return Vec::new() };
    let Some(attribute) = find(attributes, first) else { return Vec::new() };
    if rest.is_empty() {
        return attribute.values.iter().collect();
    }
    attribute.values.iter().flat_map(|value| values(inside(value), rest)).collect()
}

/// The one text at the end of a path; empty when there is none.
pub(crate) fn text<'a>(attributes: &'a [pb::Attribute], path: &[&str]) -> &'a str {
    let Some((first, rest)) = path.split_first() else { return "" };
    let Some(value) = find(attributes, first).and_then(|attribute| attribute.values.first()) else { return "" };
    match &value.value {
        Some(Value::Text(text)) if rest.is_empty() => text,
        Some(Value::Complex(complex)) => self::text(&complex.attributes, rest),
        Some(Value::Text(_) | Value::Truth(_) | Value::Whole(_)) | None => "",
    }
}

/// The one truth of that name.
pub(crate) fn truth(attributes: &[pb::Attribute], name: &str) -> Option<bool> {
    match find(attributes, name)?.values.first()?.value {
        Some(Value::Truth(truth)) => Some(truth),
        Some(Value::Text(_) | Value::Whole(_) | Value::Complex(_)) | None => None,
    }
}

/// A value of text.
pub(crate) fn text_value(text: impl Into<String>) -> pb::AttributeValue {
    pb::AttributeValue { value: Some(Value::Text(text.into())) }
}

/// A value of sub-attributes that are texts.
pub(crate) fn complex_value(parts: &[(&str, &str)]) -> pb::AttributeValue {
    let part = |(name, text): &(&str, &str)| pb::Attribute {
        name: (*name).to_owned(),
        several: false,
        values: vec![text_value(*text)],
    };
    let complex = pb::ComplexValue { attributes: parts.iter().map(part).collect() };
    pb::AttributeValue { value: Some(Value::Complex(complex)) }
}
