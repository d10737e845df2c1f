use openidconnect::url::Url;

use super::{IssuerMistake, callable, issuer};

#[test]
fn an_issuer_is_https_or_on_loopback() {
    for text in [
        "https://idp.acme.example",
        "https://idp.acme.example/realms/acme",
        "https://10.0.0.7:8443/",
        "http://127.0.0.1:4000",
        "http://localhost:4000/op",
        "http://[::1]:4000",
        "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
    ] {
        assert!(issuer(text).is_ok(), "issuer {text}");
    }
}

#[test]
fn e01_c07_c08_anything_else_is_refused_with_the_reason() {
    for (text, mistake) in [
        ("", IssuerMistake::Malformed),
        ("idp.acme.example", IssuerMistake::Malformed),
        (" https://idp.acme.example", IssuerMistake::Malformed),
        ("mailto:idp@acme.example", IssuerMistake::Malformed),
        ("https://user:pw@idp.acme.example", IssuerMistake::Decorated),
        ("https://idp.acme.example?x=1", IssuerMistake::Decorated),
        ("http://idp.acme.example", IssuerMistake::Unsafe),
        ("http://10.0.0.7", IssuerMistake::Unsafe),
        ("https://0.0.0.0", IssuerMistake::Unsafe),
        ("https://169.254.169.254", IssuerMistake::Unsafe),
        ("ftp://idp.acme.example", IssuerMistake::Unsafe),
        ("https://accounts.google.com", IssuerMistake::Shared),
        ("https://accounts.google.com/", IssuerMistake::Shared),
        ("https://login.microsoftonline.com/common/v2.0", IssuerMistake::Shared),
        ("https://login.microsoftonline.com/organizations/v2.0", IssuerMistake::Shared),
        ("https://login.microsoftonline.com/consumers/v2.0", IssuerMistake::Shared),
    ] {
        assert_eq!(issuer(text), Err(mistake), "issuer {text}");
    }
}

#[test]
fn e03_e06_an_idp_outside_cannot_send_us_to_this_machine() {
    for text in [
        "http://127.0.0.1/token",
        "https://127.0.0.1/token",
        "https://2130706433/token",
        "https://0x7f000001/token",
        "https://017700000001/token",
        "https://127.1/token",
        "https://127.0.0.1./token",
        "https://localhost/token",
        "https://localhost./token",
        "https://a.localhost/token",
        "https://[::1]/token",
        "https://[::ffff:127.0.0.1]/token",
        "https://[::ffff:10.0.0.1]/token",
        "https://[::127.0.0.1]/token",
        "https://[fe80::1]/token",
        "https://[::]/token",
        "https://0.0.0.0/token",
        "https://169.254.169.254/latest",
        "http://idp.acme.example/token",
        "file:///etc/passwd",
    ] {
        assert!(!callable(&Url::parse(text).unwrap(), false), "called {text}");
    }
    assert!(callable(&Url::parse("https://idp.acme.example/token").unwrap(), false));
    assert!(callable(&Url::parse("http://127.0.0.1:9/token").unwrap(), true));
    assert!(!callable(&Url::parse("http://idp.acme.example/token").unwrap(), true));
}
