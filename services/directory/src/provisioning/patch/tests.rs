use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::PatchVerb::{self, Add, Remove, Replace};
use freehold_proto::directory::v1::attribute_value::Value;
use freehold_proto::directory::v1::filter::Term;
use freehold_types::Reason;

use super::super::document::{complex_value, text, text_value};
use super::apply;

fn emails(values: &[(&str, &str)]) -> pb::Attribute {
    let value = |(kind, value): &(&str, &str)| complex_value(&[("value", value), ("type", kind)]);
    pb::Attribute { name: "emails".to_owned(), several: true, values: values.iter().map(value).collect() }
}

fn single(name: &str, value: pb::AttributeValue) -> pb::Attribute {
    pb::Attribute { name: name.to_owned(), several: false, values: vec![value] }
}

fn operation(verb: PatchVerb, attribute: pb::Attribute) -> pb::PatchOperation {
    pb::PatchOperation { verb: verb.into(), attribute: Some(attribute), ..Default::default() }
}

fn of_type(kind: &str, mut operation: pb::PatchOperation, sub: &str) -> pb::PatchOperation {
    let comparison = pb::Comparison {
        path: vec!["type".to_owned()],
        operator: pb::ComparisonOperator::Eq.into(),
        value: Some(text_value(kind)),
        case_exact: false,
    };
    operation.elements = Some(pb::Filter { term: Some(Term::Comparison(comparison)) });
    operation.sub_attribute = sub.to_owned();
    operation
}

fn listed(attributes: &[pb::Attribute]) -> Vec<String> {
    let emails = attributes.iter().find(|attribute| attribute.name == "emails");
    let values = emails.map(|attribute| attribute.values.as_slice()).unwrap_or_default();
    values.iter().map(|value| text(super::inside(value), &["value"]).to_owned()).collect()
}

#[test]
fn values_are_added_once_replaced_and_removed() {
    let mut attributes = vec![emails(&[("work", "a")])];
    apply(&mut attributes, &operation(Add, emails(&[("work", "a"), ("home", "b")]))).unwrap();
    assert_eq!(listed(&attributes), ["a", "b"]);
    apply(&mut attributes, &operation(Remove, emails(&[("home", "b")]))).unwrap();
    assert_eq!(listed(&attributes), ["a"]);
    apply(&mut attributes, &operation(Replace, emails(&[("home", "c")]))).unwrap();
    assert_eq!(listed(&attributes), ["c"]);
    apply(&mut attributes, &operation(Remove, emails(&[]))).unwrap();
    assert!(attributes.is_empty(), "what has no value is not there");
}

#[test]
fn selected_values_change_and_the_others_stay() {
    let mut attributes = vec![emails(&[("work", "a"), ("home", "b")])];
    let new = |value: &str| pb::Attribute { values: vec![text_value(value)], ..emails(&[]) };
    apply(&mut attributes, &of_type("work", operation(Replace, new("x")), "value")).unwrap();
    assert_eq!(listed(&attributes), ["x", "b"]);
    let missing = apply(&mut attributes, &of_type("other", operation(Replace, new("y")), "value")).unwrap_err();
    assert_eq!(missing.reason(), Reason::NoTarget);
    apply(&mut attributes, &of_type("other", operation(Add, new("z")), "value")).unwrap();
    assert_eq!(listed(&attributes), ["x", "b", "z"], "an addition makes the value it describes");
    apply(&mut attributes, &of_type("home", operation(Remove, emails(&[])), "")).unwrap();
    assert_eq!(listed(&attributes), ["x", "z"]);
}

#[test]
fn a_new_primary_value_takes_the_place_of_the_old_one() {
    let primary = |value: &str| {
        let mut complex = complex_value(&[("value", value)]);
        if let Some(Value::Complex(parts)) = &mut complex.value {
            parts.attributes.push(single("primary", pb::AttributeValue { value: Some(Value::Truth(true)) }));
        }
        pb::Attribute { values: vec![complex], ..emails(&[]) }
    };
    let mut attributes = vec![primary("a")];
    apply(&mut attributes, &operation(Add, primary("b"))).unwrap();
    let primaries: Vec<bool> = attributes[0].values.iter().map(super::is_primary).collect();
    assert_eq!(primaries, [false, true]);
}

#[test]
fn a_complex_value_keeps_what_the_new_one_does_not_say() {
    let name = |parts: &[(&str, &str)]| single("name", complex_value(parts));
    let mut attributes = vec![name(&[("givenName", "A"), ("familyName", "B")])];
    apply(&mut attributes, &operation(Replace, name(&[("familyName", "C")]))).unwrap();
    assert_eq!((text(&attributes, &["name", "givenName"]), text(&attributes, &["name", "familyName"])), ("A", "C"));
    let mut inside = operation(Add, single("department", text_value("D")));
    inside.container = vec!["urn".to_owned()];
    apply(&mut attributes, &inside).unwrap();
    assert_eq!(text(&attributes, &["urn", "department"]), "D");
    let mut gone = operation(Remove, single("department", text_value("D")));
    gone.container = vec!["urn".to_owned()];
    apply(&mut attributes, &gone).unwrap();
    assert_eq!(attributes.len(), 1, "an extension without values is not there");
}
