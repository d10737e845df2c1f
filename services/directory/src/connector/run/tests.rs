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
