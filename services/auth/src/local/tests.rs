use freehold_types::{Mint, PersonId, Reason, SystemClock};
use std::sync::Arc;

use super::{Tries, is_open, names};
use crate::access_code::Issued;
use crate::code::Code;
use crate::connection::{self, Declared, Policy};
use crate::id_token::Subject;
use crate::people::Person;
use crate::testing::{World, settings};
use crate::{claim, store};

fn person(user_name: &str, employee_number: &str, email: &str) -> Person {
    Person {
        emergency: false,
        id: Mint::new(Arc::new(SystemClock)).id(),
        display_name: "Łukasz Öztürk".to_owned(),
        administrator: false,
        user_name: user_name.to_owned(),
        employee_number: employee_number.to_owned(),
        email: email.to_owned(),
    }
}

#[test]
fn five_tries_in_one_step_and_a_new_step_starts_anew() {
    let mut tries = Tries { used_step: 6, tried_step: 7, count: 0 };
    for _ in 0..5 {
        tries = tries.one_more(7).unwrap();
    }
    assert_eq!(tries.one_more(7), None);
    assert_eq!(tries.one_more(8), Some(Tries { used_step: 6, tried_step: 8, count: 1 }));
}

#[test]
fn people_sign_in_by_user_name_and_number_and_by_address_only_without_both() {
    let of = |user_name, number, email| names(&person(user_name, number, email)).into_iter().collect::<Vec<_>>();
    assert_eq!(of("L.Öztürk", " 0047A", "lukasz@acme.test"), ["0047a", "l.öztürk"]);
    assert_eq!(of("", "", "Lukasz@Acme.test"), ["lukasz@acme.test"]);
    assert!(of("", " ", "").is_empty());
}

#[tokio::test]
async fn g15_a_person_with_an_idp_has_no_other_way_in() {
    let world = World::new().await;
    let policy = Policy { access_codes: true, sso_only: false };
    let declared = Declared {
        connections: vec![settings("okta")],
        policy,
        emergency_accounts: Vec::new(),
        role_groups: Vec::new(),
    };
    connection::apply(&world.auth, &world.operator(), &declared, false).await.unwrap();
    let mint = &world.auth.deps.mint;
    let (linked, other): (PersonId, PersonId) = (mint.id(), mint.id());
    let code = Code::make(mint);
    let expires_at = mint.now() + chrono::TimeDelta::days(14);
    let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
    let okta = store::connection::find_by_name(&tx, "okta").await.unwrap().unwrap().id;
    let subject = Subject { issuer: "https://idp.acme.test".to_owned(), subject: "anna".to_owned() };
    store::identity::link(&tx, okta, &subject, linked).await.unwrap();
    let issued = Issued { person: linked, display_name: "Anna".to_owned(), code: code.clone(), expires_at };
    store::access_code::insert_all(&tx, &[issued]).await.unwrap();
    assert!(!is_open(&tx, linked).await.unwrap());
    assert!(is_open(&tx, other).await.unwrap());
    tx.commit().await.unwrap();
    // The directory service, which is not there, is not even asked.
    let fault = claim::redeem(&world.auth, "acme", code.in_groups().expose()).await.unwrap_err();
    assert_eq!(fault.reason(), Reason::AccessCodeRefused);
}
