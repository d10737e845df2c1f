//! Messages about clients.

use freehold_proto::auth::v1 as pb;
use freehold_types::access::{Scope, Scopes};
use freehold_types::{ClientId, Fault, PersonId, Secret, Service, Violations};
use freehold_wire::PublicKey;
use freehold_wire::time::to_proto;

use crate::client::key::Key;
use crate::client::{Asked, Client, Given, Wanted};

/// The longest name of a client, in characters.
const NAME_CHARS_MAX: usize = 60;
/// The most keys of a client: the present one, the next one, and one for the day it is lost.
const KEYS_MAX: usize = 3;
/// The longest that a client may last, in days.
const DAYS_MAX: i32 = 365;

pub(crate) fn parse_owner(request: &pb::RegisterClientRequest) -> Result<PersonId, Fault> {
    let mut violations = Violations::new();
    let owner = violations.take("owner_person_id", request.owner_person_id.parse());
    violations.finish()?;
    owner.ok_or_else(|| Fault::internal("reading an owner", "neither an id nor a mistake"))
}

pub(crate) fn parse_wanted(request: &pb::RegisterClientRequest) -> Result<Wanted, Fault> {
    let mut violations = Violations::new();
    let name = request.client_name.trim();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        violations.push("client_name", format!("must be 1 to {NAME_CHARS_MAX} characters in one line"));
    }
    if !(1..=DAYS_MAX).contains(&request.valid_days) {
        violations.push("valid_days", format!("must be 1 to {DAYS_MAX}: a client has an end"));
    }
    let scopes = parse_scopes(&mut violations, &request.scopes);
    if request.scopes.is_empty() {
        violations.push("scopes", "must name at least one");
    }
    if !(1..=KEYS_MAX).contains(&request.public_keys.len()) {
        violations.push("public_keys", format!("must be 1 to {KEYS_MAX} keys"));
    }
    let mut keys: Vec<Key> = Vec::new();
    for (place, key) in request.public_keys.iter().take(KEYS_MAX).enumerate() {
        let field = format!("public_keys[{place}]");
        if let Some(key) = violations.take(&field, Key::parse(key)) {
            if keys.iter().any(|known| known.is(&key)) {
                violations.push(field, "is there already");
            }
            keys.push(key);
        }
    }
    violations.finish()?;
    Ok(Wanted { name: name.to_owned(), scopes, keys, days: i64::from(request.valid_days) })
}

fn parse_scopes(violations: &mut Violations, names: &[String]) -> Scopes {
    let mut scopes = Vec::new();
    for (place, name) in names.iter().enumerate() {
        match Scope::find(name) {
            Some(scope) => scopes.push(scope),
            None => {
                let known = Scope::ALL.map(Scope::name).join(", ");
                violations.push(format!("scopes[{place}]"), format!("must be one of {known}"));
            }
        }
    }
    scopes.into_iter().collect()
}

pub(crate) fn parse_id(id: &str) -> Result<Option<ClientId>, Fault> {
    let mut violations = Violations::new();
    let id = violations.take("client_id", id.parse());
    violations.finish()?;
    Ok(id)
}

pub(crate) fn parse_asked(request: pb::IssueClientTokenRequest) -> Result<Asked, Fault> {
    let mut violations = Violations::new();
    let service = Service::find(&request.service);
    if service.is_none() {
        let known = Service::ALL.map(Service::name).join(", ");
        violations.push("service", format!("must be one of {known}"));
    }
    let scopes = parse_scopes(&mut violations, &request.scopes);
    violations.finish()?;
    Ok(Asked {
        company_address: request.company_address,
        assertion: Secret::new(request.client_assertion),
        service: service.ok_or_else(|| Fault::internal("reading a service", "neither one nor a mistake"))?,
        scopes: (!request.scopes.is_empty()).then_some(scopes),
    })
}

pub(crate) fn render_registered(client: &Client, issuer: String) -> pb::RegisterClientResponse {
    pb::RegisterClientResponse { client: Some(render(client)), audience: issuer }
}

pub(crate) fn render_list(clients: &[Client]) -> pb::ListClientsResponse {
    pb::ListClientsResponse { clients: clients.iter().map(render).collect() }
}

pub(crate) fn render_given(given: &Given) -> pb::IssueClientTokenResponse {
    pb::IssueClientTokenResponse {
        caller_token: given.token.token.expose().clone(),
        expires_at: Some(to_proto(given.token.expires_at)),
        scopes: names(given.scopes),
    }
}

fn render(client: &Client) -> pb::Client {
    pb::Client {
        id: client.id.to_string(),
        name: client.name.clone(),
        owner_person_id: client.owner.to_string(),
        scopes: names(client.scopes),
        key_count: i32::try_from(client.keys.len()).unwrap_or(i32::MAX),
        created_at: Some(to_proto(client.created_at)),
        expires_at: Some(to_proto(client.ends_at)),
        last_used_at: client.last_used_at.map(to_proto),
    }
}

fn names(scopes: Scopes) -> Vec<String> {
    scopes.iter().map(|scope| scope.name().to_owned()).collect()
}

pub(crate) fn render_keys(keys: Vec<PublicKey>) -> pb::GetSigningKeysResponse {
    let render = |key: PublicKey| pb::SigningKey {
        kid: key.name,
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        alg: "EdDSA".to_owned(),
        r#use: "sig".to_owned(),
        x: key.point,
    };
    pb::GetSigningKeysResponse { keys: keys.into_iter().map(render).collect() }
}
