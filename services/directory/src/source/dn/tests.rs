use proptest::{prop_assert_eq, proptest};

use super::*;

fn canonical(text: &str) -> String {
    Dn::parse(text).unwrap().to_string()
}

#[test]
fn spellings_of_one_name_are_one() {
    let wanted = canonical("uid=anna,ou=people,dc=acme,dc=test");
    for spelling in [
        "UID=Anna,OU=People,DC=acme,DC=test",
        "uid = anna , ou = people , dc=acme , dc=test",
        "userid=anna;organizationalUnitName=people;dc=ACME;dc=test",
        "0.9.2342.19200300.100.1.1=anna,OID.2.5.4.11=people,dc=acme,0.9.2342.19200300.100.1.25=test",
        "uid=\\61nna,ou=\"people\",dc=acme,dc=test",
        "uid=#0404616e6e61,ou=#0c0670656f706c65,dc=acme,dc=test",
        "  uid=anna,ou=people,dc=acme,dc=test  ",
    ] {
        assert_eq!(canonical(spelling), wanted, "{spelling}");
    }
}

#[test]
fn the_examples_of_rfc_4514_are_read() {
    assert_eq!(canonical("UID=jsmith,DC=example,DC=net"), "uid=jsmith,dc=example,dc=net");
    assert_eq!(canonical("OU=Sales+CN=J.  Smith,DC=example,DC=net"), "cn=j. smith+ou=sales,dc=example,dc=net");
    assert_eq!(canonical("CN=J.  Smith + OU=Sales,DC=example,DC=net"), "cn=j. smith+ou=sales,dc=example,dc=net");
    assert_eq!(
        canonical(r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#),
        r"cn=james \22jim\22 smith\2c iii,dc=example,dc=net"
    );
    assert_eq!(canonical(r"CN=Before\0dAfter,DC=example,DC=net"), "cn=before after,dc=example,dc=net");
    assert_eq!(canonical("1.3.6.1.4.1.1466.0=#04024869"), "1.3.6.1.4.1.1466.0=hi");
    assert_eq!(canonical(r"CN=Lu\C4\8Di\C4\87"), "cn=lučić");
    assert_eq!(canonical("CN=Lučić"), "cn=lučić");
}

#[test]
fn case_is_folded_beyond_ascii() {
    assert_eq!(canonical("cn=MÜLLER,dc=acme"), canonical("cn=müller,dc=ACME"));
}

#[test]
fn escaped_spaces_and_signs_keep_their_meaning() {
    assert_eq!(canonical(r"cn=\ anna\ ,dc=acme"), "cn=anna,dc=acme");
    assert_eq!(canonical(r"cn=a\+b\=c\;d,dc=acme"), r"cn=a\2bb\3dc\3bd,dc=acme");
    assert_eq!(canonical("cn=a=b,dc=acme"), r"cn=a\3db,dc=acme");
    assert_eq!(canonical(r"cn=\23x,dc=acme"), canonical(r"cn=\#x,dc=acme"));
    // A comma inside a value is no border between components.
    let inside = Dn::parse(r"cn=x\,dc=acme").unwrap();
    assert!(!inside.within(&Dn::parse("dc=acme").unwrap()));
}

#[test]
fn bytes_that_are_no_text_are_kept_apart() {
    assert_eq!(canonical(r"cn=\FF\FE,dc=acme"), r"cn=\ff\fe,dc=acme");
    assert_ne!(canonical(r"cn=\FF,dc=acme"), canonical(r"cn=\FE,dc=acme"));
}

#[test]
fn the_empty_name_is_the_root_of_all() {
    let root = Dn::parse("").unwrap();
    assert!(root.is_root());
    assert!(Dn::parse("dc=acme").unwrap().within(&root));
    assert!(root.within(&root));
}

#[test]
fn a_name_knows_what_is_above_it() {
    let base = Dn::parse("dc=acme,dc=test").unwrap();
    let person = Dn::parse("uid=anna,ou=People,DC=Acme,dc=test").unwrap();
    assert!(person.within(&base));
    assert!(base.within(&base));
    assert!(!base.within(&person));
    assert!(!Dn::parse("uid=anna,xdc=acme,dc=test").unwrap().within(&base));
    assert!(!Dn::parse("uid=a,ou=dc=acme,dc=test").unwrap().within(&base));
}

#[test]
fn what_is_no_name_is_refused() {
    for text in
        ["anna", "=x", "uid=a,", "uid=a+", "uid=a,,dc=x", "u id=a", r"cn=a\", "cn=#", "cn=#0", "cn=#zz", r#"cn="a"#]
    {
        assert!(Dn::parse(text).is_err(), "{text}");
    }
    assert_eq!(Dn::parse(&format!("cn={}", "x".repeat(20_000))), Err(DnError::TooLong(20_003)));
}

#[test]
fn an_empty_value_is_a_value() {
    assert_eq!(canonical("cn=,dc=acme"), "cn=,dc=acme");
}

proptest! {
    #[test]
    fn the_short_way_and_the_long_way_lead_to_the_same_name(
        text in "((cn|CN|uid|ou|sn|dc| ou)(=| =)[a-zA-Zß0-9 .'@#=+\\\\-]{0,6}[,;]?){1,4}"
    ) {
        if let Some(short) = plain(&text) {
            prop_assert_eq!(short, Dn::parse_closely(&text).unwrap().0);
        }
    }
}

#[test]
fn plain_names_take_the_short_way() {
    for text in ["uid=u000001,ou=Night Shift,ou=people,dc=acme,dc=test", "CN=O'Brien\u{41},DC=acme"] {
        assert!(plain(text).is_some(), "{text}");
    }
    for text in ["", "cn=", "cn=a,", "cn= a", "cn=a ", "cn=a  b", "cn=a=b", "cn=ä", "sn=a", "cn=a;cn=b", "cn=a\tb"] {
        assert!(plain(text).is_none(), "{text}");
    }
}
