use std::collections::BTreeSet;

use super::{Fault, Kind, Reason, Violations};

#[test]
fn every_reason_has_a_name_of_its_own() {
    let names: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(names.len(), Reason::ALL.len());
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let mut violations = Violations::new();
    violations.push("name", "is empty");
    assert_eq!(violations.take("size", "x".parse::<u8>()), None);
    let fault = violations.finish().unwrap_err();
    assert_eq!(fault.kind(), Kind::Invalid);
    assert_eq!(fault.violations().len(), 2);
    assert_eq!(fault.message(), "the request has 2 mistakes");
}

#[test]
fn the_cause_is_not_part_of_the_message() {
    let fault = Fault::internal("saving a post", "disk on fire");
    assert!(!fault.to_string().contains("fire"));
    assert_eq!(std::error::Error::source(&fault).unwrap().to_string(), "disk on fire");
}
