//! A real LemonLDAP::NG as an OpenID Connect provider whose people live in a slapd.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use crate::idp::{CLIENT_ID, CLIENT_SECRET, Client, rsa_keys};
use crate::ldif::BASE;
use crate::openldap::{BIND_DN, BIND_PASSWORD, Slapd};
use crate::part::{Folder, Part, free_port, missing, program, run};

const PACKAGE: &str = "the Debian packages liblemonldap-ng-portal-perl and starman";
/// A Perl process that loads some two hundred modules.
const START_LIMIT: Duration = Duration::from_secs(90);
/// A free port is only probably free, so a lost race is repeated.
const START_ATTEMPTS_MAX: usize = 5;

/// The portal under Starman, without the domain in its cookie: it writes `.127.0.0.1`, which no browser takes.
const PORTAL: &str = r"use Lemonldap::NG::Portal::Main;
use Plack::Builder;
use Plack::Util;
builder {
    enable sub {
        my $app = shift;
        sub {
            Plack::Util::response_cb($app->(@_), sub {
                my $headers = $_[0][1];
                for my $place (1 .. $#$headers) {
                    $headers->[$place] =~ s/; domain=[^;]*//i if lc $headers->[$place - 1] eq 'set-cookie';
                }
            });
        };
    };
    enable 'Static', path => sub { s{^/static/}{} }, root => '/usr/share/lemonldap-ng/portal/htdocs/static/';
    enable 'Static', path => sub { s{^/javascript/}{} }, root => '/usr/share/javascript/';
    Lemonldap::NG::Portal::Main->run({ configStorage => { confFile => 'FOLDER/lemonldap-ng.ini' } });
};
";

/// Where it looks for its configuration, and what it keeps of it in memory.
const INI: &str = "[all]
logLevel = warn
checkTime = 1
[configuration]
type = File
dirName = FOLDER/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'conf', 'default_expires_in' => 600, 'cache_root' => 'FOLDER/cache', \
                   'cache_depth' => 3 }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
[handler]
[manager]
protection = none
";

/// A portal of one test.
pub struct LemonLdap {
    _part: Part,
    _folder: Folder,
    issuer: String,
}

impl LemonLdap {
    /// Starts a portal on loopback, over plain HTTP, for the people of this directory: they sign in with `uid` and
    /// `userPassword`, and the claim `oid` is their `entryUUID`. It rotates no refresh tokens and, when asked for
    /// `offline_access`, gives one that is good as long as the person is in the directory.
    pub fn start(slapd: &Slapd, client: &Client) -> Result<Self> {
        let portal = "/usr/share/perl5/Lemonldap/NG/Portal/Main.pm";
        fs::metadata(portal).ok().with_context(|| missing("LemonLDAP::NG", PACKAGE))?;
        let mut outcome = None;
        for _ in 0..START_ATTEMPTS_MAX {
            let started = Self::start_at(free_port()?, slapd, client);
            let done = started.is_ok();
            outcome = Some(started);
            if done {
                break;
            }
        }
        outcome.context("nothing was started")?
    }

    fn start_at(port: u16, slapd: &Slapd, client: &Client) -> Result<Self> {
        let folder = Folder::new("lemonldap")?;
        let place = folder.path().display().to_string();
        for name in ["conf", "cache", "sessions/lock", "persistent/lock"] {
            fs::create_dir_all(folder.path().join(name))?;
        }
        let issuer = format!("http://127.0.0.1:{port}");
        folder.write("lemonldap-ng.ini", INI.replace("FOLDER", &place))?;
        let script = folder.write("portal.psgi", PORTAL.replace("FOLDER", &place))?;
        folder.write("conf/lmConf-1.json", configuration(&folder, &issuer, slapd, client)?.to_string())?;
        let command = [
            program("plackup", &["/usr/bin"], PACKAGE)?.display().to_string(),
            "--server=Starman".to_owned(),
            "--host=127.0.0.1".to_owned(),
            format!("--port={port}"),
            "--workers=2".to_owned(),
            "--env=deployment".to_owned(),
            script.display().to_string(),
        ];
        let mut part = Part::start("LemonLDAP::NG", &folder, "TERM", &command)?;
        part.ready(START_LIMIT, || {
            let described = format!("{issuer}/.well-known/openid-configuration");
            let curl = program("curl", &["/usr/bin"], "the Debian package curl")?;
            Ok(run(Command::new(curl).args(["--silent", "--fail", "--output", "/dev/null", &described])).ok())
        })?;
        Ok(Self { _part: part, _folder: folder, issuer })
    }

    /// Its issuer, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Signs somebody in in the way a browser would, through the form, to the address that people are sent back to, which
    /// is returned and not visited.
    pub async fn sign_in(&self, visitor: &reqwest::Client, url: &str, user: &str, password: &str) -> Result<String> {
        let page = visitor.get(url).header("accept", "text/html").send().await?.text().await?;
        let (_, rest) = page.split_once("name=\"url\" value=\"").with_context(|| format!("no form: {page}"))?;
        let pending = rest.split('"').next().unwrap_or_default();
        let mut form = reqwest::Url::parse("form:")?;
        form.query_pairs_mut().extend_pairs([("url", pending), ("user", user), ("password", password)]);
        let request = visitor.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form.query().unwrap_or_default().to_owned()).send().await?;
        let back = answer.headers().get("location").context("the portal sends nobody back")?;
        Ok(back.to_str()?.to_owned())
    }
}

fn configuration(folder: &Folder, issuer: &str, slapd: &Slapd, client: &Client) -> Result<serde_json::Value> {
    let (private, public) = rsa_keys(folder)?;
    let kept = |name: &str| {
        let place = folder.path().join(name).display().to_string();
        json!({ "Directory": place, "LockDirectory": format!("{place}/lock"),
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256" })
    };
    let cache = folder.path().join("cache").display().to_string();
    let mut all = json!({
        "cfgNum": 1, "cfgAuthor": "test", "cfgDate": "1700000000", "cfgVersion": "2.16.1",
        "key": "a key for sessions of one test--",
        "portal": format!("{issuer}/"), "domain": "127.0.0.1", "cookieName": "lemonldap", "securedCookie": 0,
        "globalStorage": "Apache::Session::File", "globalStorageOptions": kept("sessions"),
        "persistentStorage": "Apache::Session::File", "persistentStorageOptions": kept("persistent"),
        "localSessionStorage": "Cache::FileCache",
        "localSessionStorageOptions": { "namespace": "sessions", "default_expires_in": 600, "cache_root": cache,
            "cache_depth": 3 },
        "whatToTrace": "_whatToTrace", "macros": { "_whatToTrace": "lc($_user)" },
        "locationRules": { "people.acme.test": { "default": "accept" } },
        "exportedHeaders": {}, "groups": {}, "exportedVars": {}, "applicationList": {},
        "authentication": "LDAP", "userDB": "Same", "passwordDB": "Null", "registerDB": "Null",
        "ldapServer": slapd.ldap_url(), "ldapBase": format!("ou=people,{BASE}"),
        "managerDn": BIND_DN, "managerPassword": BIND_PASSWORD, "ldapVersion": 3, "ldapTimeout": 5,
        "LDAPFilter": "(&(uid=$user)(objectClass=inetOrgPerson))",
        "ldapExportedVars": { "uid": "uid", "cn": "cn", "entryUUID": "entryUUID" },
    });
    // Nothing between the form and the sign-in.
    for name in [
        "requireToken",
        "captcha_login_enabled",
        "captcha_mail_enabled",
        "captcha_register_enabled",
        "portalDisplayResetPassword",
        "portalDisplayRegister",
        "portalDisplayCertificateResetByMail",
        "bruteForceProtection",
        "notification",
        "portalCheckLogins",
        "showLanguages",
        "loginHistoryEnabled",
    ] {
        all[name] = json!(0);
    }
    let provider = json!({
        "issuerDBOpenIDConnectActivation": 1, "issuerDBOpenIDConnectPath": "^/oauth2/", "issuerDBOpenIDConnectRule": 1,
        "oidcServiceMetaDataIssuer": issuer, "oidcServiceAllowAuthorizationCodeFlow": 1, "oidcServiceAllowOffline": 1,
        "oidcServicePrivateKeySig": private, "oidcServicePublicKeySig": public, "oidcServiceKeyIdSig": "key-1",
        "oidcRPMetaDataOptions": { "freehold": options(client) },
        "oidcRPMetaDataExportedVars": { "freehold": { "name": "cn", "oid": "entryUUID" } },
        "oidcRPMetaDataOptionsExtraClaims": { "freehold": { "profile": "name oid" } },
    });
    let more = provider.as_object().context("an object")?.clone();
    all.as_object_mut().context("an object")?.extend(more);
    Ok(all)
}

/// What the portal knows of Freehold.
fn options(client: &Client) -> serde_json::Value {
    let mut options = json!({});
    for (name, value) in [
        ("ClientID", json!(CLIENT_ID)),
        ("ClientSecret", json!(CLIENT_SECRET)),
        ("RedirectUris", json!(client.redirect_uri)),
        ("PostLogoutRedirectUris", json!(client.post_logout_redirect_uri)),
        ("IDTokenSignAlg", json!("RS256")),
        ("UserIDAttr", json!("entryUUID")),
        ("RequirePKCE", json!(1)),
        ("BypassConsent", json!(1)),
        ("LogoutBypassConfirm", json!(1)),
        ("IDTokenForceClaims", json!(1)),
        ("RefreshToken", json!(1)),
        ("AllowOffline", json!(1)),
        // A test that moves its clock on must still find it fresh.
        ("IDTokenExpiration", json!(3_600)),
        ("AccessTokenExpiration", json!(300)),
    ] {
        options[format!("oidcRPMetaDataOptions{name}")] = value;
    }
    options
}
