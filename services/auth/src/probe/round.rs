//! One look at one tenant's sessions: those whose time has come are asked about.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, SessionsEndedBy, record};
use freehold_tenancy::{Tenant, TenantState};
use freehold_types::{ConnectionId, Fault, PersonId, Secret, SessionId, TenantId};
use futures::StreamExt as _;

use super::{OFFLINE_MINUTES_MAX, due_after};
use crate::connection::{self, Connection};
use crate::ended::EndedSessions;
use crate::refusal::Refusal;
use crate::{Auth, company, oidc, sign_in, store};

/// Calls to IdPs of one tenant at once.
const AT_ONCE: usize = 2;

/// A session to ask about.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) session: SessionId,
    pub(crate) person: PersonId,
    pub(crate) connection: ConnectionId,
    pub(crate) refresh_token: Secret<String>,
    /// Since when the IdP could not be asked.
    pub(crate) failed_at: Option<DateTime<Utc>>,
}

/// What the IdP said.
enum Verdict {
    /// The person may stay; with the refresh token to use from now on, if it is a new one.
    Stays(Option<Secret<String>>),
    /// The person would not be let in any more.
    Leaves(Refusal),
    /// It could not be asked.
    Unknown(Refusal),
}

/// Answers whether the tenant has any session to ask about, now or later.
pub(crate) async fn run(auth: &Auth, tenant: TenantId) -> Result<bool, Fault> {
    let tenant = auth.deps.tenancy.get(tenant).await?;
    if tenant.state != TenantState::Active {
        return Ok(false);
    }
    loop {
        let tx = auth.deps.tenancy.begin(&company::on_behalf(&tenant)).await?;
        let probes = store::probe::take_due(&tx, due_after).await?;
        let connections = store::connection::all(&tx).await?;
        let some = !probes.is_empty() || store::probe::any(&tx).await?;
        tx.commit().await?;
        if probes.is_empty() {
            return Ok(some);
        }
        // Who does not answer is asked once in a round, or one silent IdP would hold up all others.
        let silent: Mutex<BTreeSet<ConnectionId>> = Mutex::default();
        let (tenant, connections, silent) = (&tenant, &connections, &silent);
        let outcomes = futures::stream::iter(probes).map(|probe| settle(auth, tenant, connections, silent, probe));
        let outcomes: Vec<Result<(), Fault>> = outcomes.buffer_unordered(AT_ONCE).collect().await;
        outcomes.into_iter().collect::<Result<(), Fault>>()?;
    }
}

async fn settle(
    auth: &Auth,
    tenant: &Tenant,
    connections: &[Connection],
    silent: &Mutex<BTreeSet<ConnectionId>>,
    probe: Probe,
) -> Result<(), Fault> {
    // Sessions end with their connection, so this is only a race.
    let Some(connection) = connections.iter().find(|known| known.id == probe.connection) else { return Ok(()) };
    let held = || silent.lock().unwrap_or_else(PoisonError::into_inner);
    let known_silent = held().contains(&connection.id);
    let verdict =
        if known_silent { Verdict::Unknown(Refusal::IdpSilent) } else { ask(auth, tenant, connection, &probe).await? };
    let now = auth.deps.mint.now();
    let tx = auth.deps.tenancy.begin(&company::on_behalf(tenant)).await?;
    let ended = match &verdict {
        Verdict::Stays(refresh_token) => {
            store::probe::note_answer(&tx, probe.session, refresh_token.as_ref()).await?;
            None
        }
        Verdict::Leaves(refusal) => Some(refusal),
        Verdict::Unknown(refusal) => {
            held().insert(connection.id);
            let failed_at = probe.failed_at.unwrap_or(now);
            store::probe::note_failure(&tx, probe.session, failed_at).await?;
            (now - failed_at >= TimeDelta::minutes(OFFLINE_MINUTES_MAX)).then_some(refusal)
        }
    };
    let mut over = EndedSessions::none();
    if let Some(refusal) = ended {
        over = store::session::delete_by_id(&tx, probe.session).await?;
        let caller = company::on_behalf(tenant);
        let idp = SessionsEndedBy::Idp;
        record(&tx, &caller, Event::SessionsEnded { person: probe.person, count: over.count(), by: idp }).await?;
        let (tenant, connection, session) = (tenant.id, connection.id, probe.session);
        tracing::info!(tenant.id = %tenant, connection.id = %connection, session.id = %session, %refusal,
            "the IdP would not let the person in any more; the session ended");
    }
    tx.commit().await?;
    auth.ended.tell(tenant.id, over);
    Ok(())
}

async fn ask(auth: &Auth, tenant: &Tenant, connection: &Connection, probe: &Probe) -> Result<Verdict, Fault> {
    let idp = match auth.idps.get(connection).await {
        Ok(idp) => idp,
        Err(error) => return Ok(Verdict::Unknown(Refusal::Idp(error))),
    };
    let redirect_uri = connection::redirect_uri(auth, &tenant.name, &connection.settings.name);
    let refreshed = match oidc::refresh(&idp, connection, &redirect_uri, &probe.refresh_token).await {
        Ok(refreshed) => refreshed,
        // The one answer that is about the person. All others are about us, or about the IdP's day.
        Err(refusal @ Refusal::CodeRefused("invalid_grant")) => return Ok(Verdict::Leaves(refusal)),
        Err(refusal) => return Ok(Verdict::Unknown(refusal)),
    };
    let Some(raw) = &refreshed.id_token else { return Ok(Verdict::Stays(refreshed.refresh_token)) };
    let id_token = match sign_in::verify(auth, &idp, connection, raw, &refreshed.access_token, None).await {
        Ok(id_token) => id_token,
        Err(refusal @ Refusal::Idp(_)) => return Ok(Verdict::Unknown(refusal)),
        Err(refusal) => return Ok(Verdict::Leaves(refusal)),
    };
    let tx = auth.deps.tenancy.begin(&company::on_behalf(tenant)).await?;
    let same = store::probe::is_of(&tx, probe.session, &id_token.subject).await?;
    tx.commit().await?;
    Ok(if same { Verdict::Stays(refreshed.refresh_token) } else { Verdict::Leaves(Refusal::OtherSubject) })
}
