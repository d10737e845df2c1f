//! Sessions: what a successful sign-in leaves. A session counts only while its row is there and its person is active;
//! there is no list of ended ones that could be lost.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, SessionsEndedBy, record, record_all};
use freehold_tenancy::{Tenant, TenantTx};
use freehold_types::{Caller, ConnectionId, Fault, PageSize, Party, PersonId, Role, Roles, Secret, Service, SessionId};
use freehold_wire::IssuedToken;

use crate::emergency::Account;
use crate::id_token::{IdToken, Subject};
use crate::token::{self, TokenHash};
use crate::{Auth, access_code, company, emergency, fault, people, role, sign_out, store};

/// A session ends when it is not used for so long.
const IDLE_HOURS_MAX: i64 = 12;
/// A session ends so long after its sign-in, used or not.
const LIFE_DAYS_MAX: i64 = 7;
/// The same for sessions of devices that several people use.
const SHARED_IDLE_MINUTES_MAX: i64 = 10;
const SHARED_LIFE_HOURS_MAX: i64 = 1;
/// The time of last use is kept to the minute, so that reading does not mean writing.
const TOUCH_SECONDS: i64 = 60;
/// The longest ID token that goes back to its IdP as a hint: servers take addresses of 8 KiB.
const HINT_BYTES_MAX: usize = 6 * 1024;
/// Name of the list in page tokens.
const LIST: &str = "auth.sessions";

/// A session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) person: PersonId,
    /// The connection it came through; none when the person has a way in of their own.
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) last_used_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    /// Whether others use its device, too.
    pub(crate) shared_device: bool,
}

impl Session {
    fn ends_at(&self) -> DateTime<Utc> {
        self.expires_at.min(self.last_used_at + idle_max(self.shared_device))
    }
}

fn idle_max(shared_device: bool) -> TimeDelta {
    if shared_device { TimeDelta::minutes(SHARED_IDLE_MINUTES_MAX) } else { TimeDelta::hours(IDLE_HOURS_MAX) }
}

/// What an open session must meet at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) now: DateTime<Utc>,
    pub(crate) used_after: DateTime<Utc>,
    /// The same for sessions of devices that several people use.
    pub(crate) shared_used_after: DateTime<Utc>,
}

impl Limits {
    fn at(now: DateTime<Utc>) -> Self {
        Self { now, used_after: now - idle_max(false), shared_used_after: now - idle_max(true) }
    }
}

/// The sign-in at an IdP that a session came from.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) connection: ConnectionId,
    /// What the IdP calls its own session.
    pub(crate) sid: Option<String>,
    /// Kept when it is short enough to be handed back in an address.
    pub(crate) id_token: Option<Secret<String>>,
    /// Whom a refreshed ID token must name again.
    pub(crate) subject: Option<Subject>,
    /// With it the IdP is asked whether the session still holds.
    pub(crate) refresh_token: Option<Secret<String>>,
}

impl Origin {
    /// What of a sign-in at an IdP is kept.
    pub(crate) fn of(connection: ConnectionId, id_token: &IdToken, refresh_token: Option<Secret<String>>) -> Self {
        let short = id_token.raw.expose().len() <= HINT_BYTES_MAX;
        Self {
            connection,
            sid: id_token.text("sid"),
            id_token: short.then(|| id_token.raw.clone()),
            subject: Some(id_token.subject.clone()),
            refresh_token,
        }
    }
}

/// A session that was just opened. The token is not kept anywhere else.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) token: Secret<String>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Who a session token speaks for.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) caller_token: IssuedToken,
    pub(crate) person: PersonId,
    pub(crate) roles: Roles,
    /// Name of the emergency account that this is.
    pub(crate) emergency_name: Option<String>,
    /// Told to administrators: which emergency accounts were used lately.
    pub(crate) emergency_uses: Vec<Account>,
    pub(crate) tenant: Tenant,
}

/// A session in the caller's own list.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) session: Session,
    /// Name of the connection, or none for the person's own way in.
    pub(crate) connection_name: Option<String>,
    pub(crate) current: bool,
}

/// Opens a session for a person who has just proved who they are. Always a new token: what a browser had before is
/// worth nothing. Every way in ends here, so no emergency account comes in unseen.
pub(crate) async fn open(
    tx: &TenantTx,
    caller: &Caller,
    person: PersonId,
    origin: Option<&Origin>,
) -> Result<Opened, Fault> {
    let now = tx.mint().now();
    let token = token::make(tx.mint());
    let hash = TokenHash::of(token.expose())
        .ok_or_else(|| Fault::internal("opening a session", "a token we made is not one of ours"))?;
    let session = Session {
        id: tx.mint().id(),
        person,
        connection: origin.map(|origin| origin.connection),
        created_at: now,
        last_used_at: now,
        expires_at: now + TimeDelta::days(LIFE_DAYS_MAX),
        shared_device: false,
    };
    store::session::delete_expired(tx, now).await?;
    store::session::insert(tx, &hash, &session, origin).await?;
    emergency::note_use(tx, caller, person).await?;
    Ok(Opened { token, expires_at: session.expires_at })
}

/// Turns a session token into a caller token. Every refusal is the same.
pub(crate) async fn authenticate(auth: &Auth, company_address: &str, token: &str) -> Result<Authenticated, Fault> {
    let hash = TokenHash::of(token).ok_or_else(fault::sign_in_needed)?;
    let asked_at = auth.deps.mint.now();
    let tenant = company::find(auth, company_address).await?.ok_or_else(fault::sign_in_needed)?;
    let caller = company::on_behalf(&tenant);
    let (session, roles) = find_open(auth, &caller, &hash).await?.ok_or_else(fault::sign_in_needed)?;
    let Some(person) = people::find_active(auth, &caller, session.person).await? else {
        end_of_people(auth, &caller, &[session.person]).await?;
        return Err(fault::sign_in_needed());
    };
    let held = role::held(auth, &caller, &person, roles).await?;
    let roles = held.roles;
    let administrator = roles.contains(Role::Administrator);
    let emergency_uses = if administrator { emergency::lately_used(auth, &caller).await? } else { Vec::new() };
    let caller = Caller::person_of(tenant.id, person.id, session.id, roles);
    // Whoever heard of the session's end after `asked_at` must not take this token for a newer one.
    let caller_token = auth.deps.signer.sign_between(&caller, asked_at, session.ends_at().min(held.until))?;
    let people::Person { id: person, emergency, display_name, .. } = person;
    let emergency_name = emergency.then_some(display_name);
    Ok(Authenticated { caller_token, person, roles, emergency_name, emergency_uses, tenant })
}

/// The open session with this token, and what is known of its person's roles.
async fn find_open(auth: &Auth, caller: &Caller, token: &TokenHash) -> Result<Option<(Session, role::Known)>, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let now = tx.mint().now();
    let found = store::session::find_by_token(&tx, token).await?.filter(|session| now < session.ends_at());
    if let Some(session) = &found
        && now - session.last_used_at >= TimeDelta::seconds(TOUCH_SECONDS)
    {
        store::session::touch(&tx, session.id, now).await?;
    }
    let known = match &found {
        Some(session) => role::known(&tx, session.person).await?,
        None => role::Known::default(),
    };
    tx.commit().await?;
    Ok(found.map(|session| (session, known)))
}

/// A page of the caller's own open sessions, newest first, and the token of the next page.
pub(crate) async fn list(
    auth: &Auth,
    caller: &Caller,
    size: PageSize,
    page_token: &str,
) -> Result<(Vec<Shown>, String), Fault> {
    let (person, current) = own(caller)?;
    let after = auth.deps.pages.decode(caller, LIST, page_token)?;
    let after = after.and_then(|position| uuid::Uuid::from_slice(&position).ok()).map(SessionId::from_uuid);
    let tx = auth.deps.tenancy.begin(caller).await?;
    let limits = Limits::at(tx.mint().now());
    let mut sessions = store::session::list(&tx, person, limits, after, size).await?;
    let connections = store::connection::all(&tx).await?;
    tx.commit().await?;
    let more = sessions.len() > size.len();
    sessions.truncate(size.len());
    let next = sessions.last().filter(|_last| more);
    let next = next.map(|last| auth.deps.pages.encode(caller, LIST, last.id.uuid().as_bytes())).unwrap_or_default();
    let name = |id: ConnectionId| {
        let found = connections.iter().find(|connection| connection.id == id);
        found.map(|connection| connection.settings.name.clone())
    };
    let show = |session: Session| Shown {
        connection_name: session.connection.and_then(name),
        current: session.id == current,
        session,
    };
    Ok((sessions.into_iter().map(show).collect(), next))
}

/// Ends one of the caller's own sessions: the named one, or the one the call came with. Answers where the person may
/// sign out of the IdP, too.
pub(crate) async fn end(auth: &Auth, caller: &Caller, id: Option<SessionId>) -> Result<Option<String>, Fault> {
    let (person, current) = own(caller)?;
    let id = id.unwrap_or(current);
    let tx = auth.deps.tenancy.begin(caller).await?;
    let hint = store::session::find_id_token(&tx, id, person).await?;
    let ended = store::session::delete(&tx, id, person).await?;
    if !ended.is_none() {
        record(&tx, caller, Event::SessionEnded { person, session: id }).await?;
    }
    let connections = store::connection::all(&tx).await?;
    let tenant = tx.tenant();
    tx.commit().await?;
    if ended.is_none() {
        return Err(fault::session_not_found(id));
    }
    auth.ended.tell(tenant, ended);
    // Another session is of another browser, which alone can sign out there.
    let Some((connection, id_token)) = hint.filter(|_hint| id == current) else { return Ok(None) };
    let connection = connections.into_iter().find(|known| known.id == connection);
    match connection {
        Some(connection) => sign_out::address(auth, caller, &connection, &id_token).await,
        None => Ok(None),
    }
}

/// Ends all of the caller's own sessions but the one the call came with; answers how many.
pub(crate) async fn end_others(auth: &Auth, caller: &Caller) -> Result<u64, Fault> {
    let (person, current) = own(caller)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let tenant = tx.tenant();
    let ended = store::session::delete_others(&tx, person, current).await?;
    let count = ended.count();
    if count > 0 {
        record(&tx, caller, Event::SessionsEnded { person, count, by: SessionsEndedBy::Themselves }).await?;
    }
    tx.commit().await?;
    auth.ended.tell(tenant, ended);
    Ok(count)
}

/// Makes the session that the call came with one of a device that several people use; answers when it ends at the latest.
pub(crate) async fn shorten(auth: &Auth, caller: &Caller) -> Result<DateTime<Utc>, Fault> {
    let (_person, current) = own(caller)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let end = tx.mint().now() + TimeDelta::hours(SHARED_LIFE_HOURS_MAX);
    store::session::shorten(&tx, current, end).await?;
    tx.commit().await?;
    Ok(end)
}

/// Ends every session and voids every access code of people who left; answers how many sessions ended.
pub(crate) async fn end_of_people(auth: &Auth, caller: &Caller, people: &[PersonId]) -> Result<u64, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let counts = store::session::count_of_people(&tx, people).await?;
    let ended = store::session::delete_of_people(&tx, people).await?;
    let mut events = access_code::void(&tx, people).await?;
    store::claim::delete_of_people(&tx, people).await?;
    let programs = store::client::sessions_of_people(&tx, people).await?;
    let by = SessionsEndedBy::Leaving;
    events.extend(counts.into_iter().map(|(person, count)| Event::SessionsEnded { person, count, by }));
    record_all(&tx, caller, &events).await?;
    let tenant = tx.tenant();
    tx.commit().await?;
    let count = ended.count();
    auth.ended.tell(tenant, ended.and(programs));
    Ok(count)
}

/// Which of these sessions are open: there, and of somebody who is active. A client that has not ended is one of its owner.
pub(crate) async fn list_open(auth: &Auth, caller: &Caller, ids: &[SessionId]) -> Result<Vec<SessionId>, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let now = tx.mint().now();
    let mut open = store::session::list_open(&tx, ids, Limits::at(now)).await?;
    open.extend(store::client::list_open(&tx, ids, now).await?);
    tx.commit().await?;
    let mut people: Vec<PersonId> = open.iter().map(|(_, person)| *person).collect();
    people.sort_unstable();
    people.dedup();
    // Whoever asks may ask this service, but not the directory.
    let own = Caller::service(Service::Auth, caller.tenant()?);
    let mut active = HashSet::new();
    for some in people.chunks(people::LISTED_MAX) {
        active.extend(people::list_active(auth, &own, some).await?.into_iter().map(|person| person.id));
    }
    Ok(open.into_iter().filter(|(_, person)| active.contains(person)).map(|(session, _)| session).collect())
}

/// The person who calls, and with which session.
pub(crate) fn own(caller: &Caller) -> Result<(PersonId, SessionId), Fault> {
    match caller.party {
        Party::Person { id, session, .. } => Ok((id, session)),
        // Says which kind of caller is needed.
        Party::Service(_) | Party::Provisioner { .. } | Party::Client { .. } | Party::Operator => {
            Err(caller.person().err().unwrap_or_else(fault::sign_in_needed))
        }
    }
}

#[cfg(test)]
mod tests;
