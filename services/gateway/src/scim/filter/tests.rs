use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attribute_value::Value;
use freehold_proto::directory::v1::filter::Term;

use super::super::schema::TYPES;
use super::{Scope, parse, split_path};

fn users() -> Scope {
    Scope::Resource(&TYPES[0])
}

/// A filter in one line, to be read.
fn told(filter: &pb::Filter) -> String {
    let list = |word: &str, list: &pb::FilterList| {
        let parts: Vec<String> = list.filters.iter().map(told).collect();
        format!("{word}({})", parts.join(" "))
    };
    match filter.term.as_ref().unwrap() {
        Term::Comparison(comparison) => {
            let value = match comparison.value.as_ref().and_then(|value| value.value.clone()) {
                Some(Value::Text(text)) => format!("{text:?}"),
                Some(Value::Truth(truth)) => truth.to_string(),
                Some(Value::Whole(number)) => number.to_string(),
                Some(Value::Complex(_)) | None => "-".to_owned(),
            };
            let exact = if comparison.case_exact { "!" } else { "" };
            format!("{} {:?}{exact} {value}", comparison.path.join("."), comparison.operator())
        }
        Term::AllOf(filters) => list("all", filters),
        Term::AnyOf(filters) => list("any", filters),
        Term::NoneOf(filters) => list("not", filters),
        Term::Element(element) => format!("{}[{}]", element.path.join("."), told(element.filter.as_ref().unwrap())),
    }
}

fn read(text: &str) -> String {
    told(&parse(users(), text).unwrap_or_else(|error| panic!("{text}: {error:?}")))
}

#[test]
fn what_the_standard_shows_is_read() {
    for (text, wanted) in [
        (r#"userName eq "bjensen""#, r#"userName Eq "bjensen""#),
        (r#"USERNAME Eq "x""#, r#"userName Eq "x""#),
        (r#"name.familyName co "O'Malley""#, r#"name.familyName Co "O'Malley""#),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, r#"userName Sw "J""#),
        ("title pr", "title Pr -"),
        (r#"externalId eq "a\"b""#, r#"externalId Eq! "a\"b""#),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, r#"meta.lastModified Gt "2011-05-13T04:42:34.000000Z""#),
        (r#"meta.created ge "2011-05-13T06:42:34+02:00""#, r#"meta.created Ge "2011-05-13T04:42:34.000000Z""#),
        (
            r#"title pr and userType eq "Employee" or active eq true"#,
            r#"any(all(title Pr - userType Eq "Employee") active Eq true)"#,
        ),
        (
            r#"title pr and (userType eq "a" or userType eq "b")"#,
            r#"all(title Pr - any(userType Eq "a" userType Eq "b"))"#,
        ),
        (r#"not (emails co "example.com")"#, r#"not(emails.value Co "example.com")"#),
        (r#"emails[type eq "work" and value co "@x"]"#, r#"emails[all(type Eq "work" value Co "@x")]"#),
        (r#"emails[type eq "work"].value eq "x""#, r#"emails[all(type Eq "work" value Eq "x")]"#),
        (r#"manager eq "1""#, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.value Eq \"1\""),
        ("nickName eq null", "nickName Eq -"),
        (r#"active eq "True""#, "active Eq true"),
        ("active eq False", "active Eq false"),
    ] {
        assert_eq!(read(text), wanted, "{text}");
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    let deep = format!("{}title pr{}", "(".repeat(50), ")".repeat(50));
    let long = format!("title eq \"{}\"", "x".repeat(9_000));
    for text in [
        "",
        " ",
        "title",
        "title eq",
        "title eq x",
        "title is 1",
        "nothing eq 1",
        "title pr and",
        "or title pr",
        "(title pr",
        "title pr)",
        "emails[type eq \"work\"",
        "emails[nothing pr]",
        "active gt true",
        "name eq \"x\"",
        "title eq [1]",
        "title eq \"x\" title pr",
        "not title",
        "meta.created gt \"yesterday\"",
        "emails[emails pr]",
        &deep,
        &long,
    ] {
        assert!(parse(users(), text).is_err(), "{text}");
    }
}

#[test]
fn the_path_of_a_patch_falls_into_its_parts() {
    assert_eq!(split_path("members"), Some(("members", None, None)));
    assert_eq!(split_path(r#"emails[type eq "a]b"].value"#), Some(("emails", Some(r#"type eq "a]b""#), Some("value"))));
    assert_eq!(split_path(r#"a[b eq "x\"]"]"#), Some(("a", Some(r#"b eq "x\"]""#), None)));
    assert_eq!(split_path("emails[type"), None);
    assert_eq!(split_path("emails[type pr]value"), None);
}

proptest::proptest! {
    #[test]
    fn no_text_upsets_the_parser(text in "\\PC{0,60}") {
        drop(parse(users(), &text));
        let parts = split_path(&text);
        assert!(parts.is_none_or(|(before, _, _)| text.starts_with(before)));
    }

    #[test]
    fn nothing_like_a_filter_upsets_the_parser(text in "(title|emails|\\[|\\]|\\(|\\)|not| |eq|pr|and|or|\"a\"|\\.|value|true){0,20}") {
        drop(parse(users(), &text));
    }
}
