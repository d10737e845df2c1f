use std::sync::Arc;

use freehold_types::{Mint, Secret, SystemClock};

use super::{Connection, Declared, Demands, LinkBy, Policy, Settings, changes, sentences};

fn settings(name: &str) -> Settings {
    Settings {
        name: name.to_owned(),
        issuer: "https://idp.acme.test".to_owned(),
        client_id: "freehold".to_owned(),
        client_secret: Secret::new("hunter2".to_owned()),
        domains: Vec::new(),
        link_claim: "entry_uuid".to_owned(),
        link_by: LinkBy::DirectoryId,
        ca_pem: String::new(),
        scopes: Vec::new(),
        pin: None,
        demands: Demands::default(),
    }
}

fn check(known: &[Settings], policy: Policy, declared: Declared, wanted: &[&str]) {
    let mint = Mint::new(Arc::new(SystemClock));
    let known: Vec<Connection> =
        known.iter().map(|settings| Connection { id: mint.id(), settings: settings.clone() }).collect();
    assert_eq!(sentences(&changes(&known, policy, &declared)), wanted);
}

#[test]
fn what_is_so_already_is_no_change() {
    let declared = Declared { connections: vec![settings("okta")], policy: Policy::default() };
    check(&[settings("okta")], Policy::default(), declared, &[]);
}

#[test]
fn every_change_is_a_sentence_and_none_has_the_secret() {
    let okta =
        Settings { client_secret: Secret::new("new".to_owned()), link_by: LinkBy::EmployeeNumber, ..settings("okta") };
    let moved = Settings { issuer: "https://other.test".to_owned(), ..settings("moved") };
    let declared = Declared {
        connections: vec![okta, moved, settings("entra")],
        policy: Policy { access_codes: true, sso_only: false },
    };
    check(
        &[settings("gone"), settings("moved"), settings("okta")],
        Policy::default(),
        declared,
        &[
            "changes connection okta: client_secret, link_attribute",
            "changes connection moved: issuer; ends its sessions",
            "adds connection entra",
            "removes connection gone and ends its sessions",
            "changes the sign-in policy: takes access codes",
        ],
    );
}
