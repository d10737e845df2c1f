use std::sync::Arc;

use freehold_types::{Mint, Role, Secret, SystemClock};

use super::{Connection, Declared, LinkBy, Policy, Settings, changes, sentences};
use crate::emergency::{Account, Shown};
use crate::enforcement::Standing;
use crate::role::Group;
use crate::testing::settings;

fn check(known: &[Settings], policy: Policy, declared: Declared, wanted: &[&str]) {
    let mint = Mint::new(Arc::new(SystemClock));
    let known = known.iter().map(|settings| Connection { id: mint.id(), tried: true, settings: settings.clone() });
    let gone = Account { id: mint.id(), name: "Gone".to_owned(), used_at: None };
    let accounts = vec![Shown { account: gone, enrolled: true }];
    let standing = Standing { connections: known.collect(), policy, accounts, role_groups: Vec::new() };
    assert_eq!(sentences(&changes(&standing, &declared)), wanted);
}

#[test]
fn what_is_so_already_is_no_change() {
    let (policy, role_groups) = (Policy::default(), Vec::new());
    let emergency_accounts = vec!["Gone".to_owned()];
    let declared = Declared { connections: vec![settings("okta")], policy, emergency_accounts, role_groups };
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
        emergency_accounts: vec!["Ada, emergency".to_owned()],
        role_groups: vec![Group { role: Role::Auditor, directory_group: "cn=revision".to_owned(), area: None }],
    };
    check(
        &[settings("gone"), settings("moved"), settings("okta")],
        Policy::default(),
        declared,
        &[
            "changes connection okta: client_secret, link_attribute; it counts as tried again once an administrator has \
             signed in through it",
            "changes connection moved: issuer; ends its sessions; it counts as tried again once an administrator has \
             signed in through it",
            "adds connection entra",
            "removes connection gone and ends its sessions",
            "changes the sign-in policy: takes access codes",
            "adds the emergency account Ada, emergency",
            "removes the emergency account Gone and ends its sessions",
            "gives roles to the members of directory groups: auditor to cn=revision",
        ],
    );
}
