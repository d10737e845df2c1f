use freehold_types::{Fault, Kind, Reason, Violation};

use super::{Failure, Report};

#[test]
fn a_fault_brings_its_own_cure() {
    let fault = Fault::new(Kind::Conflict, Reason::SyncHeld, "the run is held").cure("approve it");
    let report = Report::of(&fault.into());
    assert_eq!((report.why.as_str(), report.cure.as_str(), report.held), ("the run is held", "approve it", true));
}

#[test]
fn every_failure_says_what_to_do() {
    let errors: [anyhow::Error; 3] = [
        Failure::new("it broke", "mend it").into(),
        Fault::not_found(Reason::TenantNotFound, "tenant", "acme").into(),
        anyhow::anyhow!("anything else"),
    ];
    for error in errors {
        assert!(!Report::of(&error).cure.is_empty(), "{error}");
    }
}

#[test]
fn several_mistakes_are_listed_and_one_is_not_said_twice() {
    let mistake = |field: &str| Violation { field: field.to_owned(), message: "is wrong".to_owned() };
    assert!(Report::of(&Fault::invalid(vec![mistake("a")]).into()).details.is_empty());
    let report = Report::of(&Fault::invalid(vec![mistake("a"), mistake("b")]).into());
    let lines: Vec<_> = report.details.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["a: is wrong", "b: is wrong"]);
}
