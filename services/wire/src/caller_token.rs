//! Caller tokens: who asks, signed by the installation, good for two minutes (RFC 9068 in shape, EdDSA).
//!
//! A token is for one service, its `aud`, and good nowhere else. Only what people and the operator hold themselves is for
//! the installation; a service that acts on it signs a token of its own for the next one, which says so in `act` (RFC
//! 8693 section 4.1), so nothing that one service was sent can be used at another.
//!
//! `jsonwebtoken` checks the signature and the algorithm; every other rule is ours, because its defaults accept tokens
//! without issuer, audience or a bounded life.

mod keys;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use freehold_types::access::Scopes;
use freehold_types::{Caller, Fault, Kind, Mint, Party, Reason, Role, Roles, Secret, Service, TenantId};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use keys::Keys;
pub use keys::PublicKey;

/// How long a caller token is good for.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(TOKEN_LIFETIME_SECONDS.unsigned_abs());
const TOKEN_LIFETIME_SECONDS: i64 = 120;
/// How far two machines' clocks may disagree.
pub(crate) const CLOCK_SKEW_SECONDS: i64 = 30;
/// The installation itself, as issuer and as audience. The key is what tells installations apart.
const INSTALLATION: &str = "freehold";
/// Begins the subject of a service.
const SERVICE_PREFIX: &str = "service:";
/// Media type of a caller token, so that no other token of ours passes for one.
const TYPE: &str = "at+jwt";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    /// The party: a person's id, a client's id, `service:NAME`, `provisioner:DIRECTORY` or `operator`.
    sub: String,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<String>,
    /// The session of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// The roles of a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// What a client may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The service that acts for the party.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Actor {
    sub: String,
}

/// Where a token is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Wherever its holder, a person or the operator, calls.
    Installation,
    /// At one service; `by` is the service that calls it.
    Service { at: Service, by: Option<Service> },
}

impl Audience {
    const fn name(self) -> &'static str {
        match self {
            Self::Installation => INSTALLATION,
            Self::Service { at, .. } => at.name(),
        }
    }
}

/// A caller token and its end.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// Goes behind `Bearer` in the `authorization` metadata.
    pub token: Secret<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Signs caller tokens. Only processes that hold the master key have one.
#[derive(Clone)]
pub struct TokenSigner(Arc<Signing>);

struct Signing {
    keys: Keys,
    mint: Mint,
}

impl TokenSigner {
    /// A signer with the installation's key.
    ///
    /// # Errors
    /// Internal when the key cannot be used, which no 32 bytes do.
    pub fn new(seed: &Secret<[u8; 32]>, mint: Mint) -> Result<Self, Fault> {
        let keys = Keys::new(Secret::new(*seed.expose()));
        keys.current(mint.now())?;
        Ok(Self(Arc::new(Signing { keys, mint })))
    }

    /// Signs a token for `caller` that is good at every service.
    ///
    /// # Errors
    /// Internal when signing fails.
    pub fn sign(&self, caller: &Caller) -> Result<IssuedToken, Fault> {
        self.sign_between(caller, self.0.mint.now(), DateTime::<Utc>::MAX_UTC)
    }

    /// Signs a token for `caller` who was known to be let in at `since` and is until `end`. The token's own end may come
    /// before.
    ///
    /// # Errors
    /// Internal when signing fails.
    pub fn sign_between(
        &self,
        caller: &Caller,
        since: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<IssuedToken, Fault> {
        self.sign_for(caller, Audience::Installation, since, end)
    }

    /// Signs a token for `caller` that is good at one service, which `by` calls.
    ///
    /// # Errors
    /// Internal when signing fails.
    pub fn sign_at(&self, caller: &Caller, at: Service, by: Option<Service>) -> Result<IssuedToken, Fault> {
        self.sign_for(caller, Audience::Service { at, by }, self.0.mint.now(), DateTime::<Utc>::MAX_UTC)
    }

    /// Signs a token for `caller`, who was known to be let in at `since` and is until `end`, that is good at one service.
    ///
    /// # Errors
    /// Internal when signing fails.
    pub fn sign_at_between(
        &self,
        caller: &Caller,
        at: Service,
        since: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<IssuedToken, Fault> {
        self.sign_for(caller, Audience::Service { at, by: None }, since, end)
    }

    fn sign_for(
        &self,
        caller: &Caller,
        audience: Audience,
        since: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<IssuedToken, Fault> {
        let expires_at = end.min(since + TOKEN_LIFETIME);
        let (sub, sid, roles) = match caller.party {
            Party::Person { id, session, roles } => (id.to_string(), Some(session.to_string()), roles),
            Party::Service(service) => (service_subject(service), None, Roles::NONE),
            Party::Provisioner { directory } => (format!("provisioner:{directory}"), None, Roles::NONE),
            Party::Client { id, .. } => (id.to_string(), None, Roles::NONE),
            Party::Operator => ("operator".to_owned(), None, Roles::NONE),
        };
        let scope = match caller.party {
            Party::Client { scopes, .. } => Some(scopes.text()),
            Party::Person { .. } | Party::Service(_) | Party::Provisioner { .. } | Party::Operator => None,
        };
        let claims = Claims {
            iss: INSTALLATION.to_owned(),
            aud: audience.name().to_owned(),
            iat: since.timestamp(),
            exp: expires_at.timestamp(),
            sub,
            tid: caller.tenant.map(|tenant| tenant.to_string()),
            sid,
            roles: roles.iter().map(|role| role.name().to_owned()).collect(),
            scope,
            act: actor(caller, audience),
        };
        let key = self.0.keys.current(since)?;
        let header =
            Header { typ: Some(TYPE.to_owned()), kid: Some(key.name.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &key.signing)
            .map_err(|error| Fault::internal("signing a caller token", error))?;
        Ok(IssuedToken { token: Secret::new(token), expires_at })
    }

    /// The other half: checks what this signer signs.
    #[must_use]
    pub fn verifier(&self) -> TokenVerifier {
        TokenVerifier(Arc::clone(&self.0))
    }

    /// The public halves of the keys that sign now and next, and of the one before while its tokens are good.
    ///
    /// # Errors
    /// Internal when a key cannot be used.
    pub fn public_keys(&self) -> Result<Vec<PublicKey>, Fault> {
        self.0.keys.published(self.0.mint.now())
    }
}

/// Whoever calls on their own account acts for nobody.
fn actor(caller: &Caller, audience: Audience) -> Option<Actor> {
    match audience {
        Audience::Service { by: Some(by), .. } if caller.party != Party::Service(by) => {
            Some(Actor { sub: service_subject(by) })
        }
        Audience::Service { .. } | Audience::Installation => None,
    }
}

fn service_subject(service: Service) -> String {
    format!("{SERVICE_PREFIX}{}", service.name())
}

/// What a caller token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Who it speaks for.
    pub caller: Caller,
    /// The service that acts for the caller, if it is not the caller itself.
    pub actor: Option<Service>,
    /// When it was signed, in seconds since 1970 of the signer's clock.
    pub issued_at: i64,
}

/// Checks caller tokens.
#[derive(Clone)]
pub struct TokenVerifier(Arc<Signing>);

impl TokenVerifier {
    /// The caller a token speaks for at a service, and since when.
    ///
    /// # Errors
    /// Unauthenticated when the token is forged, expired, of another kind, for another service, or says anything it
    /// should not.
    pub fn verify(&self, token: &str, at: Service) -> Result<Verified, Fault> {
        let now = self.0.mint.now();
        let name = jsonwebtoken::decode_header(token).map_err(|error| refused().because(error))?.kid;
        let key = self.0.keys.find(&name.ok_or_else(refused)?, now)?.ok_or_else(refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let data = jsonwebtoken::decode::<Claims>(token, &key.checking, &validation)
            .map_err(|error| refused().because(error))?;
        let claims = data.claims;
        let now = now.timestamp();
        let life = claims.exp.saturating_sub(claims.iat);
        let good = data.header.typ.as_deref() == Some(TYPE)
            && claims.iss == INSTALLATION
            && [INSTALLATION, at.name()].contains(&claims.aud.as_str())
            && (0..=TOKEN_LIFETIME_SECONDS).contains(&life)
            && claims.iat <= now.saturating_add(CLOCK_SKEW_SECONDS)
            && claims.exp.saturating_add(CLOCK_SKEW_SECONDS) > now;
        if good { verified(&claims).ok_or_else(refused) } else { Err(refused()) }
    }
}

/// What good claims say, if it is something that we sign.
fn verified(claims: &Claims) -> Option<Verified> {
    let caller = caller(claims)?;
    let actor = match &claims.act {
        Some(actor) => Some(Service::find(actor.sub.strip_prefix(SERVICE_PREFIX)?)?),
        None => None,
    };
    // A program never holds a token that is good everywhere, and nobody acts for a service.
    let everywhere = claims.aud == INSTALLATION;
    let by_service = matches!(caller.party, Party::Service(_));
    let program = by_service || matches!(caller.party, Party::Client { .. });
    let odd = (everywhere && (program || actor.is_some())) || (by_service && actor.is_some());
    (!odd).then_some(Verified { caller, actor, issued_at: claims.iat })
}

fn caller(claims: &Claims) -> Option<Caller> {
    let tenant: Option<TenantId> = match &claims.tid {
        Some(text) => Some(text.parse().ok()?),
        None => None,
    };
    if claims.sub == "operator" {
        return Some(Caller::operator(tenant));
    }
    if let Some(name) = claims.sub.strip_prefix(SERVICE_PREFIX) {
        return Some(Caller { party: Party::Service(Service::find(name)?), tenant });
    }
    if let Some(directory) = claims.sub.strip_prefix("provisioner:") {
        return Some(Caller::provisioner(tenant?, directory.parse().ok()?));
    }
    if let Some(scope) = &claims.scope {
        return Some(Caller::client(tenant?, claims.sub.parse().ok()?, Scopes::read(scope)?));
    }
    let session = claims.sid.as_ref()?.parse().ok()?;
    let roles: Option<Roles> = claims.roles.iter().map(|name| Role::find(name)).collect();
    Some(Caller::person_of(tenant?, claims.sub.parse().ok()?, session, roles?))
}

fn refused() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::TokenRefused, "the caller token is not accepted")
        .cure("get a new one; it is good for two minutes")
}

#[cfg(test)]
mod tests;
