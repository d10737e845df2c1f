use super::{Site, company_address, path_back};

#[test]
fn an_address_at_the_end_of_a_slash_is_the_same() {
    let site = Site::new("https://Freehold.example/");
    assert_eq!(site.origin(), "https://freehold.example");
    assert!(site.secure());
    assert!(!Site::new("http://127.0.0.1:8080").secure());
}

#[test]
fn company_addresses_are_spelled_one_way() {
    for good in ["acme", "a1", "north-wind-2"] {
        assert_eq!(company_address(good), Some(good));
    }
    for bad in ["", "a", "Acme", "1a", "-a", "a.b", "a/b", "a b", "é1", &"a".repeat(41)] {
        assert_eq!(company_address(bad), None, "{bad:?}");
    }
}

#[test]
fn b16_going_back_never_leaves_the_company() {
    for own in ["/acme", "/acme/posts/x#y", "/acme?page=1", "/acme#pst_1"] {
        assert_eq!(path_back("acme", own), own);
    }
    for foreign in [
        "",
        "/",
        "//evil.example",
        "https://evil.example",
        "/other",
        "/acmeevil",
        "/acme/\\evil",
        "/acme//evil",
        "/acme/\nx",
        "/acme/é",
    ] {
        assert_eq!(path_back("acme", foreign), "/acme", "{foreign:?}");
    }
}
