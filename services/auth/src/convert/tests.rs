use freehold_proto::auth::v1 as pb;
use freehold_proto::directory::v1::LinkAttribute;

use super::connection::parse_declared;
use super::{parse_issue, parse_people_who_left, parse_session_id};
use crate::address::Reach;

const PERSON: &str = "per_0192f0c8000070008000000000000001";

fn settings(name: &str) -> pb::ConnectionSettings {
    pb::ConnectionSettings {
        name: name.to_owned(),
        issuer: "https://idp.acme.test".to_owned(),
        client_id: "freehold".to_owned(),
        client_secret: "secret".to_owned(),
        domains: vec!["acme.test".to_owned()],
        link_claim: "entry_uuid".to_owned(),
        link_attribute: LinkAttribute::DirectoryId.into(),
        ca_pem: String::new(),
        ..Default::default()
    }
}

fn fields(connections: Vec<pb::ConnectionSettings>, policy: Option<pb::SignInPolicy>) -> Vec<String> {
    let request = pb::ApplyConnectionsRequest { connections, policy, validate_only: true, role_groups: Vec::new() };
    match parse_declared(request, &Reach::default()) {
        Ok(_declared) => Vec::new(),
        Err(fault) => fault.violations().iter().map(|violation| violation.field.clone()).collect(),
    }
}

#[test]
fn good_settings_have_no_mistakes() {
    assert!(fields(vec![settings("okta"), settings("second-1")], None).is_empty());
    let by_subject = pb::ConnectionSettings { link_claim: "sub".to_owned(), domains: Vec::new(), ..settings("okta") };
    let sso_only = pb::SignInPolicy { access_codes: false, sso_only: true, ..Default::default() };
    assert!(fields(vec![by_subject], Some(sso_only)).is_empty());
}

#[test]
fn every_mistake_is_named_with_its_path() {
    let bad = pb::ConnectionSettings {
        name: "Okta!".to_owned(),
        issuer: "http://idp.acme.test".to_owned(),
        client_id: String::new(),
        client_secret: "x".repeat(1025),
        domains: vec!["acme.test".to_owned(), "ACME.test".to_owned(), "acme".to_owned()],
        link_claim: "email".to_owned(),
        link_attribute: 7,
        ca_pem: "no certificate".to_owned(),
        scopes: vec!["openid email".to_owned()],
        pin: Some(pb::ClaimPin { claim: "email".to_owned(), value: String::new() }),
        demands: Some(pb::SignInDemands { acr: vec![String::new()], amr: Vec::new(), max_age_minutes: -1 }),
    };
    let policy = pb::SignInPolicy { access_codes: true, sso_only: true, ..Default::default() };
    let found = fields(vec![settings("okta"), bad, settings("okta")], Some(policy));
    let wanted = [
        "connections[1].name",
        "connections[1].issuer",
        "connections[1].client_id",
        "connections[1].client_secret",
        "connections[1].domains[1]",
        "connections[1].domains[2]",
        "connections[1].link_claim",
        "connections[1].link_attribute",
        "connections[1].ca_pem",
        "connections[1].scopes[0]",
        "connections[1].pin.claim",
        "connections[1].pin.value",
        "connections[1].demands.acr",
        "connections[1].demands.max_age_minutes",
        "connections[2].name",
        "policy.sso_only",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn c07_c08_e06_shared_and_private_issuers_are_refused_when_they_are_declared() {
    let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    let entra = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let at = |issuer: &str, pin: Option<(&str, &str)>| {
        let pin = pin.map(|(claim, value)| pb::ClaimPin { claim: claim.to_owned(), value: value.to_owned() });
        fields(vec![pb::ConnectionSettings { issuer: issuer.to_owned(), pin, ..settings("idp") }], None)
    };
    let nothing: [&str; 0] = [];
    assert_eq!(at("https://accounts.google.com", None), ["connections[0].pin"]);
    assert_eq!(at("https://accounts.google.com", Some(("tid", "acme.example"))), ["connections[0].pin"]);
    assert_eq!(at("https://accounts.google.com", Some(("hd", "acme.example"))), nothing);
    assert_eq!(at(&entra, None), ["connections[0].pin"]);
    assert_eq!(at(&entra, Some(("tid", "another"))), ["connections[0].pin"]);
    assert_eq!(at(&entra, Some(("tid", tenant))), nothing);
    for shared in ["common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"] {
        let issuer = format!("https://login.microsoftonline.com/{shared}/v2.0");
        assert_eq!(at(&issuer, Some(("tid", shared))), ["connections[0].issuer"]);
    }
    for private in ["https://10.0.0.7", "https://192.168.1.1/idp", "https://[fd00::7]", "https://169.254.169.254"] {
        assert_eq!(at(private, None), ["connections[0].issuer"], "{private}");
    }
}

#[test]
fn c13_a_domain_is_written_in_one_way_and_belongs_to_a_company() {
    let with = |domain: &str| {
        fields(vec![pb::ConnectionSettings { domains: vec![domain.to_owned()], ..settings("idp") }], None)
    };
    // The letter in front of the second one is Cyrillic; the first is what becomes of it on the wire.
    for good in ["acme.example", "xn--cme-5cd.example", "mail.acme.example", "acme.co.uk"] {
        assert!(with(good).is_empty(), "{good}");
    }
    for bad in [
        "\u{430}cme.example",
        "acme.example.",
        "ACME.example",
        "*.acme.example",
        ".acme.example",
        "acme..example",
        "acme",
        "-acme.example",
        "anna@acme.example",
        "acme.example/",
        "gmail.com",
        "outlook.com",
    ] {
        assert_eq!(with(bad), ["connections[0].domains[0]"], "{bad}");
    }
}

#[test]
fn a_broken_certificate_is_a_mistake() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned();
    assert_eq!(
        fields(vec![pb::ConnectionSettings { ca_pem: broken, ..settings("okta") }], None),
        ["connections[0].ca_pem"]
    );
}

#[test]
fn sso_only_needs_a_connection_and_there_are_at_most_sixteen() {
    assert_eq!(
        fields(Vec::new(), Some(pb::SignInPolicy { access_codes: false, sso_only: true, ..Default::default() })),
        ["policy.sso_only"]
    );
    let many = (0..17).map(|number| settings(&format!("idp-{number}"))).collect();
    assert_eq!(fields(many, None), ["connections"]);
}

#[test]
fn a_secret_is_never_in_a_mistake() {
    let request = pb::ApplyConnectionsRequest {
        connections: vec![pb::ConnectionSettings { client_secret: "hunter2".repeat(200), ..settings("okta") }],
        ..Default::default()
    };
    assert!(!format!("{:?}", parse_declared(request, &Reach::default()).unwrap_err()).contains("hunter2"));
}

#[test]
fn a_directory_group_gives_any_role_but_the_administrators() {
    let group = |role: pb::Role, directory_group: &str, area_group: &str| pb::RoleGroupSettings {
        role: role.into(),
        directory_group: directory_group.to_owned(),
        area_group: area_group.to_owned(),
    };
    let mistakes = |role_groups| {
        let request = pb::ApplyConnectionsRequest { role_groups, ..Default::default() };
        let declared = parse_declared(request, &Reach::default());
        let violations = declared.err().map(|fault| fault.violations().to_vec()).unwrap_or_default();
        violations.into_iter().map(|violation| violation.field).collect::<Vec<_>>()
    };
    let good = [group(pb::Role::Auditor, "cn=a", ""), group(pb::Role::AreaCoordinator, "cn=a", "cn=b")];
    assert_eq!(mistakes(good.to_vec()), [""; 0]);
    let bad = [
        group(pb::Role::Administrator, "cn=a", ""),
        group(pb::Role::Unspecified, "cn=a", ""),
        group(pb::Role::Auditor, "revision", "cn=b"),
        group(pb::Role::AreaCoordinator, "cn=a", ""),
    ];
    let expected = [
        "role_groups[0].role",
        "role_groups[1].role",
        "role_groups[2].directory_group",
        "role_groups[2].area_group",
        "role_groups[3].area_group",
    ];
    assert_eq!(mistakes(bad.to_vec()), expected);
    assert_eq!(mistakes(vec![group(pb::Role::Analyst, "cn=a", ""); 101]), ["role_groups"]);
}

#[test]
fn access_codes_are_asked_for_one_to_a_hundred_people_once_each() {
    let ask =
        |person_ids: Vec<String>, valid_days| parse_issue(&pb::IssueAccessCodesRequest { person_ids, valid_days });
    let good = ask(vec![PERSON.to_owned()], 0).unwrap();
    assert_eq!((good.0.len(), good.1), (1, 14));
    assert_eq!(ask(vec![PERSON.to_owned()], 90).unwrap().1, 90);
    let fault = ask(vec![PERSON.to_owned(), "per_x".to_owned(), PERSON.to_owned()], 91).unwrap_err();
    let fields: Vec<&str> = fault.violations().iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["person_ids[1]", "person_ids[2]", "valid_days"]);
    assert!(ask(Vec::new(), 1).is_err());
    assert!(ask(vec![PERSON.to_owned(); 101], 1).is_err());
    assert!(ask(vec![PERSON.to_owned()], -1).is_err());
}

#[test]
fn ids_are_read_or_named() {
    assert!(parse_session_id("").unwrap().is_none());
    assert!(parse_session_id(PERSON).is_err());
    let left = |person_ids| parse_people_who_left(&pb::EndPeopleSessionsRequest { person_ids });
    assert_eq!(left(Vec::new()).unwrap().len(), 0);
    assert!(left(vec!["ses_0192f0c8000070008000000000000001".to_owned()]).is_err());
    assert!(left(vec![PERSON.to_owned(); 1001]).is_err());
}

#[test]
fn emergency_accounts_are_two_names_or_none() {
    let mistakes = |names: &[&str]| {
        let emergency_accounts = names.iter().map(|name| (*name).to_owned()).collect();
        let policy = pb::SignInPolicy { access_codes: true, emergency_accounts, ..Default::default() };
        fields(vec![settings("okta")], Some(policy)).len()
    };
    assert_eq!((mistakes(&[]), mistakes(&["Ada, emergency", "Bo"])), (0, 1));
    assert_eq!(mistakes(&["Ada, emergency", "Bo, emergency"]), 0);
    let wrong: [&[&str]; 5] =
        [&["Ada, emergency"], &["Ada", "Bob", "Cyd"], &["Ada", "ada"], &["Ada", " Bob"], &["Ada\n", "Bob"]];
    for names in wrong {
        assert_eq!(mistakes(names), 1, "{names:?}");
    }
}
