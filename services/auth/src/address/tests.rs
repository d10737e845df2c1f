use ipnet::IpNet;
use openidconnect::url::Url;

use super::{IssuerMistake, PinNeeded, Reach, pin_needed};

#[test]
fn an_issuer_is_https_or_on_loopback() {
    for text in [
        "https://idp.acme.example",
        "https://idp.acme.example/realms/acme",
        "https://accounts.google.com",
        "http://127.0.0.1:4000",
        "http://localhost:4000/op",
        "http://[::1]:4000",
        "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
    ] {
        assert!(Reach::default().issuer(text).is_ok(), "issuer {text}");
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
        ("https://10.0.0.7:8443/", IssuerMistake::Private),
        ("https://[fd00::7]", IssuerMistake::Private),
        ("https://[fe80::1]", IssuerMistake::Unsafe),
        ("https://login.microsoftonline.com/common/v2.0", IssuerMistake::Shared),
        ("https://login.microsoftonline.com/organizations/v2.0", IssuerMistake::Shared),
        ("https://login.microsoftonline.com/consumers/v2.0", IssuerMistake::Shared),
    ] {
        assert_eq!(Reach::default().issuer(text), Err(mistake), "issuer {text}");
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
        assert!(!Reach::default().callable(&Url::parse(text).unwrap(), false), "called {text}");
    }
    assert!(Reach::default().callable(&Url::parse("https://idp.acme.example/token").unwrap(), false));
    assert!(Reach::default().callable(&Url::parse("http://127.0.0.1:9/token").unwrap(), true));
    assert!(!Reach::default().callable(&Url::parse("http://idp.acme.example/token").unwrap(), true));
}

#[test]
fn e02_private_networks_are_called_only_where_the_operator_names_them() {
    let named: Vec<IpNet> = ["10.1.0.0/16", "fd00:1::/32"].iter().map(|text| text.parse().unwrap()).collect();
    let (nowhere, there) = (Reach::default(), Reach::with(&named));
    for (ip, named) in [
        ("10.1.0.7", true),
        ("10.2.0.7", false),
        ("172.16.0.1", false),
        ("172.31.255.255", false),
        ("192.168.1.1", false),
        ("100.64.0.1", false),
        ("198.18.0.1", false),
        ("fd00:1::7", true),
        ("fd00:2::7", false),
        ("fec0::1", false),
        ("64:ff9b::a01:7", false),
        ("2002:a01:7::", false),
    ] {
        let ip = ip.parse().unwrap();
        assert!(!nowhere.open(ip), "{ip}");
        assert_eq!(there.open(ip), named, "{ip}");
    }
    for ip in ["192.0.2.1", "172.32.0.1", "100.128.0.1", "9.255.255.255", "2001:db8::1"] {
        assert!(nowhere.open(ip.parse().unwrap()), "{ip}");
    }
    // Naming everything still does not name this machine.
    let everything = Reach::with(&["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()]);
    for ip in ["127.0.0.1", "0.0.0.0", "169.254.169.254", "::1", "::ffff:10.1.0.7", "fe80::1"] {
        assert!(!everything.open(ip.parse().unwrap()), "{ip}");
    }
    assert!(there.issuer("https://10.1.0.7:8443/").is_ok());
    assert!(there.callable(&Url::parse("https://10.1.0.7/token").unwrap(), false));
    assert!(!there.callable(&Url::parse("http://10.1.0.7/token").unwrap(), false));
}

#[test]
fn c07_c08_issuers_of_many_companies_need_a_pinned_claim() {
    let google = pin_needed("https://accounts.google.com").unwrap();
    assert_eq!(google, PinNeeded { claim: "hd", value: None });
    let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    for host in ["login.microsoftonline.com", "sts.windows.net", "login.microsoftonline.us"] {
        let entra = pin_needed(&format!("https://{host}/{tenant}/v2.0")).unwrap();
        assert_eq!(entra, PinNeeded { claim: "tid", value: Some(tenant.to_owned()) });
    }
    assert!(pin_needed("https://idp.acme.example/realms/acme").is_none());
}
