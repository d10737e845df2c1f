use chrono::TimeDelta;
use freehold_tests::scripted_idp::{Answer, METADATA_PATH, ScriptedIdp, TOKEN_PATH};
use freehold_types::{Caller, ConnectionId, PageSize, PersonId, Roles, Secret};
use serde_json::{Value, json};

use super::round;
use crate::connection::{self, Declared, Policy};
use crate::id_token::Subject;
use crate::session::Origin;
use crate::testing::token::{published, signed};
use crate::testing::{World, connection_to};
use crate::token::TokenHash;
use crate::{session, store};

struct Stage {
    idp: ScriptedIdp,
    world: World,
    connection: ConnectionId,
}

impl Stage {
    async fn set() -> Self {
        let idp = ScriptedIdp::start().await.unwrap();
        idp.publish(&[published(1, "k1")]);
        idp.put(TOKEN_PATH, Answer::json(&json!({ "access_token": "a", "token_type": "Bearer" })));
        let world = World::new().await;
        let settings = connection_to(&idp, &world.auth.deps.mint).settings;
        let declared = Declared {
            connections: vec![settings],
            policy: Policy::default(),
            emergency_accounts: Vec::new(),
            role_groups: Vec::new(),
        };
        connection::apply(&world.auth, &world.operator(), &declared, false).await.unwrap();
        let tx = world.auth.deps.tenancy.begin(&world.service()).await.unwrap();
        let connection = store::connection::all(&tx).await.unwrap()[0].id;
        tx.commit().await.unwrap();
        Self { idp, world, connection }
    }

    /// A session of somebody new, and who then calls.
    async fn open(&self, refresh_token: Option<&str>) -> (Secret<String>, Caller) {
        let person: PersonId = self.world.auth.deps.mint.id();
        let tx = self.world.auth.deps.tenancy.begin(&self.world.service()).await.unwrap();
        let origin = Origin {
            connection: self.connection,
            sid: None,
            id_token: None,
            subject: Some(Subject { issuer: self.idp.issuer().to_owned(), subject: "anna".to_owned() }),
            refresh_token: refresh_token.map(|token| Secret::new(token.to_owned())),
        };
        let opened = session::open(&tx, &self.world.service(), person, Some(&origin)).await.unwrap();
        let hash = TokenHash::of(opened.token.expose()).unwrap();
        let session = store::session::find_by_token(&tx, &hash).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        (opened.token, Caller::person_of(self.world.tenant, person, session.id, Roles::NONE))
    }

    async fn is_open(&self, caller: &Caller) -> bool {
        session::list(&self.world.auth, caller, PageSize::from_request(0), "").await.unwrap().0.len() == 1
    }

    /// So many minutes later, of which the last saw the session used.
    async fn later(&self, minutes: i64, token: &Secret<String>) -> bool {
        self.world.clock.advance(TimeDelta::minutes(minutes));
        let tx = self.world.auth.deps.tenancy.begin(&self.world.service()).await.unwrap();
        let hash = TokenHash::of(token.expose()).unwrap();
        if let Some(session) = store::session::find_by_token(&tx, &hash).await.unwrap() {
            store::session::touch(&tx, session.id, self.world.auth.deps.mint.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        round::run(&self.world.auth, self.world.tenant).await.unwrap()
    }

    /// What the IdP was sent, one line for each time it was asked.
    fn asked(&self) -> Vec<String> {
        self.idp.asked(TOKEN_PATH).into_iter().map(|asked| asked.body).collect()
    }

    /// An ID token that a refresh brings, with these claims changed.
    fn refreshed(&self, changed: &Value) -> Answer {
        let now = self.world.auth.deps.mint.now().timestamp();
        let mut claims =
            json!({ "iss": self.idp.issuer(), "aud": "freehold", "sub": "anna", "iat": now, "exp": now + 300 });
        claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let id_token = signed(&claims, 1, "k1");
        Answer::json(&json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token }))
    }
}

fn refused(error: &str) -> Answer {
    Answer::json(&json!({ "error": error, "error_description": "eyJhbGciOi.secret.token" })).status(400)
}

#[tokio::test]
async fn a_session_is_asked_about_every_five_minutes_while_it_is_used() {
    let stage = Stage::set().await;
    let (token, caller) = stage.open(Some("first")).await;
    assert!(stage.later(4, &token).await);
    assert_eq!(stage.asked().len(), 0);
    stage.later(2, &token).await;
    let asked = stage.asked();
    assert!(asked.len() == 1 && asked[0].contains("refresh_token=first"), "{asked:?}");
    assert!(asked[0].contains("grant_type=refresh_token"), "{asked:?}");
    stage.later(2, &token).await;
    assert_eq!(stage.asked().len(), 1);
    // Nobody there: it is left alone, and asked about when somebody is back.
    stage.world.clock.advance(TimeDelta::minutes(60));
    round::run(&stage.world.auth, stage.world.tenant).await.unwrap();
    assert_eq!(stage.asked().len(), 1);
    stage.later(1, &token).await;
    assert_eq!(stage.asked().len(), 2);
    assert!(stage.is_open(&caller).await);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_is_nothing_to_ask_about() {
    let stage = Stage::set().await;
    let (token, caller) = stage.open(None).await;
    assert!(!stage.later(6, &token).await);
    assert!(stage.asked().is_empty() && stage.is_open(&caller).await);
}

#[tokio::test]
async fn a_new_refresh_token_takes_the_place_of_the_old_one() {
    let stage = Stage::set().await;
    let (token, _caller) = stage.open(Some("first")).await;
    let rotated = json!({ "access_token": "a", "token_type": "Bearer", "refresh_token": "second" });
    stage.idp.put(TOKEN_PATH, Answer::json(&rotated));
    stage.later(6, &token).await;
    stage.later(7, &token).await;
    let asked = stage.asked();
    assert!(asked.len() == 2 && asked[1].contains("refresh_token=second"), "{asked:?}");
    // And stays when none comes.
    stage.idp.put(TOKEN_PATH, Answer::json(&json!({ "access_token": "a", "token_type": "Bearer" })));
    stage.later(7, &token).await;
    stage.later(7, &token).await;
    assert!(stage.asked()[3].contains("refresh_token=second"));
}

#[tokio::test]
async fn d14_refused_once_the_session_ends() {
    let stage = Stage::set().await;
    let (token, caller) = stage.open(Some("first")).await;
    let (_other, others) = stage.open(Some("second")).await;
    stage.idp.put(TOKEN_PATH, refused("invalid_grant"));
    stage.later(6, &token).await;
    assert!(!stage.is_open(&caller).await && !stage.is_open(&others).await);
    assert_eq!(stage.asked().len(), 2);
    assert!(!round::run(&stage.world.auth, stage.world.tenant).await.unwrap(), "nothing is left to ask about");
}

#[tokio::test]
async fn a27_a_refreshed_id_token_about_somebody_else_ends_the_session() {
    for lie in [
        json!({ "sub": "ben" }),
        json!({ "iss": "https://another.test" }),
        json!({ "aud": "another" }),
        json!({ "azp": "another" }),
        json!({ "exp": 1 }),
    ] {
        let stage = Stage::set().await;
        let (token, caller) = stage.open(Some("first")).await;
        stage.world.clock.advance(TimeDelta::minutes(6));
        stage.idp.put(TOKEN_PATH, stage.refreshed(&json!({ "nonce": "of the sign-in" })));
        stage.later(0, &token).await;
        assert!(stage.is_open(&caller).await, "an honest one does not");
        stage.world.clock.advance(TimeDelta::minutes(7));
        stage.idp.put(TOKEN_PATH, stage.refreshed(&lie));
        stage.later(0, &token).await;
        assert!(!stage.is_open(&caller).await, "{lie}");
    }
}

#[tokio::test]
async fn e12_an_idp_that_fails_ends_sessions_after_an_hour_and_not_before() {
    let answers = [
        refused("temporarily_unavailable"),
        refused("invalid_client"),
        Answer::bytes(b"<html>".into()).status(502),
        Answer::bytes(b"nonsense".into()),
        Answer::redirect("https://elsewhere.test").status(307),
    ];
    for answer in answers {
        let stage = Stage::set().await;
        let (token, caller) = stage.open(Some("first")).await;
        stage.idp.put(TOKEN_PATH, answer.clone());
        for _ in 0..9 {
            stage.later(7, &token).await;
            assert!(stage.is_open(&caller).await, "{answer:?}");
        }
        // Back for a moment: the hour begins anew.
        stage.idp.put(TOKEN_PATH, Answer::json(&json!({ "access_token": "a", "token_type": "Bearer" })));
        stage.later(7, &token).await;
        stage.idp.put(TOKEN_PATH, answer.clone());
        stage.later(7, &token).await;
        for _ in 0..8 {
            stage.later(7, &token).await;
            assert!(stage.is_open(&caller).await, "{answer:?}");
        }
        stage.later(7, &token).await;
        assert!(!stage.is_open(&caller).await, "{answer:?}");
    }
}

#[tokio::test]
async fn e12_an_idp_that_cannot_be_reached_is_asked_once_in_a_round() {
    let stage = Stage::set().await;
    let mut callers = Vec::new();
    let mut last = None;
    for place in 0..20 {
        let (token, caller) = stage.open(Some(&format!("token-{place}"))).await;
        callers.push(caller);
        last = Some(token);
    }
    stage.idp.put(METADATA_PATH, Answer::bytes(Vec::new()).status(503));
    stage.world.clock.advance(TimeDelta::minutes(6));
    stage.later(0, &last.unwrap()).await;
    // Two are asked about side by side, and the second learns from the first.
    assert!(stage.idp.asked(METADATA_PATH).len() <= 2);
    for caller in &callers {
        assert!(stage.is_open(caller).await);
    }
}
