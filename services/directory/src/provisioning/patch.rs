//! Changes attributes of a resource as a patch says (RFC 7644 section 3.5.2). Pure: the gateway held the operations
//! against the schema.

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::PatchVerb;
use freehold_proto::directory::v1::attribute_value::Value;
use freehold_proto::directory::v1::filter::Term;
use freehold_types::{Fault, Kind, Reason, Violation};

use super::document::{find, inside};
use super::filter;

/// Does one operation.
///
/// # Errors
/// Invalid when the operation says nothing; no target when a replacement selects values and there is none.
pub(crate) fn apply(attributes: &mut Vec<pb::Attribute>, operation: &pb::PatchOperation) -> Result<(), Fault> {
    let verb = operation.verb();
    let new = operation.attribute.as_ref().filter(|attribute| !attribute.name.is_empty());
    let (Some(new), false) = (new, verb == PatchVerb::Unspecified) else {
        let message = "needs a verb and an attribute".to_owned();
        return Err(Fault::invalid(vec![Violation { field: "operations".to_owned(), message }]));
    };
    if let Some(elements) = &operation.elements {
        filter::check(elements)?;
    }
    let Some(place) = descend(attributes, &operation.container, verb) else { return Ok(()) };
    if operation.elements.is_none() && operation.sub_attribute.is_empty() {
        whole(place, verb, new);
    } else {
        parts(place, verb, new, operation)?;
    }
    prune(attributes);
    Ok(())
}

/// The attributes of the container at the end of `path`; made on the way unless something is removed.
fn descend<'a>(
    attributes: &'a mut Vec<pb::Attribute>,
    path: &[String],
    verb: PatchVerb,
) -> Option<&'a mut Vec<pb::Attribute>> {
    let Some((name, rest)) = path.split_first() else { return Some(attributes) };
    if find(attributes, name).is_none() {
        if verb == PatchVerb::Remove {
            return None;
        }
        let empty = pb::AttributeValue { value: Some(Value::Complex(pb::ComplexValue::default())) };
        attributes.push(pb::Attribute { name: name.clone(), several: false, values: vec![empty] });
    }
    let container = attributes.iter_mut().find(|attribute| attribute.name == *name)?;
    match container.values.first_mut().and_then(|value| value.value.as_mut()) {
        Some(Value::Complex(complex)) => descend(&mut complex.attributes, rest, verb),
        Some(Value::Text(_) | Value::Truth(_) | Value::Whole(_)) | None => None,
    }
}

/// Changes an attribute as a whole.
fn whole(place: &mut Vec<pb::Attribute>, verb: PatchVerb, new: &pb::Attribute) {
    let known = place.iter_mut().find(|attribute| attribute.name == new.name);
    match (verb, known) {
        (PatchVerb::Remove, Some(known)) => {
            if new.values.is_empty() {
                known.values.clear();
            } else {
                known.values.retain(|value| !new.values.iter().any(|gone| same(value, gone)));
            }
        }
        (PatchVerb::Remove | PatchVerb::Unspecified, _) => {}
        (PatchVerb::Add | PatchVerb::Replace, None) => place.push(new.clone()),
        (PatchVerb::Add, Some(known)) if known.several => add_values(known, &new.values),
        (PatchVerb::Add | PatchVerb::Replace, Some(known)) => {
            match (known.several, known.values.first_mut(), new.values.first()) {
                (false, Some(old), Some(new)) => merge(old, new),
                _ => known.values.clone_from(&new.values),
            }
        }
    }
}

/// Adds values that are not there yet; a primary one takes the place of the other.
fn add_values(known: &mut pb::Attribute, new: &[pb::AttributeValue]) {
    if new.iter().any(is_primary) {
        known.values.iter_mut().for_each(demote);
    }
    if known.name == "members" {
        // Groups can be large: looked up, not searched.
        let there: std::collections::HashSet<String> =
            known.values.iter().map(|value| id_of(value).to_owned()).collect();
        known.values.extend(new.iter().filter(|value| !there.contains(id_of(value))).cloned());
        return;
    }
    for value in new {
        if let Some(old) = known.values.iter_mut().find(|old| same(old, value)) {
            merge(old, value);
        } else {
            known.values.push(value.clone());
        }
    }
}

fn id_of(value: &pb::AttributeValue) -> &str {
    super::document::text(inside(value), &["value"])
}

/// Changes some values of an attribute, or a sub-attribute of them.
fn parts(
    place: &mut Vec<pb::Attribute>,
    verb: PatchVerb,
    new: &pb::Attribute,
    operation: &pb::PatchOperation,
) -> Result<(), Fault> {
    let sub = operation.sub_attribute.as_str();
    if find(place, &new.name).is_none() && verb != PatchVerb::Remove {
        place.push(pb::Attribute { name: new.name.clone(), several: new.several, values: Vec::new() });
    }
    let Some(known) = place.iter_mut().find(|attribute| attribute.name == new.name) else { return Ok(()) };
    let meets = |value: &pb::AttributeValue| {
        operation.elements.as_ref().is_none_or(|elements| filter::element_meets(elements, value))
    };
    if verb == PatchVerb::Remove {
        if sub.is_empty() {
            known.values.retain(|value| !meets(value));
        } else {
            for value in known.values.iter_mut().filter(|value| meets(value)) {
                edit(value, |parts| parts.retain(|part| part.name != sub));
            }
        }
        return Ok(());
    }
    if !known.values.iter().any(meets) {
        if operation.elements.is_some() && verb == PatchVerb::Replace {
            let message = format!("no value of {} is selected by the filter", new.name);
            return Err(Fault::new(Kind::Invalid, Reason::NoTarget, message));
        }
        let mut fresh = pb::AttributeValue { value: Some(Value::Complex(pb::ComplexValue::default())) };
        let wanted = operation.elements.as_ref().map(described).unwrap_or_default();
        edit(&mut fresh, |parts| parts.extend(wanted));
        known.values.push(fresh);
    }
    let primary = sub == "primary" && new.values.iter().any(|value| value.value == Some(Value::Truth(true)))
        || sub.is_empty() && new.values.iter().any(is_primary);
    for value in &mut known.values {
        if !meets(value) {
            if primary {
                demote(value);
            }
            continue;
        }
        match new.values.first() {
            Some(new) if sub.is_empty() => merge(value, new),
            Some(new) => edit(value, |parts| put(parts, sub, new)),
            None => {}
        }
    }
    Ok(())
}

/// The sub-attributes that a value must have to meet a filter of equalities, for example `type eq "work"`.
fn described(filter: &pb::Filter) -> Vec<pb::Attribute> {
    match &filter.term {
        Some(Term::Comparison(comparison)) if comparison.operator() == pb::ComparisonOperator::Eq => {
            match (comparison.path.as_slice(), &comparison.value) {
                ([name], Some(value)) => {
                    vec![pb::Attribute { name: name.clone(), several: false, values: vec![value.clone()] }]
                }
                _ => Vec::new(),
            }
        }
        Some(Term::AllOf(list)) => list.filters.iter().flat_map(described).collect(),
        Some(Term::Comparison(_) | Term::AnyOf(_) | Term::NoneOf(_) | Term::Element(_)) | None => Vec::new(),
    }
}

/// Puts a value in the place of another; of a complex one only the sub-attributes that the new one has.
fn merge(old: &mut pb::AttributeValue, new: &pb::AttributeValue) {
    match (&mut old.value, &new.value) {
        (Some(Value::Complex(old)), Some(Value::Complex(new))) => {
            for part in &new.attributes {
                match old.attributes.iter_mut().find(|known| known.name == part.name) {
                    Some(known) => match (known.several, known.values.first_mut(), part.values.first()) {
                        (false, Some(old), Some(new)) => merge(old, new),
                        _ => known.values.clone_from(&part.values),
                    },
                    None => old.attributes.push(part.clone()),
                }
            }
        }
        (old, new) => old.clone_from(new),
    }
}

fn edit(value: &mut pb::AttributeValue, change: impl FnOnce(&mut Vec<pb::Attribute>)) {
    if let Some(Value::Complex(complex)) = &mut value.value {
        change(&mut complex.attributes);
    }
}

fn put(parts: &mut Vec<pb::Attribute>, name: &str, value: &pb::AttributeValue) {
    match parts.iter_mut().find(|part| part.name == name) {
        Some(part) => part.values = vec![value.clone()],
        None => parts.push(pb::Attribute { name: name.to_owned(), several: false, values: vec![value.clone()] }),
    }
}

/// Whether two values are the same one: complex ones by their `value` and, when both have it, their `type`.
fn same(one: &pb::AttributeValue, other: &pb::AttributeValue) -> bool {
    let (parts, others) = (inside(one), inside(other));
    let both = |name| (find(parts, name).map(|part| &part.values), find(others, name).map(|part| &part.values));
    match both("value") {
        (Some(value), Some(other_value)) => {
            let kinds = both("type");
            value == other_value && (kinds.0.is_none() || kinds.1.is_none() || kinds.0 == kinds.1)
        }
        _ => one == other,
    }
}

fn is_primary(value: &pb::AttributeValue) -> bool {
    super::document::truth(inside(value), "primary") == Some(true)
}

fn demote(value: &mut pb::AttributeValue) {
    if is_primary(value) {
        edit(value, |parts| put(parts, "primary", &pb::AttributeValue { value: Some(Value::Truth(false)) }));
    }
}

/// Takes out what has no value any more.
fn prune(attributes: &mut Vec<pb::Attribute>) {
    for attribute in attributes.iter_mut() {
        for value in &mut attribute.values {
            edit(value, prune);
        }
        attribute.values.retain(|value| match &value.value {
            Some(Value::Complex(complex)) => !complex.attributes.is_empty(),
            Some(Value::Text(_) | Value::Truth(_) | Value::Whole(_)) => true,
            None => false,
        });
    }
    attributes.retain(|attribute| !attribute.values.is_empty());
}

#[cfg(test)]
mod tests;
