use super::landing;

#[test]
fn plain_paths_below_the_company_are_kept() {
    for path in ["/acme", "/acme/", "/acme/groups/grp_0192?page=2", "/acme?x=//y", "/acme/a.b/c"] {
        assert_eq!(landing("acme", path), path);
    }
}

#[test]
fn b16_anything_else_lands_on_the_company() {
    for path in [
        "",
        "/",
        "//evil.test",
        "https:evil.test",
        "https://evil.test/acme",
        "/\\evil.test",
        "/acme/\\evil",
        "%2f%2fevil.test",
        "/acme/%2F%2Fevil",
        "javascript:alert(1)",
        "/acme/a\r\nSet-Cookie: x=y",
        "/acme/../other",
        "/acme/./x",
        "/acme/%2e%2e/other",
        "/acmeother",
        "/other",
        "/acme//evil.test",
        "/acme/é",
    ] {
        assert_eq!(landing("acme", path), "/acme", "return_to {path:?}");
    }
    assert_eq!(landing("acme", &format!("/acme/{}", "x".repeat(2000))), "/acme");
}
