use freehold_proto::directory::v1::OrderCheck;
use freehold_types::Reason;
use uuid::Uuid;

use super::super::registry::Connectors;
use super::*;

#[tokio::test]
async fn a_connector_that_stays_silent_keeps_nobody_waiting_for_ever() {
    let hub = Hub { silence_limit: Duration::from_millis(1), ..Hub::default() };
    let connectors = Arc::new(Connectors { hub, ..Connectors::default() });
    let directory = DirectoryId::from_uuid(Uuid::from_u128(1));
    let mut seat = Hub::attach(&connectors, directory, ConnectorId::from_uuid(Uuid::from_u128(2)), true);
    let mut answers =
        connectors.hub.order(directory, "office", &Wanted::Check(OrderCheck {})).expect("one is attached");
    assert!(matches!(seat.signals.recv().await, Some(Signal::Order { .. })));
    let fault = answers.next().await.expect_err("it said nothing");
    assert_eq!(fault.reason(), Reason::ConnectorAway);
    assert!(fault.message().contains("office"), "{}", fault.message());
    drop(answers);
    assert!(matches!(seat.signals.recv().await, Some(Signal::Stop(_))), "the order ends");
}
