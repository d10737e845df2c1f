//! Between messages and our own types; collects every mistake of a request.

pub(crate) mod claim;
pub(crate) mod passkey;

use std::collections::BTreeSet;

use freehold_proto::auth::v1 as pb;
use freehold_proto::directory::v1::LinkAttribute;
use freehold_types::{Fault, PersonId, Secret, SessionId, Violations};
use freehold_wire::time::to_proto;

use crate::access_code::{DAYS_DEFAULT, DAYS_MAX, ISSUED_MAX, Issued};
use crate::address;
use crate::connection::{self, CONNECTIONS_MAX, Declared, LinkBy, Policy, Settings};
use crate::http::IdpCaller;
use crate::session::{self, Authenticated};
use crate::sign_in::{Begun, Entered, Options, Return};

/// The most people one call ends the sessions of.
const LEFT_MAX: usize = 1_000;
/// The longest name of a connection.
const NAME_BYTES_MAX: usize = 40;
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
/// How a session that came without an IdP calls its method.
const LOCAL_METHOD: &str = "local";
/// Claims whose value people or mail administrators choose, so that they prove nothing about who somebody is.
const CHOSEN_CLAIMS: [&str; 9] =
    ["email", "email_verified", "mail", "name", "nickname", "phone_number", "preferred_username", "unique_name", "upn"];

pub(crate) fn parse_declared(request: pb::ApplyConnectionsRequest) -> Result<Declared, Fault> {
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
        connections.extend(parse_settings(&mut violations, &path, settings));
    }
    // Who says nothing about it wants people to be able to come in.
    let unsaid = pb::SignInPolicy { access_codes: true, sso_only: false };
    let policy = request.policy.unwrap_or(unsaid);
    if policy.sso_only && policy.access_codes {
        violations.push("policy.sso_only", "excludes policy.access_codes");
    }
    if policy.sso_only && names.is_empty() {
        violations.push("policy.sso_only", "needs a connection, or nobody could sign in");
    }
    violations.finish()?;
    let policy = Policy { access_codes: policy.access_codes, sso_only: policy.sso_only };
    Ok(Declared { connections, policy })
}

fn parse_settings(violations: &mut Violations, path: &str, settings: pb::ConnectionSettings) -> Option<Settings> {
    let link_attribute = settings.link_attribute;
    let pb::ConnectionSettings { name, issuer, client_id, client_secret, domains, link_claim, ca_pem, .. } = settings;
    let mut refuse = |field: &str, message: &str| violations.push(format!("{path}.{field}"), message);
    if !label(&name, NAME_BYTES_MAX) {
        refuse("name", "must be 1 to 40 of a-z, 0-9 and hyphen, and neither begin nor end with a hyphen");
    }
    let url = address::issuer(&issuer);
    if let Err(mistake) = &url {
        refuse("issuer", &mistake.to_string());
    }
    if !printable(&client_id, CLIENT_ID_BYTES_MAX) {
        refuse("client_id", "must be the 1 to 255 printable characters registered at the IdP");
    }
    if client_secret.is_empty() || client_secret.len() > CLIENT_SECRET_BYTES_MAX {
        refuse("client_secret", "must be the secret registered at the IdP, at most 1 KiB");
    }
    if domains.len() > DOMAINS_MAX {
        refuse("domains", "at most 64 domains");
    }
    for (place, text) in domains.iter().enumerate().take(DOMAINS_MAX) {
        if !domain(text) {
            refuse(&format!("domains[{place}]"), "must be a domain in lower case, such as acme.example");
        }
    }
    if !printable(&link_claim, CLAIM_BYTES_MAX) {
        refuse("link_claim", "must name a claim of the ID token, 1 to 64 printable characters");
    } else if CHOSEN_CLAIMS.contains(&link_claim.to_ascii_lowercase().as_str()) {
        refuse("link_claim", "must be a claim that nobody can choose, so no name, address or user name");
    }
    let link_by = parse_link_by(link_attribute);
    if link_by.is_none() {
        refuse("link_attribute", "must be LINK_ATTRIBUTE_DIRECTORY_ID or LINK_ATTRIBUTE_EMPLOYEE_NUMBER");
    }
    // Made only to learn whether it can be made; one call later the same bundle is used in earnest.
    let readable = ca_pem.is_empty()
        || (ca_pem.contains("-----BEGIN CERTIFICATE-----")
            && ca_pem.len() <= CA_PEM_BYTES_MAX
            && url.as_ref().map_or(true, |url| IdpCaller::new(url, &ca_pem).is_ok()));
    if !readable {
        refuse("ca_pem", "must be certificates in PEM, at most 64 KiB");
    }
    Some(Settings {
        name,
        issuer,
        client_id,
        client_secret: Secret::new(client_secret),
        domains,
        link_claim,
        link_by: link_by?,
        ca_pem,
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

pub(crate) fn parse_return(request: pb::FinishSignInRequest) -> Return {
    Return {
        company_address: request.company_address,
        connection_name: request.connection_name,
        browser_token: Secret::new(request.browser_token),
        state: Secret::new(request.state),
        code: Secret::new(request.code),
        issuer: request.issuer,
        error: request.error,
    }
}

pub(crate) fn parse_issue(request: &pb::IssueAccessCodesRequest) -> Result<(Vec<PersonId>, i32), Fault> {
    let mut violations = Violations::new();
    if request.person_ids.is_empty() {
        violations.push("person_ids", format!("must name 1 to {ISSUED_MAX} people"));
    }
    let people = parse_people(&mut violations, &request.person_ids, ISSUED_MAX);
    let mut seen = BTreeSet::new();
    for (place, id) in request.person_ids.iter().enumerate().take(ISSUED_MAX) {
        if !seen.insert(id) {
            violations.push(format!("person_ids[{place}]"), "stands twice");
        }
    }
    let days = match request.valid_days {
        0 => DAYS_DEFAULT,
        days => days,
    };
    if !(1..=DAYS_MAX).contains(&days) {
        violations.push("valid_days", format!("must be 1 to {DAYS_MAX}, or 0 for {DAYS_DEFAULT}"));
    }
    violations.finish()?;
    Ok((people, days))
}

pub(crate) fn parse_people_who_left(request: &pb::EndPeopleSessionsRequest) -> Result<Vec<PersonId>, Fault> {
    let mut violations = Violations::new();
    let people = parse_people(&mut violations, &request.person_ids, LEFT_MAX);
    violations.finish()?;
    Ok(people)
}

fn parse_people(violations: &mut Violations, ids: &[String], most: usize) -> Vec<PersonId> {
    if ids.len() > most {
        violations.push("person_ids", format!("must name at most {most} people"));
    }
    let parse = |(place, id): (usize, &String)| violations.take(&format!("person_ids[{place}]"), id.parse());
    ids.iter().take(most).enumerate().filter_map(parse).collect()
}

pub(crate) fn parse_session_id(id: &str) -> Result<Option<SessionId>, Fault> {
    if id.is_empty() {
        return Ok(None);
    }
    let mut violations = Violations::new();
    let id = violations.take("id", id.parse());
    violations.finish()?;
    Ok(id)
}

/// `passkeys` says whether browsers have them here at all.
pub(crate) fn render_options(options: Options, passkeys: bool) -> pb::GetSignInOptionsResponse {
    let Options { company, language, connection_names, access_codes } = options;
    let passkeys = passkeys && access_codes;
    pb::GetSignInOptionsResponse { company, language, connection_names, access_codes, passkeys }
}

pub(crate) fn render_begun(begun: &Begun) -> pb::BeginSignInResponse {
    pb::BeginSignInResponse {
        authorization_url: begun.authorization_url.clone(),
        browser_token: begun.browser_token.expose().clone(),
        state: begun.state.expose().clone(),
        expires_at: Some(to_proto(begun.expires_at)),
    }
}

pub(crate) fn render_entered(entered: Entered) -> pb::FinishSignInResponse {
    pb::FinishSignInResponse {
        session_token: entered.session.token.expose().clone(),
        expires_at: Some(to_proto(entered.session.expires_at)),
        return_to: entered.return_to,
    }
}

pub(crate) fn render_authenticated(authenticated: Authenticated) -> pb::AuthenticateResponse {
    let Authenticated { caller_token, person, administrator, tenant } = authenticated;
    pb::AuthenticateResponse {
        caller_token: caller_token.token.expose().clone(),
        expires_at: Some(to_proto(caller_token.expires_at)),
        person_id: person.to_string(),
        administrator,
        company: tenant.company,
        language: tenant.language,
        time_zone: tenant.time_zone,
    }
}

pub(crate) fn render_connections(connections: Vec<connection::Shown>) -> pb::ListConnectionsResponse {
    pb::ListConnectionsResponse { connections: connections.into_iter().map(render_connection).collect() }
}

fn render_connection(shown: connection::Shown) -> pb::Connection {
    let Settings { name, issuer, client_id, client_secret: _, domains, link_claim, link_by, ca_pem } =
        shown.connection.settings;
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
    };
    pb::Connection {
        id: shown.connection.id.to_string(),
        settings: Some(settings),
        redirect_uri: shown.redirect_uri,
        post_logout_redirect_uri: shown.post_logout_redirect_uri,
        backchannel_logout_uri: shown.backchannel_logout_uri,
    }
}

pub(crate) fn render_issued(codes: Vec<Issued>) -> pb::IssueAccessCodesResponse {
    let render = |issued: Issued| pb::AccessCode {
        person_id: issued.person.to_string(),
        code: issued.code.in_groups().expose().clone(),
        display_name: issued.display_name,
        expires_at: Some(to_proto(issued.expires_at)),
    };
    pb::IssueAccessCodesResponse { access_codes: codes.into_iter().map(render).collect() }
}

pub(crate) fn render_sessions(sessions: Vec<session::Shown>, next_page_token: String) -> pb::ListSessionsResponse {
    let render = |shown: session::Shown| pb::Session {
        id: shown.session.id.to_string(),
        method: shown.connection_name.unwrap_or_else(|| LOCAL_METHOD.to_owned()),
        created_at: Some(to_proto(shown.session.created_at)),
        last_used_at: Some(to_proto(shown.session.last_used_at)),
        expires_at: Some(to_proto(shown.session.expires_at)),
        current: shown.current,
    };
    pb::ListSessionsResponse { sessions: sessions.into_iter().map(render).collect(), next_page_token }
}

pub(crate) fn render_ended(count: u64) -> pb::EndPeopleSessionsResponse {
    pb::EndPeopleSessionsResponse { ended_count: i64::try_from(count).unwrap_or(i64::MAX) }
}

#[cfg(test)]
mod tests;
