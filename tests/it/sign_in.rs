//! The way in, tried by people who should not come in.

mod callback;
mod conformance;
mod crossing;
mod lies;
mod linking;
mod providers;
mod roles;
mod sign_out;
mod stage;

use anyhow::Result;
use freehold_proto::auth::v1::RedeemAccessCodeRequest;
use freehold_tests::company::Company;
use freehold_tests::openldap::Slapd;
use freehold_types::Reason;
use freehold_wire::fault;

use crate::world::{Engine, World, manifest};

/// More wrong tries than a minute allows.
const TRIES: usize = 30;

#[tokio::test]
async fn a_stranger_who_guesses_codes_keeps_nobody_else_out() -> Result<()> {
    let slapd = Slapd::start(&Company::of(5).entries())?;
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(manifest::company_of("acme", &slapd)?).await?;
    world.line.synced("acme").await?;
    let mut refusals = Vec::new();
    for _ in 0..TRIES {
        let guess =
            RedeemAccessCodeRequest { company_address: "acme".to_owned(), code: "0000-0000-0000-0000".to_owned() };
        let refused = world.line.clients.anonymous().auth.redeem_access_code(guess).await.expect_err("a guess opens");
        refusals.push(fault(refused).reason());
    }
    assert_eq!(refusals.first(), Some(&Reason::AccessCodeRefused));
    assert_eq!(refusals.last(), Some(&Reason::TooManyTries));

    let people = world.line.people("acme").await?;
    let person = people.first().map(|person| person.id.clone()).unwrap_or_default();
    assert!(!world.line.session("acme", &person).await?.is_empty(), "somebody with a code comes in all the same");
    world.stop().await?;
    Ok(())
}
