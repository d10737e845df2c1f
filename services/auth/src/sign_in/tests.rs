mod keys;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Mint, Secret, SystemClock};

use super::{Attempt, Return, Secrets, check_return};

const ISSUER: &str = "https://idp.acme.test";
const START: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

fn text(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn attempt() -> Attempt {
    Attempt {
        connection: Mint::new(Arc::new(SystemClock)).id(),
        secrets: Secrets { state: text("the-state"), nonce: text("the-nonce"), code_verifier: text("the-verifier") },
        return_to: "/acme".to_owned(),
        expires_at: START + TimeDelta::minutes(10),
        again: false,
    }
}

fn back() -> Return {
    Return {
        company_address: "acme".to_owned(),
        connection_name: "okta".to_owned(),
        browser_token: text("the-browser"),
        state: text("the-state"),
        code: text("the-code"),
        issuer: ISSUER.to_owned(),
        error: String::new(),
    }
}

fn check(back: &Return, announced: bool, minutes: i64, wanted: Option<&str>) {
    let answer = check_return(back, &attempt(), ISSUER, announced, START + TimeDelta::minutes(minutes));
    assert_eq!(answer.err().map(|refusal| refusal.to_string()).as_deref(), wanted);
}

#[test]
fn a_browser_that_comes_back_in_time_with_everything_may_go_on() {
    check(&back(), true, 9, None);
    check(&Return { issuer: String::new(), ..back() }, false, 9, None);
}

#[test]
fn b01_b05_b06_b12_b14_nothing_is_sent_to_the_idp_otherwise() {
    check(&back(), true, 10, Some("the sign-in took longer than ten minutes"));
    let other = "the parameter state is missing or another";
    check(&Return { state: text("another"), ..back() }, true, 1, Some(other));
    check(&Return { state: text(""), ..back() }, true, 1, Some(other));
    let missing = "the parameter iss is missing although the IdP announces it";
    check(&Return { issuer: String::new(), ..back() }, true, 1, Some(missing));
    for announced in [true, false] {
        let strange = Return { issuer: format!("{ISSUER}/"), ..back() };
        check(&strange, announced, 1, Some("the parameter iss names another IdP"));
    }
    let denied = Return { error: "access_denied".to_owned(), code: text(""), ..back() };
    check(&denied, true, 1, Some("the IdP answered with the error access_denied"));
    let html = Return { error: "<script>".to_owned(), ..back() };
    check(&html, true, 1, Some("the IdP answered with the error an error of another name"));
    let long = Return { code: text(&"x".repeat(4097)), ..back() };
    check(&long, true, 1, Some("the parameter code is missing or too long"));
    check(&Return { code: text(""), ..back() }, true, 1, Some("the parameter code is missing or too long"));
}
