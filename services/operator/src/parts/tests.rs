use freehold_types::{Fault, Kind, Reason, Service, Violation, Violations};

use super::{gather, manifest_path};

fn mistake(field: &str) -> Fault {
    Fault::invalid(vec![Violation { field: field.to_owned(), message: "is wrong".to_owned() }])
}

#[test]
fn mistakes_stand_where_the_manifest_has_them() {
    let paths = [
        (Service::Directory, "directories[0].url", "directories[0].url"),
        (Service::Directory, "administrators_group", "administrators_group"),
        (Service::Auth, "connections[1].issuer", "connections[1].issuer"),
        (Service::Auth, "policy.sso_only", "sign_in.sso_only"),
        (Service::Auth, "policy", "sign_in"),
        (Service::Content, "groups[2].name", "groups[2].name"),
        (Service::Billing, "plan_name", "plan.name"),
        (Service::Billing, "currency", "plan.currency"),
    ];
    for (service, field, expected) in paths {
        assert_eq!(manifest_path(service, field), expected);
    }
}

#[test]
fn mistakes_of_all_services_come_together() {
    let mut violations = Violations::new();
    violations.push("name", "is wrong");
    let answers = vec![Err(mistake("directories[0].url")), Ok(vec!["add".to_owned()]), Err(mistake("plan.name"))];
    gather(answers, &mut violations).unwrap();
    let fault = violations.finish().unwrap_err();
    let fields: Vec<_> = fault.violations().iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["name", "directories[0].url", "plan.name"]);
}

#[test]
fn a_service_that_cannot_look_stops_a_manifest_without_mistakes() {
    let unreachable = || Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, "not there");
    let fault = gather(vec![Ok(Vec::new()), Err(unreachable())], &mut Violations::new()).unwrap_err();
    assert_eq!(fault.kind(), Kind::Unavailable);

    let mut violations = Violations::new();
    gather(vec![Err(unreachable()), Err(mistake("plan.name"))], &mut violations).unwrap();
    assert!(violations.finish().is_err());
}
