use super::*;

fn entry() -> Entry {
    let attributes = [
        ("objectclass", vec!["top", "person", "inetOrgPerson"]),
        ("cn", vec!["Anna  Müller"]),
        ("mail", vec!["anna@acme.test"]),
        ("cn;lang-fr", vec!["Anne"]),
        ("description", vec!["50% (half) * done"]),
    ];
    let attributes = attributes
        .into_iter()
        .map(|(name, values)| (name.to_owned(), values.into_iter().map(|value| value.as_bytes().to_vec()).collect()));
    Entry { dn: "uid=anna,dc=acme,dc=test".to_owned(), attributes: attributes.collect() }
}

fn matches(filter: &str) -> bool {
    Filter::parse(filter).unwrap().matches(&entry())
}

fn problem(filter: &str) -> (usize, String) {
    let error = Filter::parse(filter).unwrap_err();
    let SourceError::BadFilter { position, problem, .. } = error else { panic!("{error}") };
    (position, problem)
}

#[test]
fn the_default_filters_select_by_object_class() {
    assert!(matches("(objectClass=inetOrgPerson)"));
    assert!(!matches("(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))"));
}

#[test]
fn equality_forgets_case_and_doubled_spaces() {
    assert!(matches("(OBJECTCLASS=INETORGPERSON)"));
    assert!(matches("(cn=anna müller)"));
    assert!(matches(r"(cn=anna m\c3\bcller)"));
    assert!(!matches("(cn=anna)"));
}

#[test]
fn an_attribute_stands_for_its_languages() {
    assert!(matches("(cn=anne)"));
    assert!(matches("(cn;lang-fr=anne)"));
    assert!(!matches("(cn;lang-de=anne)"));
}

#[test]
fn presence_is_about_values() {
    assert!(matches("(mail=*)"));
    assert!(!matches("(manager=*)"));
}

#[test]
fn filters_combine() {
    assert!(matches("(&(objectClass=person)(!(mail=bob@*)))"));
    assert!(matches("(|(cn=bob)(&(cn=a*)(mail=*@acme.test)))"));
    assert!(!matches("(!(objectClass=person))"));
}

#[test]
fn parts_are_found_in_their_order() {
    assert!(matches("(mail=anna*)"));
    assert!(matches("(mail=*acme*)"));
    assert!(matches("(mail=a*@*.test)"));
    assert!(matches("(cn=*na mü*)"));
    assert!(!matches("(mail=*test*acme*)"));
    assert!(!matches("(mail=anna@acme.test*t)"));
    assert!(matches(r"(description=*\28half\29 \2a*)"));
}

#[test]
fn what_only_a_server_can_decide_is_known_as_such() {
    for filter in [
        "(uidNumber>=1000)",
        "(cn~=ana)",
        "(userAccountControl:1.2.840.113556.1.4.803:=2)",
        "(&(objectClass=user)(!(cn:dn:caseExactMatch:=x)))",
        "(:caseExactMatch:=x)",
    ] {
        let parsed = Filter::parse(filter).unwrap();
        assert!(parsed.server_only().is_some(), "{filter}");
    }
    assert_eq!(Filter::parse("(cn=x)").unwrap().server_only(), None);
}

#[test]
fn mistakes_are_named_with_their_place() {
    assert_eq!(problem("cn=x").0, 1);
    assert_eq!(problem("(cn=x").0, 6);
    assert_eq!(problem("(cn=x))").0, 7);
    assert_eq!(problem("(&)").0, 3);
    assert_eq!(problem("(& (cn=x))").0, 3);
    assert_eq!(problem("(=x)").0, 2);
    assert_eq!(problem("(cn)").0, 4);
    assert_eq!(problem("(cn=a(b)").0, 6);
    assert_eq!(problem(r"(cn=\4)").0, 5);
    assert_eq!(problem("(müll=x)").0, 3);
    assert_eq!(problem(r"(cn=\+4)").0, 5);
    assert_eq!(problem("").0, 1);
}

#[test]
fn nesting_and_length_are_bounded() {
    assert_eq!(problem(&"(!".repeat(4_000)).1, "it nests too deep");
    assert_eq!(problem(&format!("(cn={})", "x".repeat(10_000))).1, "it is too long");
}

#[test]
fn the_client_reads_what_passes_here() {
    for filter in ["(objectClass=*)", "(&(a=b)(|(c=d*e)(!(f=\\2a))))", "(a:1.2:=x)", "(a>=1)", "(cn=é)", "(a=)"] {
        Filter::parse(filter).unwrap();
        assert!(ldap3::parse_filter(filter).is_ok(), "{filter}");
    }
}
