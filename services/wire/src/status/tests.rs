use std::{collections::BTreeSet, time::Duration};

use freehold_proto::error::v1 as pb;
use freehold_types::{Fault, Kind, Reason, Violation};

use super::{fault, into_status};

#[test]
fn the_contract_lists_exactly_our_reasons() {
    let listed: BTreeSet<String> = (1..1000)
        .filter_map(|number| pb::Reason::try_from(number).ok())
        .map(|reason| reason.as_str_name().to_owned())
        .collect();
    let ours = Reason::ALL.iter().map(|reason| format!("REASON_{}", reason.name())).collect();
    assert_eq!(listed, ours);
}

#[test]
fn a_fault_crosses_the_wire_whole_but_for_its_cause() {
    let kinds = [
        Kind::Invalid,
        Kind::Unauthenticated,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::AlreadyExists,
        Kind::Conflict,
        Kind::Exhausted,
        Kind::Unavailable,
        Kind::Internal,
    ];
    for kind in kinds {
        let sent = Fault::new(kind, Reason::SyncRunning, "a run is under way")
            .cure("wait for it")
            .retry_after(Duration::from_secs(3))
            .because("the disk is on fire");
        let status = into_status(sent, &"0");
        assert!(!format!("{status:?}").contains("fire"));
        let received = fault(status);
        assert_eq!(received.kind(), kind);
        assert_eq!(received.reason(), Reason::SyncRunning);
        assert_eq!(received.message(), "a run is under way");
        assert_eq!(received.how_to_cure(), Some("wait for it"));
        assert_eq!(received.retry(), Some(Duration::from_secs(3)));
    }
}

#[test]
fn every_mistake_crosses_the_wire() {
    let mistakes: Vec<_> =
        ["name", "url"].map(|field| Violation { field: field.to_owned(), message: "is empty".to_owned() }).into();
    let received = fault(into_status(Fault::invalid(mistakes.clone()), &"0"));
    assert_eq!(received.violations(), mistakes);
}

#[test]
fn a_connection_that_breaks_is_told_as_that_and_not_as_a_mistake_of_ours() {
    for broken in [tonic::Status::unavailable("tcp connect error"), tonic::Status::internal("h2 protocol error")] {
        let received = fault(broken);
        assert_eq!((received.kind(), received.reason()), (Kind::Unavailable, Reason::ServiceUnavailable));
        assert!(received.message().contains("connection"), "{}", received.message());
        assert!(received.how_to_cure().is_some_and(|cure| cure.contains("do it again")));
    }
}

#[test]
fn what_a_service_calls_internal_stays_so() {
    let sent = into_status(Fault::internal("reading a row", "the disk is on fire"), &"0");
    assert_eq!(fault(sent).kind(), Kind::Internal);
}
