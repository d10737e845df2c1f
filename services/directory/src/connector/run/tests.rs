use freehold_proto::directory::v1::connector_order::Wanted;

use super::*;

#[tokio::test]
async fn more_orders_than_there_is_room_for_end_the_stream() {
    let (out, _said) = mpsc::channel(OUT_MAX);
    let settings = Arc::new(Settings { name: "office".to_owned(), ..Settings::default() });
    let mut orders = Orders { settings, out, under_way: BTreeMap::new(), tasks: JoinSet::new() };
    let mut order = |number| {
        orders.hear(Heard::Order(pb::ConnectorOrder { number, wanted: Some(Wanted::Check(pb::OrderCheck {})) }))
    };
    for number in 1..=16 {
        order(number).expect("there is room");
    }
    assert!(order(17).is_err(), "an order that is not carried out must not wait for its answer");
}

#[tokio::test]
async fn an_order_that_only_later_versions_know_is_answered() {
    let (out, mut said) = mpsc::channel(OUT_MAX);
    let settings = Arc::new(Settings { name: "office".to_owned(), ..Settings::default() });
    let mut orders = Orders { settings, out, under_way: BTreeMap::new(), tasks: JoinSet::new() };
    orders.hear(Heard::Order(pb::ConnectorOrder { number: 7, wanted: None })).expect("there is room");
    let Some(Said::Failure(failure)) = said.recv().await.and_then(|said| said.said) else { panic!("it says nothing") };
    assert_eq!(failure.number, 7);
    assert!(failure.message.contains("does not know") && failure.cure.contains("same version"), "{failure:?}");
}
