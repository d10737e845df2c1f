//! Somebody at the pages of a running installation.

use anyhow::{Context, Result};
use freehold_tests::authenticator::digits_now;
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};

/// What everybody chooses; nobody guesses it.
pub const PASSWORD: &str = "the-oven-hums-at-four";

/// Somebody who claimed an account.
pub struct Claimed {
    /// The cookie of the session.
    pub session: String,
    /// The key of the authenticator app.
    pub key: String,
}

/// Claims an account with an access code, for a password and an authenticator app.
pub async fn claim(client: &reqwest::Client, web: &str, code: &str) -> Result<Claimed> {
    let claim = cookie(&post(client, web, "/acme/claim", "", format!("code={code}")).await?, "fh-acme.claim=")?;
    let page = client.get(format!("{web}/acme/claim/enrol")).header(COOKIE, &claim).send().await?.text().await?;
    let key = page.split("class=\"key\">").nth(1).and_then(|rest| rest.split('<').next());
    let key = key.context("the page shows a key")?.to_owned();
    let digits = digits_now(&key)?;
    let chosen = format!("password={PASSWORD}&again={PASSWORD}&totp_code={digits}");
    let session = cookie(&post(client, web, "/acme/claim/enrol", &claim, chosen).await?, "fh-acme=")?;
    Ok(Claimed { session, key })
}

/// Signs in with password and app; the cookie of the session.
pub async fn sign_in(client: &reqwest::Client, web: &str, name: &str, key: &str) -> Result<String> {
    let fields = format!("sign_in_name={name}&password={PASSWORD}&totp_code={}", digits_now(key)?);
    cookie(&post(client, web, "/acme/sign-in", "", fields).await?, "fh-acme=")
}

/// Sends a form from our own pages.
pub async fn post(
    client: &reqwest::Client,
    web: &str,
    path: &str,
    cookie: &str,
    form: String,
) -> Result<reqwest::Response> {
    let request = client.post(format!("{web}{path}")).header(ORIGIN, web).header(COOKIE, cookie);
    Ok(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form).send().await?)
}

/// What an answer says to keep under a name that ends in `=`.
fn cookie(answer: &reqwest::Response, name: &str) -> Result<String> {
    let kept = answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let kept = kept.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with(name));
    kept.map(str::to_owned).with_context(|| format!("no cookie {name}: {}", answer.status()))
}

#[expect(clippy::disallowed_methods, reason = "visitors of ours on loopback, whom nothing must be guarded from")]
pub fn client() -> Result<reqwest::Client> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    client.context("cannot build an HTTP client")
}
