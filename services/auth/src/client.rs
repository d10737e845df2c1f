//! Clients: programs of the company that call on their own account, each with an owner, an end and the scopes it was
//! given. They prove who they are with a key of their own (`private_key_jwt`); there is no secret that both sides know.
//!
//! A client has no session: its caller tokens go by its id where those of people go by their session, so they end in the
//! same way and as fast.

pub(crate) mod assertion;
pub(crate) mod key;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, record};
use freehold_tenancy::Tenant;
use freehold_types::access::Scopes;
use freehold_types::{Caller, ClientId, Fault, PersonId, Secret, Service, SessionId};
use freehold_wire::IssuedToken;

use crate::ended::EndedSessions;
use crate::{Auth, audit, company, fault, people, store};
use assertion::{AssertionRefusal, Expected};
use key::Key;

/// The most clients of a company.
const CLIENTS_MAX: usize = 50;

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: ClientId,
    pub(crate) owner: PersonId,
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
    pub(crate) keys: Vec<Key>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

/// What an administrator wants of a new client.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
    pub(crate) keys: Vec<Key>,
    pub(crate) days: i64,
}

/// What a client asks a caller token with.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) company_address: String,
    pub(crate) assertion: Secret<String>,
    pub(crate) service: Service,
    /// None for all that the client has.
    pub(crate) scopes: Option<Scopes>,
}

/// What a client is given.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) token: IssuedToken,
    pub(crate) scopes: Scopes,
}

/// By what the caller tokens of a client end.
pub(crate) const fn session_of(id: ClientId) -> SessionId {
    SessionId::from_uuid(id.uuid())
}

/// What assertions of a company's clients are for.
pub(crate) fn issuer(auth: &Auth, company_address: &str) -> String {
    format!("{}/{company_address}", auth.deps.config.public_url.trim_end_matches('/'))
}

/// The active person who shall answer for a client.
pub(crate) async fn find_owner(auth: &Auth, caller: &Caller, id: PersonId) -> Result<PersonId, Fault> {
    let found = people::find_active(auth, caller, id).await?;
    found.map(|person| person.id).ok_or_else(|| fault::person_not_found(id))
}

/// Registers a client; answers it, and the audience of its assertions.
pub(crate) async fn register(
    auth: &Auth,
    caller: &Caller,
    owner: PersonId,
    wanted: Wanted,
) -> Result<(Client, String), Fault> {
    let tenant = auth.deps.tenancy.get(caller.tenant()?).await?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let now = tx.mint().now();
    let known = store::client::all(&tx).await?;
    if known.iter().any(|client| client.name == wanted.name) {
        return Err(fault::client_exists(&wanted.name));
    }
    let theirs = || known.iter().flat_map(|client| &client.keys);
    if wanted.keys.iter().any(|key| theirs().any(|known| known.is(key))) {
        return Err(fault::client_key_taken());
    }
    if known.len() >= CLIENTS_MAX {
        return Err(fault::too_many_clients(CLIENTS_MAX));
    }
    let client = Client {
        id: tx.mint().id(),
        owner,
        name: wanted.name,
        scopes: wanted.scopes,
        keys: wanted.keys,
        created_at: now,
        ends_at: now + TimeDelta::days(wanted.days),
        last_used_at: None,
    };
    store::client::insert(&tx, &client).await?;
    let event = Event::ClientRegistered { client: client.id, owner, scopes: client.scopes, expires_at: client.ends_at };
    record(&tx, caller, event).await?;
    tx.commit().await?;
    Ok((client, issuer(auth, &tenant.name)))
}

/// All clients of the company, oldest first.
pub(crate) async fn list(auth: &Auth, caller: &Caller) -> Result<Vec<Client>, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let clients = store::client::all(&tx).await?;
    tx.commit().await?;
    Ok(clients)
}

/// Removes a client; its caller tokens end with it.
pub(crate) async fn remove(auth: &Auth, caller: &Caller, id: ClientId) -> Result<(), Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    store::client::find(&tx, id).await?.ok_or_else(|| fault::client_not_found(id))?;
    store::client::delete(&tx, id).await?;
    record(&tx, caller, Event::ClientRemoved { client: id }).await?;
    let tenant = tx.tenant();
    tx.commit().await?;
    auth.ended.tell(tenant, EndedSessions::new(vec![session_of(id)]));
    Ok(())
}

/// Why a client gets no token.
enum Trouble {
    /// The client is to blame: it gets one answer, the log the reason.
    Refused(&'static str, Option<ClientId>),
    Fault(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Gives a client a caller token for what it signed. Every refusal is the same.
pub(crate) async fn issue(auth: &Auth, asked: &Asked) -> Result<Given, Fault> {
    let Some(tenant) = company::find(auth, &asked.company_address).await? else {
        return Err(fault::client_refused());
    };
    match try_issue(auth, &tenant, asked).await {
        Ok(given) => Ok(given),
        Err(Trouble::Refused(reason, client)) => {
            tracing::info!(tenant.id = %tenant.id, reason, "a client was refused");
            audit::client_refused(auth, tenant.id, client, reason).await;
            Err(fault::client_refused())
        }
        Err(Trouble::Fault(fault)) => Err(fault),
    }
}

async fn try_issue(auth: &Auth, tenant: &Tenant, asked: &Asked) -> Result<Given, Trouble> {
    let asked_at = auth.deps.mint.now();
    let caller = company::on_behalf(tenant);
    let raw = asked.assertion.expose();
    let id = assertion::claimed(raw).map_err(|refusal| Trouble::Refused(refusal.code(), None))?;
    let tx = auth.deps.tenancy.begin(&caller).await?;
    let client = store::client::find(&tx, id).await?;
    tx.commit().await?;
    let client = client.ok_or(Trouble::Refused("client_unknown", None))?;
    let refused = |reason| Trouble::Refused(reason, Some(id));
    let expected = Expected { client: id, issuer: &issuer(auth, &tenant.name), now: asked_at };
    let assertion =
        assertion::verify(raw, &client.keys, &expected).map_err(|refusal: AssertionRefusal| refused(refusal.code()))?;
    if client.ends_at <= asked_at {
        return Err(refused("client_ended"));
    }
    let scopes = asked.scopes.unwrap_or(client.scopes);
    if !client.scopes.include(scopes) {
        return Err(refused("client_scope"));
    }
    if people::find_active(auth, &caller, client.owner).await?.is_none() {
        return Err(refused("client_owner_inactive"));
    }
    let tx = auth.deps.tenancy.begin(&caller).await?;
    store::client_assertion::delete_expired(&tx, asked_at).await?;
    let first = store::client_assertion::insert(&tx, id, &assertion).await?;
    store::client::touch(&tx, id, asked_at).await?;
    tx.commit().await?;
    if !first {
        return Err(refused("client_assertion_replayed"));
    }
    // Whoever heard of the client's end after `asked_at` must not take this token for a newer one.
    let caller = Caller::client(tenant.id, id, scopes);
    let token = auth.deps.signer.sign_at_between(&caller, asked.service, asked_at, client.ends_at)?;
    Ok(Given { token, scopes })
}
