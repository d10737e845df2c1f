use super::bind;

#[tokio::test]
async fn a_taken_address_is_named_with_what_to_set() {
    let (address, _taken) = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let error = bind(address).await.unwrap_err();
    let words = error.to_string();
    for part in [address.to_string().as_str(), "web.listen", "grpc.listen"] {
        assert!(words.contains(part), "{words}");
    }
}
