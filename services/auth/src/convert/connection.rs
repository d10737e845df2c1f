//! What a manifest says of IdPs, read and shown.

use std::collections::BTreeSet;

use freehold_proto::auth::v1 as pb;
use freehold_proto::directory::v1::LinkAttribute;
use freehold_types::{Fault, Secret, Violations};
use freehold_wire::time::to_proto;

use crate::address::{self, Reach};
use crate::connection::{self, CONNECTIONS_MAX, Declared, Demands, LinkBy, Pin, Policy, Settings};
use crate::emergency::{ACCOUNTS, Account, Shown};
use crate::http::IdpCaller;
use crate::local::folded;

/// The longest name of a connection.
const NAME_BYTES_MAX: usize = 40;
/// How long an emergency account's name is, in characters.
const ACCOUNT_NAME_CHARS: std::ops::RangeInclusive<usize> = 3..=60;
/// The longest client id.
const CLIENT_ID_BYTES_MAX: usize = 255;
/// The longest client secret.
const CLIENT_SECRET_BYTES_MAX: usize = 1024;
/// The longest name of a claim.
const CLAIM_BYTES_MAX: usize = 64;
/// The most domains of one connection.
const DOMAINS_MAX: usize = 64;
/// The longest domain (RFC 1035).
const DOMAIN_BYTES_MAX: usize = 253;
/// The longest label of a domain.
const LABEL_BYTES_MAX: usize = 63;
/// The largest bundle of certificates.
const CA_PEM_BYTES_MAX: usize = 64 * 1024;
/// The most scopes to ask for besides our own.
const SCOPES_MAX: usize = 8;
/// The longest scope, and the longest value of a pinned claim, of `acr` and of `amr`.
const VALUE_BYTES_MAX: usize = 255;
/// The most values of `acr` and of `amr`.
const DEMANDED_MAX: usize = 8;
/// The longest ago that a sign-in at the IdP may be asked to be: a week, as long as sessions last.
const MAX_AGE_MINUTES_MAX: i32 = 7 * 24 * 60;
/// Where anybody has a mailbox.
const EVERYBODYS_DOMAINS: [&str; 28] = [
    "163.com",
    "aol.com",
    "bluewin.ch",
    "free.fr",
    "gmail.com",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "live.com",
    "mac.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "sfr.fr",
    "t-online.de",
    "wanadoo.fr",
    "web.de",
    "yahoo.com",
    "yandex.ru",
];
/// Claims whose value people or mail administrators choose, so that they prove nothing about who somebody is.
const CHOSEN_CLAIMS: [&str; 9] =
    ["email", "email_verified", "mail", "name", "nickname", "phone_number", "preferred_username", "unique_name", "upn"];

pub(crate) fn parse_declared(request: pb::ApplyConnectionsRequest, reach: &Reach) -> Result<Declared, Fault> {
    let mut violations = Violations::new();
    if request.connections.len() > CONNECTIONS_MAX {
        violations.push("connections", format!("a company has at most {CONNECTIONS_MAX} connections"));
    }
    let mut names = BTreeSet::new();
    let mut connections = Vec::new();
    for (place, settings) in request.connections.into_iter().take(CONNECTIONS_MAX).enumerate() {
        let path = format!("connections[{place}]");
        if !names.insert(settings.name.clone()) {
            violations.push(format!("{path}.name"), "another connection has this name");
        }
        connections.extend(parse_settings(&mut violations, &path, settings, reach));
    }
    // Who says nothing about it wants people to be able to come in.
    let unsaid = pb::SignInPolicy { access_codes: true, ..Default::default() };
    let policy = request.policy.unwrap_or(unsaid);
    check_accounts(&mut violations, &policy.emergency_accounts);
    if policy.sso_only && policy.access_codes {
        violations.push("policy.sso_only", "excludes policy.access_codes");
    }
    if policy.sso_only && names.is_empty() {
        violations.push("policy.sso_only", "needs a connection, or nobody could sign in");
    }
    let role_groups = super::role::parse_groups(&mut violations, request.role_groups);
    violations.finish()?;
    let pb::SignInPolicy { access_codes, sso_only, emergency_accounts } = policy;
    Ok(Declared { connections, policy: Policy { access_codes, sso_only }, emergency_accounts, role_groups })
}

fn check_accounts(violations: &mut Violations, names: &[String]) {
    let field = "policy.emergency_accounts";
    if !names.is_empty() && names.len() != ACCOUNTS {
        violations.push(field, format!("must be {ACCOUNTS} names, or none"));
    }
    for (place, name) in names.iter().take(ACCOUNTS).enumerate() {
        let clean = name.trim() == name && !name.chars().any(char::is_control);
        if !clean || !ACCOUNT_NAME_CHARS.contains(&name.chars().count()) {
            violations.push(field, "must be names of 3 to 60 characters, without spaces at either end");
        }
        if names.iter().take(place).any(|other| folded(other) == folded(name)) {
            violations.push(field, "must be two different names");
        }
    }
}

fn parse_settings(
    violations: &mut Violations,
    path: &str,
    settings: pb::ConnectionSettings,
    reach: &Reach,
) -> Option<Settings> {
    let link_attribute = settings.link_attribute;
    let pb::ConnectionSettings { name, issuer, client_id, client_secret, domains, link_claim, ca_pem, .. } = settings;
    let mut refuse = Refuse { violations, path };
    if !label(&name, NAME_BYTES_MAX) {
        refuse.field("name", "must be 1 to 40 of a-z, 0-9 and hyphen, and neither begin nor end with a hyphen");
    }
    let url = reach.issuer(&issuer);
    if let Err(mistake) = &url {
        refuse.field("issuer", &mistake.to_string());
    }
    if !printable(&client_id, CLIENT_ID_BYTES_MAX) {
        refuse.field("client_id", "must be the 1 to 255 printable characters registered at the IdP");
    }
    if client_secret.is_empty() || client_secret.len() > CLIENT_SECRET_BYTES_MAX {
        refuse.field("client_secret", "must be the secret registered at the IdP, at most 1 KiB");
    }
    check_domains(&mut refuse, &domains);
    check_link(&mut refuse, &link_claim);
    let link_by = parse_link_by(link_attribute);
    if link_by.is_none() {
        refuse.field("link_attribute", "must be LINK_ATTRIBUTE_DIRECTORY_ID or LINK_ATTRIBUTE_EMPLOYEE_NUMBER");
    }
    // Made only to learn whether it can be made; one call later the same bundle is used in earnest.
    let readable = ca_pem.is_empty()
        || (ca_pem.contains("-----BEGIN CERTIFICATE-----")
            && ca_pem.len() <= CA_PEM_BYTES_MAX
            && url.as_ref().map_or(true, |url| IdpCaller::new(url, &ca_pem, reach).is_ok()));
    if !readable {
        refuse.field("ca_pem", "must be certificates in PEM, at most 64 KiB");
    }
    check_scopes(&mut refuse, &settings.scopes);
    let pin = parse_pin(&mut refuse, settings.pin, &issuer);
    let demands = parse_demands(&mut refuse, settings.demands);
    Some(Settings {
        name,
        issuer,
        client_id,
        client_secret: Secret::new(client_secret),
        domains,
        link_claim,
        link_by: link_by?,
        ca_pem,
        scopes: settings.scopes,
        pin,
        demands,
    })
}

fn parse_link_by(attribute: i32) -> Option<LinkBy> {
    match LinkAttribute::try_from(attribute) {
        Ok(LinkAttribute::DirectoryId) => Some(LinkBy::DirectoryId),
        Ok(LinkAttribute::EmployeeNumber) => Some(LinkBy::EmployeeNumber),
        Ok(LinkAttribute::Unspecified) | Err(_) => None,
    }
}

/// 1 to `bytes_max` of a-z, 0-9 and hyphen, with no hyphen at either end: a name in an address, a label of a domain.
fn label(text: &str, bytes_max: usize) -> bool {
    let letters = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    (1..=bytes_max).contains(&text.len()) && letters && !text.starts_with('-') && !text.ends_with('-')
}

fn domain(text: &str) -> bool {
    let labels = || text.split('.').all(|part| label(part, LABEL_BYTES_MAX));
    text.len() <= DOMAIN_BYTES_MAX && text.contains('.') && labels()
}

fn printable(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Refuses what is wrong with one field of one connection.
struct Refuse<'a> {
    violations: &'a mut Violations,
    path: &'a str,
}

impl Refuse<'_> {
    fn field(&mut self, field: &str, message: &str) {
        self.violations.push(format!("{}.{field}", self.path), message);
    }
}

fn check_link(refuse: &mut Refuse<'_>, link_claim: &str) {
    if !printable(link_claim, CLAIM_BYTES_MAX) {
        refuse.field("link_claim", "must name a claim of the ID token, 1 to 64 printable characters");
    } else if chosen(link_claim) {
        refuse.field("link_claim", "must be a claim that nobody can choose, so no name, address or user name");
    }
}

fn chosen(claim: &str) -> bool {
    CHOSEN_CLAIMS.contains(&claim.to_ascii_lowercase().as_str())
}

fn check_domains(refuse: &mut Refuse<'_>, domains: &[String]) {
    if domains.len() > DOMAINS_MAX {
        refuse.field("domains", "at most 64 domains");
    }
    for (place, text) in domains.iter().enumerate().take(DOMAINS_MAX) {
        if !domain(text) {
            refuse.field(&format!("domains[{place}]"), "must be a domain in lower case, such as acme.example");
        } else if EVERYBODYS_DOMAINS.contains(&text.as_str()) {
            refuse.field(&format!("domains[{place}]"), "has mailboxes for everybody, so it belongs to no company");
        }
    }
}

fn check_scopes(refuse: &mut Refuse<'_>, scopes: &[String]) {
    if scopes.len() > SCOPES_MAX {
        refuse.field("scopes", "at most 8 scopes besides openid and profile");
    }
    for (place, scope) in scopes.iter().enumerate().take(SCOPES_MAX) {
        // RFC 6749 section 3.3.
        if !printable(scope, VALUE_BYTES_MAX) || scope.contains(['"', '\\']) {
            refuse.field(&format!("scopes[{place}]"), "must be one scope without spaces, such as offline_access");
        }
    }
}

/// The pin of a connection: who serves several companies under one issuer must be told apart by a claim.
fn parse_pin(refuse: &mut Refuse<'_>, pin: Option<pb::ClaimPin>, issuer: &str) -> Option<Pin> {
    let pin = pin.map(|pb::ClaimPin { claim, value }| Pin { claim, value });
    if let Some(Pin { claim, value }) = &pin {
        if !printable(claim, CLAIM_BYTES_MAX) || chosen(claim) {
            refuse.field("pin.claim", "must name a claim that nobody can choose, such as hd or tid");
        }
        if !printable(value, VALUE_BYTES_MAX) {
            refuse.field("pin.value", "must be the value of the claim for this company, 1 to 255 printable characters");
        }
    }
    if let Some(wanted) = address::pin_needed(issuer) {
        let given = pin.as_ref().filter(|pin| pin.claim == wanted.claim);
        let fits = given.is_some_and(|given| wanted.value.as_ref().is_none_or(|value| given.value == *value));
        if !fits {
            let value = wanted.value.as_deref().unwrap_or("the company's domain at Google");
            let message = format!("must be {{ claim = \"{}\", value = \"{value}\" }} for this issuer", wanted.claim);
            refuse.field("pin", &message);
        }
    }
    pin
}

fn parse_demands(refuse: &mut Refuse<'_>, demands: Option<pb::SignInDemands>) -> Demands {
    let pb::SignInDemands { acr, amr, max_age_minutes } = demands.unwrap_or_default();
    for (name, values) in [("acr", &acr), ("amr", &amr)] {
        if values.len() > DEMANDED_MAX || !values.iter().all(|value| printable(value, VALUE_BYTES_MAX)) {
            let message = format!("must be at most 8 values of the claim {name}, without spaces");
            refuse.field(&format!("demands.{name}"), &message);
        }
    }
    if !(0..=MAX_AGE_MINUTES_MAX).contains(&max_age_minutes) {
        refuse.field("demands.max_age_minutes", "must be 1 to 10080 minutes, which are a week");
    }
    Demands { acr, amr, max_age_minutes: (max_age_minutes > 0).then_some(max_age_minutes) }
}

pub(crate) fn render_list(list: connection::List) -> pb::ListConnectionsResponse {
    let connection::List { connections, accounts } = list;
    let account = |shown: Shown| pb::EmergencyAccount { enrolled: shown.enrolled, ..render_account(shown.account) };
    pb::ListConnectionsResponse {
        connections: connections.into_iter().map(render_connection).collect(),
        emergency_accounts: accounts.into_iter().map(account).collect(),
    }
}

fn render_connection(shown: connection::Shown) -> pb::Connection {
    let Settings {
        name,
        issuer,
        client_id,
        client_secret: _,
        domains,
        link_claim,
        link_by,
        ca_pem,
        scopes,
        pin,
        demands,
    } = shown.connection.settings;
    let link_attribute = match link_by {
        LinkBy::DirectoryId => LinkAttribute::DirectoryId,
        LinkBy::EmployeeNumber => LinkAttribute::EmployeeNumber,
    };
    let settings = pb::ConnectionSettings {
        name,
        issuer,
        client_id,
        client_secret: String::new(),
        domains,
        link_claim,
        link_attribute: link_attribute.into(),
        ca_pem,
        scopes,
        pin: pin.map(|Pin { claim, value }| pb::ClaimPin { claim, value }),
        demands: render_demands(demands),
    };
    pb::Connection {
        id: shown.connection.id.to_string(),
        settings: Some(settings),
        redirect_uri: shown.redirect_uri,
        post_logout_redirect_uri: shown.post_logout_redirect_uri,
        backchannel_logout_uri: shown.backchannel_logout_uri,
        tried: shown.connection.tried,
    }
}

fn render_demands(demands: Demands) -> Option<pb::SignInDemands> {
    let Demands { acr, amr, max_age_minutes } = demands;
    let some = !acr.is_empty() || !amr.is_empty() || max_age_minutes.is_some();
    some.then(|| pb::SignInDemands { acr, amr, max_age_minutes: max_age_minutes.unwrap_or_default() })
}

/// An account that was used and so has something to sign in with, unless the caller knows better.
pub(crate) fn render_account(account: Account) -> pb::EmergencyAccount {
    let Account { id, name, used_at } = account;
    pb::EmergencyAccount { id: id.to_string(), name, enrolled: true, used_at: used_at.map(to_proto) }
}
