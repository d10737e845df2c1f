//! Somebody at the real pages: keeps cookies, follows redirects one by one, sends the forms that the page holds.

use anyhow::{Context, Result, bail, ensure};
use freehold_tests::authenticator::digits;
use freehold_tests::http::visitor;
use freehold_tests::idp::Idp;
use reqwest::header::{CONTENT_TYPE, LOCATION, ORIGIN};
use reqwest::{StatusCode, Url};

use super::claim::PASSWORD;
use super::manifest::CONNECTION;

/// Redirects one answer may lead through.
const REDIRECTS_MAX: usize = 5;

/// A browser at one company's pages.
pub struct Visit {
    client: reqwest::Client,
    public_url: String,
    company: String,
}

/// A page as it came.
pub struct Page {
    pub address: Url,
    pub status: StatusCode,
    pub text: String,
}

impl Visit {
    pub fn new(public_url: &str, company: &str) -> Result<Self> {
        Ok(Self { client: visitor()?, public_url: public_url.to_owned(), company: company.to_owned() })
    }

    /// Comes in with an access code: chooses a password and an authenticator app, and goes on to the first page. What
    /// comes back is that page and the app's key.
    pub async fn sign_in_with_code(&self, code: &str, unix_seconds: i64) -> Result<(Page, String)> {
        let choice = self.redeem(code).await?;
        ensure!(choice.status == StatusCode::OK, "no choice: {} {}", choice.status, choice.text);
        let key = choice.text.split("class=\"key\">").nth(1).and_then(|rest| rest.split('<').next());
        let key = key.context("the page shows a key")?;
        let digits = digits(key, unix_seconds)?;
        let fields = [("password", PASSWORD), ("again", PASSWORD), ("totp_code", &digits)];
        let welcome = self.send("/claim/enrol", &fields).await?;
        ensure!(welcome.address.path().ends_with("/welcome"), "{} {}", welcome.status, welcome.text);
        Ok((self.open("").await?, key.to_owned()))
    }

    /// Comes in with a password and the digits of the app with this key.
    pub async fn sign_in_with_password(&self, name: &str, key: &str, unix_seconds: i64) -> Result<Page> {
        let answer = self.password(name, key, unix_seconds).await?;
        self.follow(answer).await
    }

    /// The same; what comes is the answer itself.
    pub async fn password(&self, name: &str, key: &str, unix_seconds: i64) -> Result<reqwest::Response> {
        let digits = digits(key, unix_seconds)?;
        self.post("/sign-in", &[("sign_in_name", name), ("password", PASSWORD), ("totp_code", &digits)]).await
    }

    /// Types an access code; what comes is the choice of a way to sign in, or the refusal.
    pub async fn redeem(&self, code: &str) -> Result<Page> {
        let page = self.open("/sign-in").await?;
        ensure!(page.status == StatusCode::OK, "the sign-in page answers {}", page.status);
        self.send("/claim", &[("code", code)]).await
    }

    /// Comes in through the company's IdP as the account `name`.
    pub async fn sign_in_at(&self, idp: &Idp, name: &str) -> Result<Page> {
        let page = self.open("/sign-in").await?;
        let form = format!("/{}/sso/{CONNECTION}", self.company);
        ensure!(page.text.contains(&form), "the sign-in page offers no way to {form}");
        let to_idp = self.begin("", &[]).await?;
        let back = self.at_idp(idp, &to_idp, name).await?;
        self.come_back(&back).await
    }

    /// Begins a sign-in through the company's IdP; where the browser is sent to.
    pub async fn begin(&self, query: &str, fields: &[(&str, &str)]) -> Result<String> {
        let answer = self.post(&format!("/sso/{CONNECTION}{query}"), fields).await?;
        location(&answer).context("the browser is not sent to the IdP")
    }

    /// Signs in as the account `name` there; where the browser is sent back to.
    pub async fn at_idp(&self, idp: &Idp, to_idp: &str, name: &str) -> Result<String> {
        idp.sign_in(&self.client, to_idp, name).await
    }

    /// Signs out of the IdP; where the browser is sent back to.
    pub async fn sign_out_at(&self, idp: &Idp, address: &str) -> Result<String> {
        idp.sign_out(&self.client, address).await
    }

    /// Goes where an IdP sends the browser.
    pub async fn come_back(&self, back: &str) -> Result<Page> {
        let answer = self.client.get(back).send().await?;
        self.follow(answer).await
    }

    /// Where the answer at this address sends the browser on.
    pub async fn sent_on(&self, address: &str) -> Result<String> {
        location(&self.client.get(address).send().await?).context("the browser is not sent on")
    }

    /// Opens a page of the company.
    pub async fn open(&self, path: &str) -> Result<Page> {
        let answer = self.client.get(self.address(path)).send().await?;
        self.follow(answer).await
    }

    /// What the company's pages answer to one request, wherever it leads.
    pub async fn fetch(&self, path: &str) -> Result<reqwest::Response> {
        Ok(self.client.get(self.address(path)).send().await?)
    }

    /// Sends a form.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let answer = self.post(path, fields).await?;
        self.follow(answer).await
    }

    /// Sends a form; what comes is the answer itself.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<reqwest::Response> {
        let mut form = Url::parse("form:")?;
        form.query_pairs_mut().extend_pairs(fields);
        let request = self
            .client
            .post(self.address(path))
            .header(ORIGIN, &self.public_url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned());
        Ok(request.send().await?)
    }

    async fn follow(&self, mut answer: reqwest::Response) -> Result<Page> {
        for _ in 0..REDIRECTS_MAX {
            let Some(next) = location(&answer) else {
                let (address, status) = (answer.url().clone(), answer.status());
                return Ok(Page { address, status, text: answer.text().await? });
            };
            answer = self.client.get(answer.url().join(&next)?).send().await?;
        }
        bail!("the pages send people round in circles, last to {}", answer.url())
    }

    fn address(&self, path: &str) -> String {
        format!("{}/{}{path}", self.public_url, self.company)
    }
}

fn location(answer: &reqwest::Response) -> Option<String> {
    let place = answer.headers().get(LOCATION)?;
    place.to_str().ok().map(str::to_owned)
}
