use super::Counters;

#[test]
fn the_text_names_routes_and_never_companies() {
    let counters = Counters::default();
    counters.answered("/{name}".to_owned(), 200);
    counters.answered("/{name}".to_owned(), 200);
    counters.answered("none".to_owned(), 404);
    let under_way = counters.begin();
    let text = counters.text();
    assert!(text.contains("freehold_web_requests_total{route=\"/{name}\",status=\"200\"} 2\n"), "{text}");
    assert!(text.contains("freehold_web_requests_total{route=\"none\",status=\"404\"} 1\n"), "{text}");
    assert!(text.ends_with("freehold_web_requests_in_flight 1\n"), "{text}");
    drop(under_way);
    assert!(counters.text().ends_with("freehold_web_requests_in_flight 0\n"));
}
