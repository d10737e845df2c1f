//! Two companies and the IdP of each, for sign-ins that go wrong at every step.

use std::collections::HashMap;

use anyhow::{Context, Result};
use freehold_proto::auth::v1 as auth;
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::http::visitor;
use freehold_tests::idp::{Account, Idp};
use freehold_tests::ldif::Entry;
use freehold_types::{Clock, Reason, SystemClock};
use freehold_wire::fault;
use reqwest::Url;
use serde_json::json;
use tonic::{Code, Status};

use crate::world::{Engine, Place, World, manifest};

/// A second connection of `acme`, to the IdP of `beta`.
pub(super) const SECOND: &str = "second";
/// What the directories call people.
pub(super) const ANNA: &str = "aa000001-0000-4000-8000-000000000000";
pub(super) const BEN: &str = "aa000002-0000-4000-8000-000000000000";
const BEA: &str = "bb000001-0000-4000-8000-000000000000";

pub(super) struct Stage {
    pub world: World,
    /// Knows Anna and Ben of `acme`, and `impostor`, who is nobody and claims to be everybody.
    pub acme: Idp,
    /// Knows Bea of `beta`, Ben once more under the subject that Anna has at the other one, and `impostor`.
    pub beta: Idp,
}

/// A sign-in under way.
pub(super) struct Attempt {
    pub begun: auth::BeginSignInResponse,
    /// What a browser would come back with.
    pub back: auth::FinishSignInRequest,
}

impl Stage {
    pub async fn set(engine: Engine) -> Result<Self> {
        let world = World::start(engine).await?;
        let impostor = Account::new("impostor")
            .claim("oid", "nobody")
            .claim("email", "anna@acme.test")
            .claim("email_verified", true)
            .claim("preferred_username", "anna")
            .claim("name", "Anna");
        let anna = Account::new("anna").claim("oid", ANNA);
        let ben = Account::new("ben").claim("oid", BEN);
        let acme = Idp::start(&[anna, ben.clone(), impostor.clone()])?;
        let bea = Account::new("bea").claim("oid", BEA);
        let beta = Idp::start(&[bea, ben.subject("subject-of-anna"), impostor])?;
        let stage = Self { world, acme, beta };
        for (company, connection, idp) in [
            ("acme", manifest::CONNECTION, &stage.acme),
            ("acme", SECOND, &stage.beta),
            ("beta", manifest::CONNECTION, &stage.beta),
        ] {
            idp.allow_redirect(&format!("{}/{company}/sso/{connection}/callback", stage.world.public_url))?;
        }
        let people = [person("anna", ANNA), person("ben", BEN)];
        stage.world.line.declare(stage.company_of(&people)?).await?;
        let mut of_beta = manifest::company_of_file("beta", &stage.world.place, &[person("bea", BEA)])?;
        of_beta.connections.push(manifest::connection(&stage.beta));
        stage.world.line.declare(of_beta).await?;
        for company in ["acme", "beta"] {
            stage.world.line.synced(company).await?;
        }
        Ok(stage)
    }

    /// `acme` with both its connections.
    pub fn company_of(&self, people: &[Entry]) -> Result<TenantManifest> {
        let place: &Place = &self.world.place;
        let mut acme = manifest::company_of_file("acme", place, people)?;
        acme.connections.push(manifest::connection(&self.acme));
        let second = auth::ConnectionSettings { name: SECOND.to_owned(), ..manifest::connection(&self.beta) };
        acme.connections.push(second);
        Ok(acme)
    }

    /// Begins a sign-in as the gateway does.
    pub async fn begin(&self, company: &str, connection: &str) -> Result<auth::BeginSignInResponse, Status> {
        // IdPs have the machine's time.
        self.world.clock.set(SystemClock.now());
        let request = auth::BeginSignInRequest {
            company_address: company.to_owned(),
            connection_name: connection.to_owned(),
            return_to: String::new(),
        };
        Ok(self.world.line.clients.anonymous().auth.begin_sign_in(request).await?.into_inner())
    }

    /// Begins, signs in at the IdP as `name` in a browser of their own, and waits before coming back.
    pub async fn attempt(&self, company: &str, connection: &str, idp: &Idp, name: &str) -> Result<Attempt> {
        let begun = self.begin(company, connection).await.map_err(fault)?;
        let back = idp.sign_in(&visitor()?, &begun.authorization_url, name).await?;
        let back = brought_back(company, connection, &begun.browser_token, &back)?;
        Ok(Attempt { begun, back })
    }

    /// A sign-in of Anna's at her company that only needs to be finished.
    pub async fn annas(&self) -> Result<Attempt> {
        self.attempt("acme", manifest::CONNECTION, &self.acme, "anna").await
    }

    pub async fn finish(&self, back: &auth::FinishSignInRequest) -> Result<auth::FinishSignInResponse, Status> {
        Ok(self.world.line.clients.anonymous().auth.finish_sign_in(back.clone()).await?.into_inner())
    }

    /// The user name of whoever comes in.
    pub async fn comes_in(&self, company: &str, back: &auth::FinishSignInRequest) -> Result<String> {
        let session = self.finish(back).await.map_err(fault)?.session_token;
        let answer = self.world.line.authenticate(company, &session).await.map_err(fault)?;
        let people = self.world.line.people(company).await?;
        let found = people.into_iter().find(|person| person.id == answer.person_id);
        Ok(found.context("somebody of the company")?.user_name)
    }

    /// Signs in from the beginning to the end; who came in, or the refusal.
    pub async fn enters(&self, company: &str, connection: &str, idp: &Idp, name: &str) -> Result<Option<String>> {
        let attempt = self.attempt(company, connection, idp, name).await?;
        match self.finish(&attempt.back).await {
            Ok(done) => {
                let answer = self.world.line.authenticate(company, &done.session_token).await.map_err(fault)?;
                let people = self.world.line.people(company).await?;
                Ok(people.into_iter().find(|person| person.id == answer.person_id).map(|person| person.user_name))
            }
            Err(status) => {
                assert_eq!(fault(status).reason(), Reason::SignInRefused);
                Ok(None)
            }
        }
    }

    /// Whoever comes back so is refused, in the words of every refusal, and the IdP is asked so often meanwhile.
    pub async fn refuses(&self, back: &auth::FinishSignInRequest, codes_sent: u64) -> Result<()> {
        let before = self.codes_sent()?;
        let refused = self.finish(back).await.err().context("this must be refused")?;
        assert_eq!((refused.code(), refused.message()), (Code::Unauthenticated, "the sign-in was refused"));
        assert_eq!(fault(refused).reason(), Reason::SignInRefused);
        assert_eq!(self.codes_sent()? - before, codes_sent, "codes sent to an IdP");
        Ok(())
    }

    /// Codes that came to one of the IdPs.
    pub fn codes_sent(&self) -> Result<u64> {
        let hits = [self.acme.hits()?, self.beta.hits()?];
        Ok(hits.iter().filter_map(|hits| hits.get("token")).sum())
    }

    /// `impostor` with other claims about the e-mail address.
    pub fn claim_email_verified(&self, value: serde_json::Value) -> Result<()> {
        self.acme.tamper(json!({ "claims": { "email_verified": value } }))
    }
}

/// What the gateway makes of the address that an IdP sends a browser to.
pub(super) fn brought_back(
    company: &str,
    connection: &str,
    browser_token: &str,
    back: &str,
) -> Result<auth::FinishSignInRequest> {
    let back = Url::parse(back)?;
    let mut query: HashMap<String, String> = back.query_pairs().into_owned().collect();
    let mut take = |name: &str| query.remove(name).unwrap_or_default();
    Ok(auth::FinishSignInRequest {
        company_address: company.to_owned(),
        connection_name: connection.to_owned(),
        browser_token: browser_token.to_owned(),
        state: take("state"),
        code: take("code"),
        issuer: take("iss"),
        error: take("error"),
    })
}

/// Somebody in a directory, with an e-mail address.
pub(super) fn person(uid: &str, uuid: &str) -> Entry {
    Entry::person(uid, uid, "Probe").with("entryUUID", uuid).with("mail", format!("{uid}@acme.test"))
}
