//! Which sessions are over, in every process that answers people: the one place that a person's calls and streams pass.
//!
//! auth says which sessions end, as they end. A session counts as open when this process has listened since before the
//! caller token was issued and heard nothing of its end, or asked while it listened. In every other case auth is asked,
//! and a session that auth does not call open is over: nobody has to have heard anything for somebody to be kept out.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use freehold_proto::auth::v1::{CheckSessionsRequest, FollowSessionsRequest, FollowSessionsResponse};
use freehold_types::{Caller, Fault, Kind, Party, Reason, Service, SessionId, TenantId};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::caller_token::{CLOCK_SKEW_SECONDS, TOKEN_LIFETIME};
use crate::{Clients, fault};

/// What was heard last counts for so long; auth speaks every second.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// From the loss of the line to the next try.
const RECONNECT_PAUSE: Duration = Duration::from_millis(250);
/// The longest to wait for auth's answer: somebody is waiting for theirs.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// How often open streams are looked after.
const TICK: Duration = Duration::from_secs(1);
/// How often auth is asked about the sessions of open streams although nothing was heard: sessions run out, too.
const CHECK_EVERY: Duration = Duration::from_secs(30);
/// Sessions of one question.
const CHECK_SESSIONS_MAX: usize = 1_000;

/// The sessions as this process knows them. Cheap to clone.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

struct Shared {
    clients: Clients,
    service: Service,
    view: Mutex<View>,
    /// Why streams of services end.
    stopping: watch::Sender<Option<Over>>,
}

#[derive(Default)]
struct View {
    /// auth's time when it began to tell, and how many times it began.
    listening_since: Option<i64>,
    beginnings: u64,
    heard_at: Option<Instant>,
    /// Called open by auth since it began to tell.
    confirmed: HashSet<SessionId>,
    /// Over, until their last caller token is.
    ended: HashMap<SessionId, Instant>,
    streams: HashMap<SessionId, Open>,
}

struct Open {
    tenant: TenantId,
    over: watch::Sender<Option<Over>>,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Session,
    /// Whether the session is over cannot be told.
    Unsure,
    Process,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Open,
    Ended,
    /// Not known; the number of the beginning in which an answer counts.
    Ask(u64),
}

/// The end of a session, to be awaited beside a stream.
pub(crate) struct End(watch::Receiver<Option<Over>>);

impl End {
    /// Waits for the end; what the stream ends with.
    pub(crate) async fn reached(mut self) -> Fault {
        match self.0.wait_for(Option::is_some).await.map(|over| *over) {
            Ok(Some(Over::Process)) => {
                Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, "this process of the installation stops")
                    .cure("open the stream again")
            }
            Ok(Some(Over::Session)) => ended(),
            // Without anybody to tell it, nobody knows, either.
            Ok(Some(Over::Unsure) | None) | Err(_) => unsure(),
        }
    }
}

impl Sessions {
    /// A view that knows nothing yet; `service` asks auth.
    #[must_use]
    pub fn new(clients: Clients, service: Service) -> Self {
        Self(Arc::new(Shared { clients, service, view: Mutex::default(), stopping: watch::channel(None).0 }))
    }

    /// Lets a caller pass whose session is open, and everybody who has none.
    ///
    /// # Errors
    /// Unauthenticated when the session is over; unavailable when nobody can say.
    pub async fn admit(&self, caller: &Caller, issued_at: i64) -> Result<(), Fault> {
        let (Some(session), Some(tenant)) = (session_of(caller), caller.tenant) else { return Ok(()) };
        let known = self.view().known(session, issued_at, Instant::now());
        match known {
            Known::Open => Ok(()),
            Known::Ended => Err(ended()),
            Known::Ask(beginning) => {
                let open = self.ask(tenant, &[session]).await?;
                if open.contains(&session) && self.view().confirm(session, beginning) { Ok(()) } else { Err(ended()) }
            }
        }
    }

    /// The end of the caller's session, for a stream. A service's streams end when this process is told to stop, because
    /// they would not by themselves; nothing for other callers, whose streams end with their work.
    pub(crate) fn end_of(&self, caller: &Caller) -> Result<Option<End>, Fault> {
        let (session, tenant) = match (session_of(caller), caller.tenant) {
            (Some(session), Some(tenant)) => (session, tenant),
            _ if matches!(caller.party, Party::Service(_)) => return Ok(Some(End(self.0.stopping.subscribe()))),
            _ => return Ok(None),
        };
        let mut view = self.view();
        if view.ended.contains_key(&session) {
            return Err(ended());
        }
        let open = view.streams.entry(session).or_insert_with(|| Open { tenant, over: watch::channel(None).0 });
        Ok(Some(End(open.over.subscribe())))
    }

    /// Listens to auth until `stop`, then ends every stream.
    pub async fn follow(self, stop: impl Future<Output = ()>) {
        tokio::select! {
            ((), ()) = async { tokio::join!(self.listen(), self.look_after_streams()) } => {}
            () = stop => {}
        }
        self.0.stopping.send_replace(Some(Over::Process));
        for (_, open) in self.view().streams.drain() {
            open.over.send_replace(Some(Over::Process));
        }
    }

    async fn listen(&self) {
        loop {
            if let Err(fault) = self.hear().await {
                tracing::warn!(%fault, "auth does not tell which sessions end; it is asked about each");
            }
            sleep(RECONNECT_PAUSE).await;
        }
    }

    async fn hear(&self) -> Result<(), Fault> {
        let caller = Caller { party: Party::Service(self.0.service), tenant: None };
        let mut calls = self.0.clients.signed(&caller)?;
        let request = calls.auth.follow_sessions(FollowSessionsRequest {});
        let mut told = timeout(ANSWER_MAX, request).await.map_err(late)?.map_err(fault)?.into_inner();
        let mut first = true;
        while let Some(message) = timeout(SILENCE_MAX, told.message()).await.map_err(late)?.map_err(fault)? {
            self.view().hear(message, first, Instant::now())?;
            first = false;
        }
        Ok(())
    }

    async fn look_after_streams(&self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut checked = None;
        loop {
            let now = ticks.tick().await;
            let (beginnings, fresh) = self.view().tidy(now);
            let due = |(at, before): (Instant, u64)| before != beginnings || now - at >= CHECK_EVERY || !fresh;
            if checked.is_none_or(due) && self.check_streams(fresh).await {
                checked = Some((now, beginnings));
            }
        }
    }

    /// Asks about the session of every stream; whether there was an answer. Without one, and without hearing anything,
    /// the streams end.
    async fn check_streams(&self, fresh: bool) -> bool {
        let mut answered = true;
        let streamed = self.view().streamed();
        for (tenant, sessions) in streamed {
            for some in sessions.chunks(CHECK_SESSIONS_MAX) {
                let answer = self.ask(tenant, some).await;
                let mut view = self.view();
                match answer {
                    Ok(open) => {
                        let over = some.iter().filter(|session| !open.contains(session));
                        over.for_each(|session| view.close(*session, Over::Session));
                    }
                    Err(fault) if fresh => {
                        tracing::warn!(%fault, "auth does not say which sessions are open");
                        answered = false;
                    }
                    Err(_) => some.iter().for_each(|session| view.close(*session, Over::Unsure)),
                }
            }
        }
        answered
    }

    async fn ask(&self, tenant: TenantId, sessions: &[SessionId]) -> Result<HashSet<SessionId>, Fault> {
        let mut calls = self.0.clients.signed(&Caller::service(self.0.service, tenant))?;
        let request = CheckSessionsRequest { session_ids: sessions.iter().map(ToString::to_string).collect() };
        let answer = timeout(ANSWER_MAX, calls.auth.check_sessions(request)).await.map_err(late)?;
        match answer.map_err(fault) {
            Ok(answer) => ids(&answer.into_inner().open_session_ids),
            // A tenant that nobody may enter has no open sessions.
            Err(refusal) if matches!(refusal.kind(), Kind::NotFound | Kind::Conflict) => Ok(HashSet::new()),
            Err(unanswered) => Err(unsure().because(unanswered)),
        }
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.0.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    fn fresh(&self, now: Instant) -> bool {
        self.heard_at.is_some_and(|heard| now.saturating_duration_since(heard) < SILENCE_MAX)
    }

    fn known(&self, session: SessionId, issued_at: i64, now: Instant) -> Known {
        if self.ended.contains_key(&session) {
            return Known::Ended;
        }
        let listened = self.listening_since.is_some_and(|since| since < issued_at);
        let open = self.fresh(now) && (listened || self.confirmed.contains(&session));
        if open { Known::Open } else { Known::Ask(self.beginnings) }
    }

    /// Notes that auth called a session open; whether nothing else was heard meanwhile.
    fn confirm(&mut self, session: SessionId, beginning: u64) -> bool {
        let open = !self.ended.contains_key(&session);
        if open && beginning == self.beginnings {
            self.confirmed.insert(session);
        }
        open
    }

    fn hear(&mut self, message: FollowSessionsResponse, first: bool, now: Instant) -> Result<(), Fault> {
        if first {
            self.listening_since = message.began_at.map(|at| at.seconds);
            self.beginnings = self.beginnings.wrapping_add(1);
            self.confirmed.clear();
        }
        self.heard_at = Some(now);
        for session in ids::<Vec<_>>(&message.ended_session_ids)? {
            self.ended.insert(session, now);
            self.confirmed.remove(&session);
            self.close(session, Over::Session);
        }
        Ok(())
    }

    fn close(&mut self, session: SessionId, why: Over) {
        if let Some(open) = self.streams.remove(&session) {
            open.over.send_replace(Some(why));
        }
    }

    /// Forgets what no token and no stream can ask for; how often auth began, and whether it is heard.
    fn tidy(&mut self, now: Instant) -> (u64, bool) {
        let token_life = TOKEN_LIFETIME + Duration::from_secs(CLOCK_SKEW_SECONDS.unsigned_abs());
        self.ended.retain(|_, at| now.saturating_duration_since(*at) <= token_life);
        self.streams.retain(|_, open| open.over.receiver_count() > 0);
        (self.beginnings, self.fresh(now))
    }

    fn streamed(&self) -> HashMap<TenantId, Vec<SessionId>> {
        let mut streamed: HashMap<TenantId, Vec<SessionId>> = HashMap::new();
        for (session, open) in &self.streams {
            streamed.entry(open.tenant).or_default().push(*session);
        }
        streamed
    }
}

/// By what a caller's tokens and streams end; a client has its id for that.
const fn session_of(caller: &Caller) -> Option<SessionId> {
    match caller.party {
        Party::Person { session, .. } => Some(session),
        Party::Client { id, .. } => Some(SessionId::from_uuid(id.uuid())),
        Party::Service(_) | Party::Provisioner { .. } | Party::Operator => None,
    }
}

fn ids<C: FromIterator<SessionId>>(texts: &[String]) -> Result<C, Fault> {
    let id = |text: &String| text.parse().map_err(|error| Fault::internal("reading what auth says of sessions", error));
    texts.iter().map(id).collect()
}

fn ended() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::TokenRefused, "the session of this caller token is over")
        .cure("sign in again")
}

fn late(error: tokio::time::error::Elapsed) -> Fault {
    unsure().because(error)
}

fn unsure() -> Fault {
    Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, "whether the session is open cannot be told now")
        .cure("try again; if it stays, see that the process that runs auth is up")
}

#[cfg(test)]
mod tests;
