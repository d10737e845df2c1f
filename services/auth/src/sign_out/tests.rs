use chrono::TimeDelta;
use freehold_tests::scripted_idp::{Answer, KEYS_PATH, METADATA_PATH, ScriptedIdp};
use freehold_types::{Caller, Kind, PageSize, PersonId, Reason, Roles, SessionId};
use serde_json::{Value, json};

use super::take;
use crate::connection::{self, Connection, Declared, Policy};
use crate::id_token::Subject;
use crate::session::Origin;
use crate::testing::token::{published, signed};
use crate::testing::{World, connection_to};
use crate::token::{TokenHash, make};
use crate::{session, store};

/// A tenant with two connections to one provider, `okta` and `entra`.
struct Stage {
    idp: ScriptedIdp,
    world: World,
    okta: Connection,
    entra: Connection,
}

impl Stage {
    async fn set() -> Self {
        let idp = ScriptedIdp::start().await.unwrap();
        idp.publish(&[published(1, "k1")]);
        let world = World::new().await;
        let okta = connection_to(&idp, &world.auth.deps.mint).settings;
        let mut entra = okta.clone();
        entra.name = "entra".to_owned();
        let declared = Declared {
            connections: vec![okta, entra],
            policy: Policy::default(),
            emergency_accounts: Vec::new(),
            role_groups: Vec::new(),
        };
        connection::apply(&world.auth, &world.operator(), &declared, false).await.unwrap();
        let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
        let [entra, okta] = store::connection::all(&tx).await.unwrap().try_into().unwrap();
        tx.commit().await.unwrap();
        Self { idp, world, okta, entra }
    }

    /// Somebody new at a connection, known there as `subject`.
    async fn somebody(&self, connection: &Connection, subject: &str) -> PersonId {
        let person = self.world.auth.deps.mint.id();
        let subject = Subject { issuer: self.idp.issuer().to_owned(), subject: subject.to_owned() };
        let tx = self.world.auth.deps.tenancy.begin(&self.world.service()).await.unwrap();
        assert_eq!(store::identity::link(&tx, connection.id, &subject, person).await.unwrap(), person);
        tx.commit().await.unwrap();
        person
    }

    /// A session of this person's, which the IdP calls `sid`.
    async fn open(&self, person: PersonId, through: Option<&Connection>, sid: Option<&str>) -> SessionId {
        let tx = self.world.auth.deps.tenancy.begin(&self.world.service()).await.unwrap();
        let origin = through.map(|through| Origin {
            connection: through.id,
            sid: sid.map(str::to_owned),
            id_token: Some(make(&self.world.auth.deps.mint)),
            subject: None,
            refresh_token: None,
        });
        let opened = session::open(&tx, &self.world.service(), person, origin.as_ref()).await.unwrap();
        let hash = TokenHash::of(opened.token.expose()).unwrap();
        let session = store::session::find_by_token(&tx, &hash).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        session.id
    }

    /// Which of these sessions of one person are open.
    async fn open_of(&self, person: PersonId, sessions: &[SessionId]) -> Vec<bool> {
        let caller = Caller::person_of(self.world.tenant, person, sessions[0], Roles::NONE);
        let (shown, _next) = session::list(&self.world.auth, &caller, PageSize::from_request(0), "").await.unwrap();
        sessions.iter().map(|id| shown.iter().any(|shown| shown.session.id == *id)).collect()
    }

    fn claims(&self, id: &str) -> Value {
        let now = self.world.auth.deps.mint.now().timestamp();
        let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        json!({ "iss": self.idp.issuer(), "aud": "freehold", "jti": id, "iat": now, "exp": now + 120, "events": events })
    }

    fn token(&self, id: &str, about: &Value) -> String {
        let mut claims = self.claims(id);
        claims.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
        signed(&claims, 1, "k1")
    }

    async fn takes(&self, connection: &str, token: &str) {
        take(&self.world.auth, "acme", connection, token).await.unwrap();
    }

    async fn refuses(&self, connection: &str, token: &str) {
        let fault = take(&self.world.auth, "acme", connection, token).await.unwrap_err();
        assert_eq!((fault.kind(), fault.reason()), (Kind::Invalid, Reason::LogoutRefused));
    }
}

#[tokio::test]
async fn d01_a_token_is_taken_once() {
    let stage = Stage::set().await;
    let anna = stage.somebody(&stage.okta, "s-1").await;
    let token = stage.token("t-1", &json!({ "sub": "s-1" }));
    stage.takes("okta", &token).await;
    let later = stage.open(anna, Some(&stage.okta), None).await;
    stage.refuses("okta", &token).await;
    // The same id once more is a replay, whoever it is about now.
    stage.refuses("okta", &stage.token("t-1", &json!({ "sub": "s-2" }))).await;
    assert_eq!(stage.open_of(anna, &[later]).await, [true]);
    // Remembered until it is too old to be believed.
    for _ in 0..4 {
        stage.world.clock.advance(TimeDelta::seconds(60));
        stage
            .takes("okta", &stage.token(&format!("t-{}", stage.world.auth.deps.mint.now()), &json!({ "sub": "s-9" })))
            .await;
        stage.refuses("okta", &token).await;
    }
    assert_eq!(stage.open_of(anna, &[later]).await, [true]);
}

#[tokio::test]
async fn d09_a_session_of_the_idp_ends_ours_that_came_from_it() {
    let stage = Stage::set().await;
    let anna = stage.somebody(&stage.okta, "s-1").await;
    let ben = stage.somebody(&stage.okta, "s-2").await;
    let annas = [
        stage.open(anna, Some(&stage.okta), Some("one")).await,
        stage.open(anna, Some(&stage.okta), Some("two")).await,
        stage.open(anna, Some(&stage.entra), Some("one")).await,
        stage.open(anna, Some(&stage.okta), None).await,
        stage.open(anna, None, None).await,
    ];
    let bens = [stage.open(ben, Some(&stage.okta), Some("two")).await];
    stage.takes("okta", &stage.token("t-1", &json!({ "sid": "one" }))).await;
    assert_eq!(stage.open_of(anna, &annas).await, [false, true, true, true, true]);
    // With a subject beside it, it is about that subject's session only.
    stage.takes("okta", &stage.token("t-2", &json!({ "sid": "two", "sub": "s-2" }))).await;
    assert_eq!(stage.open_of(anna, &annas).await, [false, true, true, true, true]);
    assert_eq!(stage.open_of(ben, &bens).await, [false]);
    // A session that nobody knows is over already.
    stage.takes("okta", &stage.token("t-3", &json!({ "sid": "three" }))).await;
    stage.takes("okta", &stage.token("t-4", &json!({ "sid": "two", "sub": "s-unknown" }))).await;
    assert_eq!(stage.open_of(anna, &annas).await, [false, true, true, true, true]);
}

#[tokio::test]
async fn d10_a_subject_ends_all_its_sessions_at_that_connection() {
    let stage = Stage::set().await;
    let anna = stage.somebody(&stage.okta, "s-1").await;
    let ben = stage.somebody(&stage.okta, "s-2").await;
    let annas = [
        stage.open(anna, Some(&stage.okta), Some("one")).await,
        stage.open(anna, Some(&stage.okta), None).await,
        stage.open(anna, Some(&stage.entra), Some("one")).await,
        stage.open(anna, None, None).await,
    ];
    let bens = [stage.open(ben, Some(&stage.okta), Some("three")).await];
    stage.takes("okta", &stage.token("t-1", &json!({ "sub": "s-1" }))).await;
    assert_eq!(stage.open_of(anna, &annas).await, [false, false, true, true]);
    assert_eq!(stage.open_of(ben, &bens).await, [true]);
    stage.takes("okta", &stage.token("t-2", &json!({ "sub": "s-unknown" }))).await;
    assert_eq!(stage.open_of(ben, &bens).await, [true]);
}

#[tokio::test]
async fn d11_a_flood_of_unknown_keys_reads_the_keys_once_in_thirty_seconds() {
    let stage = Stage::set().await;
    stage.takes("okta", &stage.token("t-1", &json!({ "sub": "s-1" }))).await;
    assert_eq!(stage.idp.asked(KEYS_PATH).len(), 1);
    for number in 0..200 {
        let mut claims = stage.claims("t-2");
        claims["sub"] = json!("s-1");
        stage.refuses("okta", &signed(&claims, 2, &format!("k-{number}"))).await;
    }
    assert_eq!(stage.idp.asked(KEYS_PATH).len(), 2);
    // A wrong signature is not worth more, and a new key is found all the same.
    stage.refuses("okta", &signed(&stage.claims("t-3"), 2, "k1")).await;
    assert_eq!(stage.idp.asked(KEYS_PATH).len(), 2);
    stage.world.clock.advance(TimeDelta::seconds(30));
    stage.idp.publish(&[published(2, "k2")]);
    let mut claims = stage.claims("t-4");
    claims["sub"] = json!("s-1");
    take(&stage.world.auth, "acme", "okta", &signed(&claims, 2, "k2")).await.unwrap();
    assert_eq!(stage.idp.asked(KEYS_PATH).len(), 3);
}

#[tokio::test]
async fn a_refusal_ends_nothing_and_says_nothing() {
    let stage = Stage::set().await;
    let anna = stage.somebody(&stage.okta, "s-1").await;
    let session = stage.open(anna, Some(&stage.okta), Some("one")).await;
    let good = stage.token("t-1", &json!({ "sub": "s-1", "sid": "one" }));
    stage.refuses("absent", &good).await;
    let fault = take(&stage.world.auth, "nobody", "okta", &good).await.unwrap_err();
    assert_eq!(fault.reason(), Reason::LogoutRefused);
    for about in [json!({ "nonce": "n", "sub": "s-1" }), json!({ "events": {}, "sid": "one" }), json!({})] {
        stage.refuses("okta", &stage.token("t-1", &about)).await;
    }
    assert_eq!(stage.open_of(anna, &[session]).await, [true]);
    // A token that was refused is not used up.
    stage.takes("okta", &good).await;
    assert_eq!(stage.open_of(anna, &[session]).await, [false]);
}

#[tokio::test]
async fn an_idp_that_is_down_may_say_it_again() {
    let stage = Stage::set().await;
    stage.idp.put(METADATA_PATH, Answer::json(&json!({})).status(503));
    let token = stage.token("t-1", &json!({ "sub": "s-1" }));
    let fault = take(&stage.world.auth, "acme", "okta", &token).await.unwrap_err();
    assert_eq!((fault.kind(), fault.reason()), (Kind::Unavailable, Reason::IdpUnavailable));
    stage.idp.describe(&json!({}));
    stage.world.clock.advance(TimeDelta::seconds(5));
    stage.takes("okta", &token).await;
}

#[tokio::test]
async fn d16_signing_out_at_the_idp_leads_back_here_and_nowhere_else() {
    let stage = Stage::set().await;
    let endpoint = stage.idp.url("/end?tenant=1");
    stage.idp.describe(&json!({ "end_session_endpoint": endpoint }));
    let anna = stage.somebody(&stage.okta, "s-1").await;
    let sessions = [
        stage.open(anna, Some(&stage.okta), None).await,
        stage.open(anna, Some(&stage.okta), None).await,
        stage.open(anna, None, None).await,
    ];
    let caller = |session| Caller::person_of(stage.world.tenant, anna, session, Roles::NONE);
    let auth = &stage.world.auth;
    // The session of another browser, and one that came with a code.
    assert_eq!(session::end(auth, &caller(sessions[0]), Some(sessions[1])).await.unwrap(), None);
    assert_eq!(session::end(auth, &caller(sessions[2]), None).await.unwrap(), None);
    let url = session::end(auth, &caller(sessions[0]), None).await.unwrap().unwrap();
    assert!(url.starts_with(&format!("{endpoint}&id_token_hint=")), "{url}");
    let back = "&client_id=freehold&post_logout_redirect_uri=https%3A%2F%2Fpeople.example%2Facme%2Fsign-in";
    assert!(url.ends_with(back), "{url}");
    assert_eq!(stage.open_of(anna, &sessions).await, [false, false, false]);
    // An IdP without the endpoint, and one that is down, keep nobody in.
    for answer in [Answer::json(&stage.idp.metadata()), Answer::json(&json!({})).status(503)] {
        stage.idp.put(METADATA_PATH, answer);
        stage.world.clock.advance(TimeDelta::minutes(10));
        let session = stage.open(anna, Some(&stage.okta), None).await;
        assert_eq!(session::end(auth, &caller(session), None).await.unwrap(), None);
        assert_eq!(stage.open_of(anna, &[session]).await, [false]);
    }
}
