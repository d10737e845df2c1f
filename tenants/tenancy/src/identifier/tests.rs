use std::sync::Arc;

use freehold_types::{Mint, SystemClock};

use super::Identifier;

#[test]
fn only_plain_names_become_identifiers() {
    for good in ["t_0123456789abcdef", "freehold", "fh_app_00ff"] {
        assert!(Identifier::parse(good).is_some(), "{good}");
    }
    for bad in ["", "1a", "_a", "A", "a-b", "a b", "a;drop", "a\"b", "ä", &"a".repeat(64)] {
        assert!(Identifier::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn only_the_registrys_form_names_a_tenants_schema() {
    assert!(Identifier::parse_tenant('t', "t_0123456789abcdez").is_some());
    for bad in ["r_0123456789abcdef", "t_0123456789abcde", "t_0123456789abcdef0", "t_0123456789_bcdef", "freehold"] {
        assert!(Identifier::parse_tenant('t', bad).is_none(), "{bad}");
    }
}

#[test]
fn minted_names_have_the_registrys_form() {
    let (schema, role) = Identifier::mint_tenant(&Mint::new(Arc::new(SystemClock)));
    assert_eq!(Identifier::parse_tenant('t', schema.as_str()), Some(schema));
    assert_eq!(Identifier::parse_tenant('r', role.as_str()), Some(role));
}
