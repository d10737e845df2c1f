//! A real glewlwyd as an OpenID Connect provider whose people live in a slapd.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::http::visitor;
use crate::idp::{CLIENT_ID, CLIENT_SECRET, Client, rsa_keys};
use crate::ldif::BASE;
use crate::openldap::{BIND_DN, BIND_PASSWORD, Slapd};
use crate::part::{Folder, Part, free_port, missing, program, run, run_on};

const PACKAGE: &str = "the Debian package glewlwyd";
const START_LIMIT: Duration = Duration::from_secs(30);
/// A free port is only probably free, so a lost race is repeated.
const START_ATTEMPTS_MAX: usize = 5;
const SAMPLE: &str = "/usr/share/doc/glewlwyd/glewlwyd.conf.sample.gz";
const TABLES: &str = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz";
const PAGES: &str = "/usr/share/glewlwyd/webapp";
/// The package has this file in a folder of the same name, where its own pages do not find it.
const PAGES_CONFIGURATION: &str = "/etc/glewlwyd/config-2.7.json/config.json";

/// The attribute of a person that names the scopes the person may grant: each a value.
pub const SCOPE_ATTRIBUTE: &str = "businessCategory";
/// The scopes of that attribute that a sign-in needs.
pub const SCOPES: [&str; 2] = ["openid", "profile"];

/// A provider of one test.
pub struct Glewlwyd {
    _part: Part,
    folder: Folder,
    base: String,
}

impl Glewlwyd {
    /// Starts a provider on loopback, over plain HTTP, for the people of this directory: they sign in with `uid` and
    /// `userPassword`, and the claim `oid` is their `entryUUID`. Every refresh token is good once, and a refresh brings
    /// no ID token.
    pub async fn start(slapd: &Slapd, client: &Client) -> Result<Self> {
        fs::metadata(SAMPLE).ok().with_context(|| missing("glewlwyd", PACKAGE))?;
        let mut outcome = None;
        for _ in 0..START_ATTEMPTS_MAX {
            let started = Self::start_at(free_port()?);
            let done = started.is_ok();
            outcome = Some(started);
            if done {
                break;
            }
        }
        let started = outcome.context("nothing was started")??;
        started.set_up(slapd, client).await?;
        Ok(started)
    }

    fn start_at(port: u16) -> Result<Self> {
        let folder = Folder::new("glewlwyd")?;
        let place = folder.path().display().to_string();
        let base = format!("http://127.0.0.1:{port}");
        let database = folder.path().join("database");
        let tables = run(Command::new("/bin/zcat").arg(TABLES))?;
        run_on(Command::new(program("sqlite3", &["/usr/bin"], "the Debian package sqlite3")?).arg(&database), &tables)?;
        // It serves no file that a link leads to out of its folder, and most of these are links.
        let pages = folder.path().join("pages");
        run(Command::new("/bin/cp").args(["-rL", PAGES]).arg(&pages))?;
        fs::remove_dir_all(pages.join("config.json"))?;
        fs::copy(PAGES_CONFIGURATION, pages.join("config.json"))?;
        let sample = String::from_utf8(run(Command::new("/bin/zcat").arg(SAMPLE))?)?;
        let set = [
            ("port", port.to_string()),
            ("external_url", format!("\"{base}\"")),
            ("cookie_domain", "\"127.0.0.1\"".to_owned()),
            ("cookie_secure", "0".to_owned()),
            ("static_files_path", format!("\"{place}/pages/\"")),
        ];
        let mut text = "bind_address=\"127.0.0.1\"\n".to_owned();
        for line in sample.lines() {
            let found = set.iter().find(|(key, _)| line.starts_with(&format!("{key}=")));
            let line = found.map_or_else(|| line.to_owned(), |(key, value)| format!("{key}={value}"));
            text.push_str(&line.replace("/var/cache/glewlwyd/glewlwyd.db", &database.display().to_string()));
            text.push('\n');
        }
        let settings = folder.write("glewlwyd.conf", text)?;
        let command = [
            program("glewlwyd", &["/usr/bin"], PACKAGE)?.display().to_string(),
            format!("--config-file={}", settings.display()),
        ];
        let mut part = Part::start("glewlwyd", &folder, "TERM", &command)?;
        part.ready(START_LIMIT, || {
            let curl = program("curl", &["/usr/bin"], "the Debian package curl")?;
            let page = format!("{base}/login.html");
            Ok(run(Command::new(curl).args(["--silent", "--fail", "--output", "/dev/null", &page])).ok())
        })?;
        Ok(Self { _part: part, folder, base })
    }

    /// Its issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/api/oidc", self.base)
    }

    /// Signs somebody in in the way its pages do, to the address that people are sent back to, which is returned and not
    /// visited.
    pub async fn sign_in(&self, visitor: &reqwest::Client, url: &str, user: &str, password: &str) -> Result<String> {
        let say = async |method: Method, path: &str, body: Value| -> Result<()> {
            let request = visitor.request(method, format!("{}/api/auth/{path}", self.base));
            let answer = request.header("content-type", "application/json").body(body.to_string()).send().await?;
            ensure!(answer.status().is_success(), "/auth/{path} answered {}", answer.status());
            Ok(())
        };
        visitor.get(url).send().await?;
        say(Method::POST, "", json!({ "username": user, "password": password })).await?;
        say(Method::PUT, &format!("grant/{CLIENT_ID}"), json!({ "scope": SCOPES.join(" ") })).await?;
        let answer = visitor.get(format!("{url}&g_continue")).send().await?;
        let back = answer.headers().get("location").context("the provider sends nobody back")?;
        Ok(back.to_str()?.to_owned())
    }

    /// How many refresh tokens it has given, the first of each sign-in included.
    #[must_use]
    pub fn refreshed(&self) -> usize {
        let said = self.folder.read("out") + &self.folder.read("log");
        let given = |line: &&str| line.contains("Refresh token generated for client") && line.contains("granted by");
        said.lines().filter(given).count()
    }

    async fn set_up(&self, slapd: &Slapd, client: &Client) -> Result<()> {
        let administrator = visitor()?;
        let tell = async |path: &str, body: Value| -> Result<()> {
            let request = administrator.request(Method::POST, format!("{}/api{path}", self.base));
            let answer = request.header("content-type", "application/json").body(body.to_string()).send().await?;
            let status = answer.status();
            ensure!(status.is_success(), "{path} answered {status}: {}", answer.text().await?);
            Ok(())
        };
        tell("/auth/", json!({ "username": "admin", "password": "password" })).await?;
        tell("/mod/user/", people_of(slapd)).await?;
        tell(
            "/scope/",
            json!({ "name": "profile", "display_name": "profile", "description": "profile", "password_required": true,
                "password_max_age": 0, "scheme": {} }),
        )
        .await?;
        tell("/mod/plugin/", self.provider()?).await?;
        tell("/client/?source=database", known_client(client)).await
    }

    fn provider(&self) -> Result<Value> {
        let (private, public) = rsa_keys(&self.folder)?;
        let parameters = json!({
            "iss": self.issuer(), "jwt-type": "rsa", "jwt-key-size": "256", "key": private, "cert": public,
            "code-duration": 60, "refresh-token-duration": 3600, "access-token-duration": 300,
            "refresh-token-rolling": true, "refresh-token-one-use": "always", "allow-non-oidc": false,
            "auth-type-code-enabled": true, "auth-type-implicit-enabled": false, "auth-type-password-enabled": false,
            "auth-type-client-enabled": false, "auth-type-refresh-enabled": true, "auth-type-device-enabled": false,
            "pkce-allowed": true, "pkce-method-plain-allowed": false, "pkce-required": true,
            "subject-type": "public", "oauth-fapi-allow-restrict-alg": false, "jwks-show": true, "jwks-x5c": [],
            "claims": [{ "name": "oid", "user-property": "entryUUID", "type": "string", "mandatory": true,
                "on-demand": false, "scope": ["openid"] }],
            "name-claim": "mandatory", "name-claim-scopes": ["openid"],
            "session-management-allowed": true, "session-cookie-name": "GLEWLWYD2_OIDC_SESSION",
            "session-cookie-expiration": 3600,
            "client-back-channel-logout-uri-parameter": "backchannel_logout_uri",
            "client-back-channel-logout-session-required-parameter": "backchannel_logout_session_required",
            "client-post-logout-redirect-uris-parameter": "post_logout_redirect_uris",
            "front-channel-logout-allowed": false, "back-channel-logout-allowed": true,
            "allowed-scope": SCOPES,
        });
        Ok(json!({ "module": "oidc", "name": "oidc", "display_name": "oidc", "enabled": true, "order_rank": 0,
            "parameters": parameters }))
    }
}

fn people_of(slapd: &Slapd) -> Value {
    let read = json!({ "property": "entryUUID", "multiple": false, "read": true, "write": false, "profile-read": false,
        "profile-write": false });
    json!({ "module": "ldap", "name": "ldap", "display_name": "slapd", "readonly": true, "enabled": true,
        "order_rank": 1, "parameters": {
            "uri": slapd.ldap_url(), "bind-dn": BIND_DN, "bind-password": BIND_PASSWORD, "search-scope": "subtree",
            "page-size": 50, "base-search": format!("ou=people,{BASE}"),
            // It puts brackets around it.
            "filter": "objectClass=inetOrgPerson",
            "username-property": "uid", "name-property": "cn", "email-property": "mail",
            "scope-property": SCOPE_ATTRIBUTE, "data-format": { "entryUUID": read },
        } })
}

/// Properties that are not its own are texts.
fn known_client(client: &Client) -> Value {
    json!({ "client_id": CLIENT_ID, "name": CLIENT_ID, "confidential": true, "enabled": true,
        "client_secret": CLIENT_SECRET, "redirect_uri": [client.redirect_uri],
        "authorization_type": ["code", "refresh_token"], "scope": SCOPES,
        "token_endpoint_auth_method": ["client_secret_basic"],
        "post_logout_redirect_uris": client.post_logout_redirect_uri,
        "backchannel_logout_uri": client.backchannel_logout_uri, "backchannel_logout_session_required": "1" })
}
