//! The way in of people without e-mail, and whoever should not come that way. The names of attacks are those of the
//! attack list.

mod code;
mod device;
mod letter;
mod pages;
mod passkey;
mod password;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1::Person;
use freehold_tests::company::Company;
use freehold_tests::ldif::{BASE, Entry};
use freehold_types::{Clock, Fault};
use freehold_wire::fault;
use tonic::Status;

use crate::world::claim::{Completed, STEP_SECONDS, complete};
use crate::world::{Engine, World, manifest};

/// A company with people, some without e-mail.
struct Stage {
    world: World,
    person: Person,
}

impl Stage {
    async fn set(engine: Engine) -> Result<Self> {
        Self::set_in(World::start(engine).await?).await
    }

    async fn set_in(world: World) -> Result<Self> {
        // A step begins, so that several tries fit into it.
        let now = world.clock.now();
        world.clock.advance(TimeDelta::seconds(STEP_SECONDS - now.timestamp().rem_euclid(STEP_SECONDS)));
        let all = Company::of(12);
        let boss = all.people.iter().find(|person| person.mail.is_some()).context("somebody with an address")?;
        let mut entries = all.entries();
        entries.push(Entry::group("printers", [boss.dn.as_str()]).with_uuid("00000000-0000-4000-8000-00000000b055"));
        for company in ["acme", "beta"] {
            let mut declared = manifest::company_of_file(company, &world.place, &entries)?;
            declared.administrators_group = format!("cn=printers,ou=groups,{BASE}");
            world.line.declare(declared).await?;
            world.line.synced(company).await?;
        }
        let people = world.line.people("acme").await?;
        let person = people
            .into_iter()
            .find(|person| person.email.is_empty() && !person.administrator)
            .context("somebody without an address")?;
        Ok(Self { world, person })
    }

    fn now(&self) -> i64 {
        self.world.clock.now().timestamp()
    }

    fn seconds_later(&self, seconds: i64) {
        self.world.clock.advance(TimeDelta::seconds(seconds));
    }

    async fn code(&self) -> Result<String> {
        self.world.line.access_code("acme", &self.person.id).await
    }

    /// The person chooses a password and an app.
    async fn complete(&self) -> Result<Completed> {
        complete(&self.world.line, "acme", &self.code().await?).await
    }

    async fn redeem(&self, company: &str, code: &str) -> Result<auth::RedeemAccessCodeResponse, Status> {
        let request = auth::RedeemAccessCodeRequest { company_address: company.to_owned(), code: code.to_owned() };
        Ok(self.world.line.clients.anonymous().auth.redeem_access_code(request).await?.into_inner())
    }

    async fn sign_in(&self, name: &str, password: &str, totp_code: &str) -> Result<String, Status> {
        let request = auth::SignInWithPasswordRequest {
            company_address: "acme".to_owned(),
            sign_in_name: name.to_owned(),
            password: password.to_owned(),
            totp_code: totp_code.to_owned(),
        };
        Ok(self.world.line.clients.anonymous().auth.sign_in_with_password(request).await?.into_inner().session_token)
    }

    async fn is_in(&self, session_token: &str) -> bool {
        self.world.line.authenticate("acme", session_token).await.is_ok()
    }
}

/// All that a caller learns of a refusal.
fn told(status: Status) -> String {
    let fault: Fault = fault(status);
    format!("{:?} {:?} {:?} {:?}", fault.kind(), fault.reason(), fault.message(), fault.how_to_cure())
}
