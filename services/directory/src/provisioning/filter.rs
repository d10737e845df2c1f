//! Holds resources against a filter (RFC 7644 section 3.4.2.2). Pure: the gateway parsed the text and knows the schema.

use std::cmp::Ordering;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::ComparisonOperator as Operator;
use freehold_proto::directory::v1::attribute_value::Value;
use freehold_proto::directory::v1::filter::Term;
use freehold_types::{Fault, Violation};

use super::document::{inside, values};

/// How deep a filter may be.
const DEPTH_MAX: usize = 16;
/// How many comparisons a filter may have.
const COMPARISONS_MAX: usize = 100;

/// Refuses a filter that is too large or says nothing.
pub(crate) fn check(filter: &pb::Filter) -> Result<(), Fault> {
    let mut comparisons = 0;
    if sound(filter, DEPTH_MAX, &mut comparisons) && comparisons <= COMPARISONS_MAX {
        return Ok(());
    }
    let message = format!("must be whole, at most {DEPTH_MAX} deep and of at most {COMPARISONS_MAX} comparisons");
    Err(Fault::invalid(vec![Violation { field: "filter".to_owned(), message }]))
}

fn sound(filter: &pb::Filter, depth: usize, comparisons: &mut usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match &filter.term {
        Some(Term::Comparison(comparison)) => {
            *comparisons = comparisons.saturating_add(1);
            let operator = Operator::try_from(comparison.operator);
            !comparison.path.is_empty() && operator.is_ok_and(|operator| operator != Operator::Unspecified)
        }
        Some(Term::AllOf(list) | Term::AnyOf(list) | Term::NoneOf(list)) => {
            !list.filters.is_empty() && list.filters.iter().all(|filter| sound(filter, depth, comparisons))
        }
        Some(Term::Element(element)) => {
            let inner = element.filter.as_ref();
            !element.path.is_empty() && inner.is_some_and(|filter| sound(filter, depth, comparisons))
        }
        None => false,
    }
}

/// Whether a filter, or a part of it, is about the attribute of that name.
pub(crate) fn mentions(filter: &pb::Filter, name: &str) -> bool {
    match &filter.term {
        Some(Term::Comparison(comparison)) => comparison.path.first().is_some_and(|first| first == name),
        Some(Term::AllOf(list) | Term::AnyOf(list) | Term::NoneOf(list)) => {
            list.filters.iter().any(|filter| mentions(filter, name))
        }
        Some(Term::Element(element)) => element.path.first().is_some_and(|first| first == name),
        None => false,
    }
}

/// What the attribute of that name must be equal to for the filter to hold, when the filter says so.
pub(crate) fn must_equal<'a>(filter: &'a pb::Filter, name: &str) -> Option<&'a str> {
    match &filter.term {
        Some(Term::Comparison(comparison)) => match (&comparison.path[..], &comparison.value) {
            ([only], Some(pb::AttributeValue { value: Some(Value::Text(text)) }))
                if only == name && comparison.operator() == Operator::Eq =>
            {
                Some(text)
            }
            _ => None,
        },
        Some(Term::AllOf(list)) => list.filters.iter().find_map(|filter| must_equal(filter, name)),
        Some(Term::AnyOf(_) | Term::NoneOf(_) | Term::Element(_)) | None => None,
    }
}

/// Whether these attributes, of a resource or of a value, meet the filter.
pub(crate) fn meets(filter: &pb::Filter, attributes: &[pb::Attribute]) -> bool {
    match &filter.term {
        Some(Term::Comparison(comparison)) => compares(comparison, &values(attributes, &comparison.path)),
        Some(Term::AllOf(list)) => list.filters.iter().all(|filter| meets(filter, attributes)),
        Some(Term::AnyOf(list)) => list.filters.iter().any(|filter| meets(filter, attributes)),
        Some(Term::NoneOf(list)) => !list.filters.iter().any(|filter| meets(filter, attributes)),
        Some(Term::Element(element)) => {
            let Some(inner) = &element.filter else { return false };
            values(attributes, &element.path).into_iter().any(|value| element_meets(inner, value))
        }
        None => false,
    }
}

/// Whether one value of an attribute meets a filter; a simple value is its own sub-attribute `value`.
pub(crate) fn element_meets(filter: &pb::Filter, value: &pb::AttributeValue) -> bool {
    match &value.value {
        Some(Value::Complex(_)) => meets(filter, inside(value)),
        Some(Value::Text(_) | Value::Truth(_) | Value::Whole(_)) => {
            let itself = pb::Attribute { name: "value".to_owned(), several: false, values: vec![value.clone()] };
            meets(filter, &[itself])
        }
        None => false,
    }
}

fn compares(comparison: &pb::Comparison, found: &[&pb::AttributeValue]) -> bool {
    let operator = comparison.operator();
    let present = found.iter().any(|value| says_something(value));
    let Some(wanted) = comparison.value.as_ref().and_then(|value| value.value.as_ref()) else {
        // Compared with null, and `pr`.
        return match operator {
            Operator::Eq => !present,
            Operator::Pr | Operator::Ne => present,
            Operator::Unspecified
            | Operator::Co
            | Operator::Sw
            | Operator::Ew
            | Operator::Gt
            | Operator::Ge
            | Operator::Lt
            | Operator::Le => false,
        };
    };
    let any = |operator| {
        let mut values = found.iter().filter_map(|value| value.value.as_ref());
        values.any(|value| holds(operator, value, wanted, comparison.case_exact))
    };
    match operator {
        Operator::Ne => !any(Operator::Eq),
        Operator::Pr => present,
        Operator::Unspecified
        | Operator::Eq
        | Operator::Co
        | Operator::Sw
        | Operator::Ew
        | Operator::Gt
        | Operator::Ge
        | Operator::Lt
        | Operator::Le => any(operator),
    }
}

fn says_something(value: &pb::AttributeValue) -> bool {
    match &value.value {
        Some(Value::Text(text)) => !text.is_empty(),
        Some(Value::Truth(_) | Value::Whole(_)) => true,
        Some(Value::Complex(complex)) => complex.attributes.iter().any(|part| part.values.iter().any(says_something)),
        None => false,
    }
}

fn holds(operator: Operator, value: &Value, wanted: &Value, case_exact: bool) -> bool {
    match (value, wanted) {
        (Value::Text(value), Value::Text(wanted)) if case_exact => text_holds(operator, value, wanted),
        (Value::Text(value), Value::Text(wanted)) => text_holds(operator, &fold(value), &fold(wanted)),
        (Value::Truth(value), Value::Truth(wanted)) => operator == Operator::Eq && value == wanted,
        (Value::Whole(value), Value::Whole(wanted)) => in_order(operator, value.cmp(wanted)),
        _ => false,
    }
}

fn text_holds(operator: Operator, value: &str, wanted: &str) -> bool {
    match operator {
        Operator::Co => value.contains(wanted),
        Operator::Sw => value.starts_with(wanted),
        Operator::Ew => value.ends_with(wanted),
        Operator::Unspecified
        | Operator::Eq
        | Operator::Ne
        | Operator::Gt
        | Operator::Ge
        | Operator::Lt
        | Operator::Le
        | Operator::Pr => in_order(operator, value.cmp(wanted)),
    }
}

const fn in_order(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Unspecified | Operator::Ne | Operator::Co | Operator::Sw | Operator::Ew | Operator::Pr => false,
    }
}

/// Text without its case.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests;
