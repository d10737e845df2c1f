use std::sync::Arc;

use freehold_types::{Mint, SystemClock};

use super::{Standing, check};
use crate::connection::{Connection, Declared, Policy};
use crate::emergency::{Account, Shown};
use crate::testing::settings;

const NAMES: [&str; 2] = ["Ada, emergency", "Bo, emergency"];
const CLOSED: Policy = Policy { access_codes: false, sso_only: true };

/// A company whose two connections were tried and whose accounts can come in.
fn ready() -> Standing {
    let mint = Mint::new(Arc::new(SystemClock));
    let connection = |name| Connection { id: mint.id(), tried: true, settings: settings(name) };
    let account = |name: &str| Account { id: mint.id(), name: name.to_owned(), used_at: None };
    Standing {
        connections: vec![connection("entra"), connection("okta")],
        policy: Policy { access_codes: true, sso_only: false },
        accounts: NAMES.map(|name| Shown { account: account(name), enrolled: true }).to_vec(),
        role_groups: Vec::new(),
    }
}

fn closed() -> Declared {
    let emergency_accounts = NAMES.map(str::to_owned).to_vec();
    Declared {
        connections: vec![settings("entra"), settings("okta")],
        policy: CLOSED,
        emergency_accounts,
        role_groups: Vec::new(),
    }
}

fn mistakes(standing: &Standing, declared: &Declared) -> Vec<String> {
    let refused = check(standing, declared).err();
    refused.map(|fault| fault.violations().iter().map(|one| one.message.clone()).collect()).unwrap_or_default()
}

#[test]
fn h01_nothing_but_the_idp_needs_every_connection_tried_as_it_is() {
    assert!(mistakes(&ready(), &closed()).is_empty());
    let mut untried = ready();
    untried.connections[1].tried = false;
    assert!(mistakes(&untried, &closed())[0].contains("connection okta was not tried"));
    let mut other = closed();
    other.connections[0].client_id = "another".to_owned();
    assert!(mistakes(&ready(), &other)[0].contains("connection entra was not tried"));
    let mut more = closed();
    more.connections.push(settings("third"));
    assert!(mistakes(&ready(), &more)[0].contains("connection third was not tried"));
    assert_eq!(mistakes(&Standing::default(), &closed()).len(), 4);
}

#[test]
fn h02_nothing_but_the_idp_needs_two_accounts_that_can_come_in() {
    let mut none = closed();
    none.emergency_accounts.clear();
    assert!(mistakes(&ready(), &none)[0].contains("needs 2 emergency_accounts"));
    let mut half = ready();
    half.accounts[0].enrolled = false;
    assert!(mistakes(&half, &closed())[0].contains("\"Ada, emergency\" cannot come in yet"));
}

#[test]
fn h02_while_nothing_else_lets_people_in_the_accounts_stay_and_connections_may_change() {
    let standing = Standing { policy: CLOSED, ..ready() };
    let others: [&[&str]; 3] = [&[], &["Ada, emergency", "Cyd, emergency"], &["Bo, emergency"]];
    for names in others {
        let emergency_accounts = names.iter().map(|name| (*name).to_owned()).collect();
        let declared = Declared { emergency_accounts, ..closed() };
        assert!(mistakes(&standing, &declared)[0].contains("sso_only = false first"), "{names:?}");
        let open = Declared { policy: Policy { access_codes: true, sso_only: false }, ..declared };
        assert!(mistakes(&standing, &open).is_empty(), "{names:?}");
    }
    let mut rotated = closed();
    rotated.connections[0].client_secret = freehold_types::Secret::new("rotated".to_owned());
    assert!(mistakes(&standing, &rotated).is_empty());
}
