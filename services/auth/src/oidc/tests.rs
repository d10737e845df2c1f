use std::collections::HashMap;
use std::sync::Arc;

use chrono::DateTime;
use freehold_tests::scripted_idp::{Answer, ScriptedIdp, TOKEN_PATH};
use freehold_types::{Mint, Secret, SetClock};
use openidconnect::AccessToken;
use openidconnect::url::Url;
use serde_json::{Value, json};

use super::{Tokens, authorization_url, exchange, user_info};
use crate::address::Reach;
use crate::connection::{Connection, Demands};
use crate::http::CallError;
use crate::id_token::Subject;
use crate::idp::{Idp, IdpError, Idps};
use crate::refusal::Refusal;
use crate::sign_in::Secrets;
use crate::testing::connection_to;
use crate::testing::token::{published, signed};

/// As short as RFC 7636 allows.
const VERIFIER: &str = "the-verifier-of-this-test-is-43-characters-";
const BACK: &str = "https://people.example/acme/sso/okta/callback";

struct Stage {
    script: ScriptedIdp,
    idp: Arc<Idp>,
    connection: Connection,
}

impl Stage {
    async fn set() -> Self {
        let script = ScriptedIdp::start().await.unwrap();
        script.publish(&[published(1, "k1")]);
        let mint = Mint::new(Arc::new(SetClock::new(DateTime::from_timestamp(1_900_000_000, 0).unwrap())));
        let connection = connection_to(&script, &mint);
        let idp = Idps::new(mint, Reach::default()).get(&connection).await.unwrap();
        Self { script, idp, connection }
    }

    /// Redeems a code, answered so.
    async fn exchange(&self, answer: Answer) -> Result<Tokens, Refusal> {
        self.script.put(TOKEN_PATH, answer);
        exchange(&self.idp, &self.connection, BACK, "the-code", &text(VERIFIER)).await
    }

    async fn refusal(&self, answer: Answer) -> Refusal {
        self.exchange(answer).await.map(|_tokens| ()).expect_err("this answer must be refused")
    }
}

fn text(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn honest() -> Answer {
    let id_token =
        signed(&json!({ "iss": "https://idp.acme.test", "aud": "freehold", "sub": "s", "iat": 1, "exp": 2 }), 1, "k1");
    Answer::json(&json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token }))
}

#[tokio::test]
async fn b17_the_challenge_is_always_sent_and_so_is_the_verifier() {
    let stage = Stage::set().await;
    let secrets = Secrets { state: text("the-state"), nonce: text("the-nonce"), code_verifier: text(VERIFIER) };
    let url = authorization_url(&stage.idp, &stage.connection, BACK, &secrets).unwrap();
    let url = Url::parse(&url).unwrap();
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    // SHA-256 of the verifier, in base64url.
    assert_eq!(value("code_challenge"), Some("VApATKfQR5N2gEfphFf9CwX9wYjTDzz9C6jtp8yR85c"));
    assert_eq!(value("code_challenge_method"), Some("S256"));
    assert_eq!((value("state"), value("nonce")), (Some("the-state"), Some("the-nonce")));
    assert_eq!((value("redirect_uri"), value("response_type")), (Some(BACK), Some("code")));
    assert!(!url.as_str().contains(VERIFIER));

    stage.exchange(honest()).await.unwrap();
    let [asked] = stage.script.asked(TOKEN_PATH).try_into().unwrap();
    assert!(asked.body.contains(&format!("code_verifier={VERIFIER}")), "{}", asked.body);
    assert!(!asked.body.contains("hunter2"), "the secret goes into the header");
}

#[tokio::test]
async fn e05_e08_the_code_is_redeemed_where_we_were_told_and_nowhere_else() {
    let stage = Stage::set().await;
    let refusal = stage.refusal(Answer::redirect(&stage.script.url("/elsewhere")).status(307)).await;
    assert!(matches!(refusal, Refusal::AnswerUnreadable), "{refusal}");
    assert!(stage.script.asked("/elsewhere").is_empty());
    let refusal = stage.refusal(Answer::bytes(vec![b' '; 300 * 1024])).await;
    assert!(matches!(refusal, Refusal::Idp(IdpError::Call(CallError::TooLarge))), "{refusal}");
}

#[tokio::test]
async fn e13_no_word_of_the_provider_reaches_a_refusal() {
    let stage = Stage::set().await;
    let secret = "eyJhbGciOi.secret.token";
    let refused = json!({ "error": "invalid_grant", "error_description": secret, "error_uri": secret });
    let refusal = stage.refusal(Answer::json(&refused).status(400)).await;
    assert!(matches!(refusal, Refusal::CodeRefused("invalid_grant")), "{refusal}");
    let strange = json!({ "error": secret });
    let misread = json!({ "access_token": [secret], "id_token": secret });
    let plain = Answer::bytes(secret.into());
    for answer in [
        Answer::json(&refused).status(400),
        Answer::json(&strange).status(400),
        Answer::json(&misread),
        plain.clone(),
        plain.status(500),
    ] {
        let refusal = stage.refusal(answer).await;
        let cause = std::error::Error::source(&refusal).map(ToString::to_string);
        assert!(!format!("{refusal:?} {refusal} {cause:?}").contains("secret"), "{refusal}");
    }
}

#[tokio::test]
async fn an_answer_without_an_id_token_is_refused() {
    let stage = Stage::set().await;
    let answer = Answer::json(&json!({ "access_token": "a", "token_type": "Bearer" }));
    assert!(matches!(stage.refusal(answer).await, Refusal::NoIdToken));
}

/// The query of the address to which a browser is sent, of a provider that describes itself so.
async fn asked_for(described: &Value, connection: impl FnOnce(&mut Connection)) -> HashMap<String, String> {
    let mut stage = Stage::set().await;
    stage.script.describe(described);
    connection(&mut stage.connection);
    let mint = Mint::new(Arc::new(SetClock::new(DateTime::from_timestamp(1_900_000_000, 0).unwrap())));
    let idp = Idps::new(mint, Reach::default()).get(&stage.connection).await.unwrap();
    let secrets = Secrets { state: text("the-state"), nonce: text("the-nonce"), code_verifier: text(VERIFIER) };
    let url = Url::parse(&authorization_url(&idp, &stage.connection, BACK, &secrets).unwrap()).unwrap();
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_refresh_token_is_asked_for_where_it_is_the_only_sign() {
    let offers = json!({ "scopes_supported": ["openid", "profile", "offline_access"] });
    assert_eq!(asked_for(&offers, |_plain| {}).await["scope"], "openid profile offline_access");
    let tells = json!({ "scopes_supported": ["openid", "offline_access"], "backchannel_logout_supported": true });
    assert_eq!(asked_for(&tells, |_plain| {}).await["scope"], "openid profile");
    assert_eq!(asked_for(&json!({}), |_plain| {}).await["scope"], "openid profile");
    let more = |connection: &mut Connection| {
        connection.settings.scopes = vec!["offline_access".to_owned(), "staff".to_owned()];
    };
    assert_eq!(asked_for(&offers, more).await["scope"], "openid profile offline_access staff");
}

#[tokio::test]
async fn a31_what_is_demanded_is_asked_for() {
    let demanding = |connection: &mut Connection| {
        let acr = vec!["loa-2".to_owned(), "loa-3".to_owned()];
        connection.settings.demands = Demands { acr, amr: vec!["mfa".to_owned()], max_age_minutes: Some(60) };
    };
    let query = asked_for(&json!({}), demanding).await;
    assert_eq!((query["acr_values"].as_str(), query["max_age"].as_str()), ("loa-2 loa-3", "3600"));
    let query = asked_for(&json!({}), |_plain| {}).await;
    assert!(!query.contains_key("acr_values") && !query.contains_key("max_age"));
}

#[tokio::test]
async fn a26_userinfo_about_somebody_else_is_refused() {
    let stage = Stage::set().await;
    let anna = Subject { issuer: stage.script.issuer().to_owned(), subject: "anna".to_owned() };
    let access_token = AccessToken::new("the-access-token".to_owned());
    let ask = async |idp: &Idp| user_info(idp, &access_token, &anna).await;
    assert!(ask(&stage.idp).await.unwrap().is_none(), "it has no such endpoint");

    stage.script.describe(&json!({ "userinfo_endpoint": stage.script.url("/userinfo") }));
    let mint = Mint::new(Arc::new(SetClock::new(DateTime::from_timestamp(1_900_000_000, 0).unwrap())));
    let idp = Idps::new(mint, Reach::default()).get(&stage.connection).await.unwrap();
    stage.script.put("/userinfo", Answer::json(&json!({ "sub": "anna", "oid": "0001" })));
    assert_eq!(ask(&idp).await.unwrap().unwrap().text("oid").as_deref(), Some("0001"));
    for other in [json!({ "sub": "ben", "oid": "0001" }), json!({ "oid": "0001" }), json!({ "sub": ["anna"] })] {
        stage.script.put("/userinfo", Answer::json(&other));
        assert!(matches!(ask(&idp).await, Err(Refusal::OtherUserInfo)), "{other}");
    }
    // Said twice, and not said at all.
    for answer in [&br#"{"sub":"anna","sub":"ben"}"#[..], b"eyJhbGciOi.secret.token", b""] {
        stage.script.put("/userinfo", Answer::bytes(answer.to_vec()));
        assert!(matches!(ask(&idp).await, Err(Refusal::AnswerUnreadable)));
    }
    stage.script.put("/userinfo", Answer::redirect(&stage.script.url("/elsewhere")));
    assert!(matches!(ask(&idp).await, Err(Refusal::Idp(IdpError::Answer(302)))));
    assert!(stage.script.asked("/elsewhere").is_empty());
}
