use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::ComparisonOperator as Operator;
use freehold_proto::directory::v1::attribute_value::Value;
use freehold_proto::directory::v1::filter::Term;

use super::super::document::{complex_value, text_value};
use super::{check, meets, must_equal};

fn resource() -> Vec<pb::Attribute> {
    let emails = vec![
        complex_value(&[("value", "a@work.example"), ("type", "work")]),
        complex_value(&[("value", "a@home.example"), ("type", "home")]),
    ];
    vec![
        pb::Attribute { name: "userName".to_owned(), several: false, values: vec![text_value("Anna")] },
        pb::Attribute { name: "emails".to_owned(), several: true, values: emails },
        pb::Attribute {
            name: "age".to_owned(),
            several: false,
            values: vec![pb::AttributeValue { value: Some(Value::Whole(30)) }],
        },
    ]
}

fn comparison(path: &str, operator: Operator, value: Option<Value>, case_exact: bool) -> pb::Filter {
    let value = value.map(|value| pb::AttributeValue { value: Some(value) });
    let path = path.split('.').map(str::to_owned).collect();
    let term = Term::Comparison(pb::Comparison { path, operator: operator.into(), value, case_exact });
    pb::Filter { term: Some(term) }
}

fn text(path: &str, operator: Operator, value: &str) -> pb::Filter {
    comparison(path, operator, Some(Value::Text(value.to_owned())), false)
}

#[test]
fn every_operator_holds_values_against_a_value() {
    for (filter, wanted) in [
        (text("userName", Operator::Eq, "aNNA"), true),
        (comparison("userName", Operator::Eq, Some(Value::Text("anna".to_owned())), true), false),
        (text("userName", Operator::Ne, "anna"), false),
        (text("userName", Operator::Co, "NN"), true),
        (text("userName", Operator::Sw, "an"), true),
        (text("userName", Operator::Ew, "na"), true),
        (text("userName", Operator::Gt, "aaa"), true),
        (text("userName", Operator::Le, "aaa"), false),
        (text("emails.value", Operator::Ew, "home.example"), true),
        (text("emails.value", Operator::Ne, "a@home.example"), false),
        (text("nickName", Operator::Ne, "x"), true),
        (comparison("nickName", Operator::Pr, None, false), false),
        (comparison("emails", Operator::Pr, None, false), true),
        (comparison("nickName", Operator::Eq, None, false), true),
        (comparison("age", Operator::Ge, Some(Value::Whole(30)), false), true),
        (comparison("age", Operator::Lt, Some(Value::Whole(30)), false), false),
        (comparison("age", Operator::Eq, Some(Value::Text("30".to_owned())), false), false),
    ] {
        assert_eq!(meets(&filter, &resource()), wanted, "{filter:?}");
    }
}

#[test]
fn one_value_meets_all_of_an_element_filter() {
    let both = |kind: &str, value: &str| {
        let filters = vec![text("type", Operator::Eq, kind), text("value", Operator::Co, value)];
        let inner = pb::Filter { term: Some(Term::AllOf(pb::FilterList { filters })) };
        let element = pb::ElementFilter { path: vec!["emails".to_owned()], filter: Some(Box::new(inner)) };
        pb::Filter { term: Some(Term::Element(Box::new(element))) }
    };
    assert!(meets(&both("work", "work.example"), &resource()));
    assert!(!meets(&both("work", "home.example"), &resource()));
}

#[test]
fn what_must_be_equal_is_found_in_conjunctions_only() {
    let name = text("userName", Operator::Eq, "anna");
    let all = |filters| pb::Filter { term: Some(Term::AllOf(pb::FilterList { filters })) };
    let any = |filters| pb::Filter { term: Some(Term::AnyOf(pb::FilterList { filters })) };
    assert_eq!(must_equal(&all(vec![text("title", Operator::Pr, ""), name.clone()]), "userName"), Some("anna"));
    assert_eq!(must_equal(&any(vec![name.clone(), name]), "userName"), None);
    assert_eq!(must_equal(&text("userName", Operator::Sw, "anna"), "userName"), None);
}

#[test]
fn a_filter_has_a_largest_size() {
    let mut deep = text("a", Operator::Eq, "b");
    assert!(check(&deep).is_ok());
    for _ in 0..20 {
        deep = pb::Filter { term: Some(Term::NoneOf(pb::FilterList { filters: vec![deep] })) };
    }
    assert!(check(&deep).is_err());
    let many = vec![text("a", Operator::Eq, "b"); 101];
    assert!(check(&pb::Filter { term: Some(Term::AnyOf(pb::FilterList { filters: many })) }).is_err());
    assert!(check(&pb::Filter { term: None }).is_err());
}
