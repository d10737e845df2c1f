use super::relying_party;

#[test]
fn there_are_passkeys_under_a_name_with_tls_and_on_the_machine_itself() {
    for (address, there) in [
        ("https://people.example", true),
        ("https://people.example:8443/", true),
        ("http://localhost:8080", true),
        ("http://people.example", false),
        ("http://127.0.0.1:8080", false),
        ("https://192.0.2.7", false),
        ("https://[2001:db8::7]", false),
        ("nonsense", false),
    ] {
        assert_eq!(relying_party(address).is_some(), there, "{address}");
    }
}
