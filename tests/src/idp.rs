//! A real OpenID Connect provider: the npm package `oidc-provider` with scripted people and a control port.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::chromium::node;
use crate::http::tell;
use crate::part::{Folder, Part, program, run, tests_folder};

const START_LIMIT: Duration = Duration::from_secs(60);
/// Redirects between the authorization request and the way back; three are usual.
const REDIRECTS_MAX: usize = 10;

/// The client that Freehold is at this provider.
pub const CLIENT_ID: &str = "freehold";
/// The client's secret.
pub const CLIENT_SECRET: &str = "s3cret-0123456789abcdef0123456789abcdef";

/// What a provider must know of Freehold besides its id and secret.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where people are sent back to after a sign-in.
    pub redirect_uri: String,
    /// Where people are sent back to after a sign-out.
    pub post_logout_redirect_uri: String,
    /// Where it is said that sessions are over.
    pub backchannel_logout_uri: String,
}

impl Client {
    /// The places of one connection of a company.
    #[must_use]
    pub fn at(public_url: &str, company: &str, connection: &str) -> Self {
        let place = format!("{public_url}/{company}");
        Self {
            redirect_uri: format!("{place}/sso/{connection}/callback"),
            post_logout_redirect_uri: format!("{place}/sign-in"),
            backchannel_logout_uri: format!("{place}/sso/{connection}/backchannel-logout"),
        }
    }
}

/// A new RSA key for a provider that is told its key: the private and the public half as PEM.
pub(crate) fn rsa_keys(folder: &Folder) -> Result<(String, String)> {
    let openssl = program("openssl", &["/usr/bin"], "the Debian package openssl")?;
    let file = folder.path().join("sign.key");
    run(Command::new(&openssl).args(["genrsa", "-traditional", "-out"]).arg(&file).arg("2048"))?;
    let public = run(Command::new(&openssl).args(["rsa", "-pubout", "-in"]).arg(&file))?;
    Ok((folder.read("sign.key"), String::from_utf8(public)?))
}

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Account {
    name: String,
    subject: String,
    claims: Map<String, Value>,
}

impl Account {
    /// Signs in as `name`; the ID token's `sub` is `subject-of-NAME` until told otherwise.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), subject: format!("subject-of-{name}"), claims: Map::new() }
    }

    /// With this `sub`.
    #[must_use]
    pub fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    /// With one more claim in the ID token, for example `email` or `oid`.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }
}

/// A provider with one client and its own accounts.
pub struct Idp {
    _part: Part,
    _folder: Folder,
    issuer: String,
    control_port: u16,
}

impl Idp {
    /// Starts a provider on loopback, over plain HTTP, for these accounts.
    pub fn start(accounts: &[Account]) -> Result<Self> {
        let folder = Folder::new("idp")?;
        let claims: Vec<&String> = accounts.iter().flat_map(|account| account.claims.keys()).collect();
        let settings = json!({
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "claims": claims,
            "accounts": accounts.iter().map(|account| json!({
                "name": account.name,
                "subject": account.subject,
                "claims": account.claims,
            })).collect::<Vec<_>>(),
        });
        let settings = folder.write("settings.json", settings.to_string())?;
        let command = [
            node("oidc-provider")?.display().to_string(),
            tests_folder().join("idp/op.mjs").display().to_string(),
            settings.display().to_string(),
        ];
        let mut part = Part::start("oidc-provider", &folder, "TERM", &command)?;
        // Its first line says where it listens: node asks the kernel for the ports, so they cannot be lost to others.
        let ready: Value = part.ready(START_LIMIT, || {
            Ok(folder.read("out").split_once('\n').and_then(|(line, _)| serde_json::from_str(line).ok()))
        })?;
        let issuer = ready["issuer"].as_str().context("the provider names no issuer")?.to_owned();
        let control_port = ready["control_port"].as_u64().context("the provider names no control port")?;
        Ok(Self { _part: part, _folder: folder, issuer, control_port: control_port.try_into()? })
    }

    /// Its issuer, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Lets people be sent back to this address; as many as are told.
    pub fn allow_redirect(&self, uri: &str) -> Result<()> {
        self.tell("redirect", json!({ "uri": uri })).map(|_| ())
    }

    /// Says to `backchannel` that a session is over, and sends people who sign out to `back`.
    pub fn allow_logout(&self, backchannel: &str, back: &str) -> Result<()> {
        self.tell("logout", json!({ "backchannel": backchannel, "back": back })).map(|_| ())
    }

    /// Any token, signed with the provider's key.
    pub fn mint(&self, header: &Value, claims: &Value) -> Result<String> {
        let answer = self.tell("mint", json!({ "header": header, "claims": claims }))?;
        Ok(answer["token"].as_str().context("no token was made")?.to_owned())
    }

    /// Signs out in the way a browser would, from the address that ends a session, over the provider's own question, to
    /// the address it sends people back to, which is returned and not visited.
    pub async fn sign_out(&self, visitor: &reqwest::Client, address: &str) -> Result<String> {
        let page = visitor.get(address).send().await?.text().await?;
        let between = |before: &str| {
            let (_, rest) = page.split_once(before)?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let action = between("action=\"").with_context(|| format!("the provider asks nothing: {page}"))?;
        let secret = between("name=\"xsrf\" value=\"").with_context(|| format!("the form is another: {page}"))?;
        let request = visitor.post(action).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(format!("xsrf={secret}&logout=yes")).send().await?;
        let Some(back) = answer.headers().get("location") else {
            bail!("the provider answered {} and sent nobody back: {}", answer.status(), answer.text().await?);
        };
        Ok(back.to_str()?.to_owned())
    }

    /// The account is gone: for sign-ins, refreshes and userinfo.
    pub fn disable(&self, name: &str) -> Result<()> {
        self.tell("disable", json!({ "name": name })).map(|_| ())
    }

    /// Undoes [`Idp::disable`].
    pub fn enable(&self, name: &str) -> Result<()> {
        self.tell("enable", json!({ "name": name })).map(|_| ())
    }

    /// A new signing key. Tokens signed with the old one stay valid only if it is still published.
    pub fn rotate(&self, keep_old: bool) -> Result<()> {
        self.tell("rotate", json!({ "keep_old": keep_old })).map(|_| ())
    }

    /// From now on the provider lies, in one of the ways that `tests/idp/op.mjs` lists; `{}` ends it.
    pub fn tamper(&self, lie: Value) -> Result<()> {
        self.tell("tamper", lie).map(|_| ())
    }

    /// How the client last proved who it is: `Basic`, or nothing when its secret stood in the body.
    pub fn authenticated(&self) -> Result<String> {
        Ok(self.tell("authenticated", json!({}))?["scheme"].as_str().unwrap_or_default().to_owned())
    }

    /// How often each path was asked for, by its first segment: `auth`, `token`, `jwks`.
    pub fn hits(&self) -> Result<BTreeMap<String, u64>> {
        Ok(serde_json::from_value(self.tell("hits", json!({}))?)?)
    }

    /// Signs `name` in the way a browser would, from the authorization request to the address the provider sends
    /// people back to, which is returned and not visited.
    pub async fn sign_in(&self, visitor: &reqwest::Client, authorization_url: &str, name: &str) -> Result<String> {
        let mut address = reqwest::Url::parse(authorization_url)?;
        for _ in 0..REDIRECTS_MAX {
            let path = address.path().to_owned();
            // The provider shows a form with one field where it would ask for a password.
            let request = match path.starts_with("/interaction/") {
                true => visitor.post(address.clone()).body(format!("name={name}")),
                false => visitor.get(address.clone()),
            };
            let answer = request.send().await?;
            let Some(next) = answer.headers().get("location") else {
                bail!("{address} answered {} and sent nobody on: {}", answer.status(), answer.text().await?);
            };
            address = address.join(next.to_str()?)?;
            if !address.as_str().starts_with(&self.issuer) {
                return Ok(address.into());
            }
        }
        bail!("the provider sends people round in circles, last to {address}")
    }

    fn tell(&self, word: &str, body: Value) -> Result<Value> {
        tell(self.control_port, &format!("/{word}"), &body)
    }
}
