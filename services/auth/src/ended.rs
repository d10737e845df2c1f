//! Sessions that ended, told to every process that answers people. Telling is only faster than asking: whoever did not
//! hear of an end asks `CheckSessions`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use freehold_types::{Caller, Fault, Kind, Mint, Reason, SessionId, TenantId};
use futures::Stream;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

/// Ends that a listener may be behind before it has to begin again.
const BEHIND_MAX: usize = 4_096;
/// How often a listener hears something, although nothing ended.
const SAY_EVERY: Duration = Duration::from_secs(1);
/// Ends of one message.
const TOLD_MAX: usize = 1_000;

/// Sessions that a transaction ended, to be told once it is committed.
#[derive(Debug, Default)]
#[must_use = "tell them when the transaction is committed"]
pub(crate) struct EndedSessions(Vec<SessionId>);

impl EndedSessions {
    pub(crate) const fn new(sessions: Vec<SessionId>) -> Self {
        Self(sessions)
    }

    /// Nothing ended.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }

    pub(crate) const fn is_none(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a listener hears.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) sessions: Vec<SessionId>,
    pub(crate) began_at: DateTime<Utc>,
}

/// Tells the ends that this process commits.
#[derive(Debug, Clone)]
pub(crate) struct Teller(broadcast::Sender<(TenantId, SessionId)>);

impl Default for Teller {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND_MAX).0)
    }
}

impl Teller {
    /// Tells whoever listens that these sessions of a tenant ended.
    pub(crate) fn tell(&self, tenant: TenantId, ended: EndedSessions) {
        for session in ended.0 {
            // Nobody may be listening.
            self.0.send((tenant, session)).ok();
        }
    }

    /// Listens: something at once, then every second, and every end of the caller's tenant, or of all tenants, as it
    /// comes.
    pub(crate) fn listen(
        &self,
        caller: &Caller,
        mint: &Mint,
    ) -> impl Stream<Item = Result<Told, Fault>> + Send + use<> {
        // Listening comes before the time of it.
        let ends = self.0.subscribe();
        let (began_at, tenant) = (mint.now(), caller.tenant);
        futures::stream::unfold(Some((ends, true)), move |state| async move {
            let (mut ends, first) = state?;
            let sessions = if first { Ok(Vec::new()) } else { next(&mut ends, tenant).await };
            match sessions {
                Ok(sessions) => Some((Ok(Told { sessions, began_at }), Some((ends, false)))),
                Err(fault) => Some((Err(fault), None)),
            }
        })
    }
}

/// What ended since the last time; nothing when that is nothing for a second.
async fn next(
    ends: &mut broadcast::Receiver<(TenantId, SessionId)>,
    tenant: Option<TenantId>,
) -> Result<Vec<SessionId>, Fault> {
    let mut sessions = Vec::new();
    let mut end = match timeout(SAY_EVERY, ends.recv()).await {
        Ok(end) => Some(end.map_err(|error| behind(&error))?),
        Err(_elapsed) => None,
    };
    while let Some((whose, session)) = end {
        if tenant.is_none_or(|tenant| tenant == whose) {
            sessions.push(session);
        }
        end = if sessions.len() < TOLD_MAX { ends.try_recv().ok() } else { None };
    }
    Ok(sessions)
}

fn behind(error: &RecvError) -> Fault {
    Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, "more sessions ended than this listener took in")
        .cure("begin again")
        .because(error.clone())
}

#[cfg(test)]
mod tests;
