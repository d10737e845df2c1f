use super::*;

fn address(url: &str, start_tls: bool) -> ServerAddress {
    ServerAddress::parse(url, start_tls).unwrap()
}

#[test]
fn the_scheme_says_how_it_is_encrypted_and_where() {
    let parsed = address("ldaps://dc1.acme.example", false);
    assert_eq!((parsed.host.as_str(), parsed.port, parsed.encryption), ("dc1.acme.example", 636, Encryption::Tls));
    let parsed = address("LDAP://10.0.0.1:3389/", true);
    assert_eq!((parsed.host.as_str(), parsed.port, parsed.encryption), ("10.0.0.1", 3389, Encryption::StartTls));
    assert_eq!(address("ldap://localhost", false).encryption, Encryption::None);
}

#[test]
fn numbers_of_the_sixth_version_stand_in_brackets() {
    let parsed = address("ldaps://[::1]:1636", false);
    assert_eq!((parsed.host.as_str(), parsed.port), ("::1", 1636));
    assert_eq!(parsed.to_string(), "ldaps://[::1]:1636");
    assert_eq!(address("ldaps://[::1]", false).port, 636);
}

#[test]
fn anything_else_is_refused() {
    for url in [
        "dc1.acme.example",
        "http://dc1",
        "ldaps://",
        "ldaps://dc1:x",
        "ldaps://dc1:70000",
        "ldaps://user@dc1",
        "ldaps://dc1/dc=acme",
        "ldaps://::1",
        "ldaps://[::1",
        "ldaps://[::1]x",
        "ldapi:///var/run/ldapi",
    ] {
        assert!(ServerAddress::parse(url, false).is_err(), "{url}");
    }
    assert!(ServerAddress::parse("ldaps://dc1", true).is_err(), "TLS twice");
}
