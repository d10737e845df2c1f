//! Table `session`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::{SESSION_ID_TOKEN, SESSION_REFRESH_TOKEN, SESSION_SID};
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{ConnectionId, Fault, PageSize, PersonId, Secret, SessionId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, DeleteMany, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use uuid::Uuid;

use crate::ended::EndedSessions;
use crate::entity::session as row;
use crate::probe;
use crate::session::{Limits, Origin, Session};
use crate::token::TokenHash;

/// Writes a new session.
pub(crate) async fn insert(
    tx: &TenantTx,
    token: &TokenHash,
    session: &Session,
    origin: Option<&Origin>,
) -> Result<(), Fault> {
    let id_token = origin.and_then(|origin| origin.id_token.as_ref());
    let sid = origin.and_then(|origin| Some(sid_index(tx, origin.connection, origin.sid.as_deref()?)));
    let refresh_token = origin.and_then(|origin| origin.refresh_token.as_ref());
    let seal = |field, token: &Secret<String>| tx.seal(field, session.id.uuid(), token.expose().as_bytes());
    tx.insert(row::ActiveModel {
        id: Set(session.id.uuid()),
        token_hash: Set(token.bytes()),
        person_id: Set(session.person.uuid()),
        connection_id: Set(session.connection.map(ConnectionId::uuid)),
        created_at: Set(session.created_at),
        last_used_at: Set(session.last_used_at),
        expires_at: Set(session.expires_at),
        shared_device: Set(session.shared_device),
        sid_index: Set(sid),
        id_token_sealed: Set(id_token.map(|token| seal(SESSION_ID_TOKEN, token))),
        refresh_token_sealed: Set(refresh_token.map(|token| seal(SESSION_REFRESH_TOKEN, token))),
        subject_index: Set(origin
            .and_then(|origin| origin.subject.as_ref())
            .map(|subject| super::identity::index(tx, subject))),
        probe_due_at: Set(refresh_token.map(|_token| probe::due_after(tx.mint()))),
        probe_failed_at: Set(None),
    })
    .await
}

/// The session with this token, ended or not.
pub(crate) async fn find_by_token(tx: &TenantTx, token: &TokenHash) -> Result<Option<Session>, Fault> {
    let this = row::Entity::find().filter(row::Column::TokenHash.eq(token.bytes()));
    Ok(tx.one(this).await?.map(|row| session(&row)))
}

/// Open sessions of a person, newest first, at most one more than a page has.
pub(crate) async fn list(
    tx: &TenantTx,
    person: PersonId,
    limits: Limits,
    after: Option<SessionId>,
    page: PageSize,
) -> Result<Vec<Session>, Fault> {
    let mut query = row::Entity::find()
        .filter(row::Column::PersonId.eq(person.uuid()))
        .filter(is_open(limits))
        // Ids are ordered by time.
        .order_by_desc(row::Column::Id)
        .limit(page.get().saturating_add(1));
    if let Some(after) = after {
        query = query.filter(row::Column::Id.lt(after.uuid()));
    }
    Ok(tx.all(query).await?.iter().map(session).collect())
}

/// What an open session meets.
fn is_open(limits: Limits) -> Condition {
    let used = |shared: bool, after: DateTime<Utc>| {
        Condition::all().add(row::Column::SharedDevice.eq(shared)).add(row::Column::LastUsedAt.gt(after))
    };
    Condition::all()
        .add(row::Column::ExpiresAt.gt(limits.now))
        .add(Condition::any().add(used(false, limits.used_after)).add(used(true, limits.shared_used_after)))
}

/// Notes that others use the session's device, too: it ends then at the latest.
pub(crate) async fn shorten(tx: &TenantTx, id: SessionId, end: DateTime<Utc>) -> Result<(), Fault> {
    let this = || row::Entity::update_many().filter(row::Column::Id.eq(id.uuid()));
    tx.update(this().col_expr(row::Column::SharedDevice, Expr::value(true))).await?;
    let longer = this().filter(row::Column::ExpiresAt.gt(end));
    tx.update(longer.col_expr(row::Column::ExpiresAt, Expr::value(end))).await.map(|_count| ())
}

/// Notes that a session was used.
pub(crate) async fn touch(tx: &TenantTx, id: SessionId, now: DateTime<Utc>) -> Result<(), Fault> {
    let this = row::Entity::update_many().filter(row::Column::Id.eq(id.uuid()));
    tx.update(this.col_expr(row::Column::LastUsedAt, Expr::value(now))).await.map(|_count| ())
}

/// Which of these sessions are open, and whose they are.
pub(crate) async fn list_open(
    tx: &TenantTx,
    ids: &[SessionId],
    limits: Limits,
) -> Result<Vec<(SessionId, PersonId)>, Fault> {
    let query = row::Entity::find().select_only().columns([row::Column::Id, row::Column::PersonId]);
    let query = query.filter(row::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    let rows = tx.rows(query.filter(is_open(limits)).into_tuple::<(Uuid, Uuid)>()).await?;
    Ok(rows.into_iter().map(|(id, person)| (SessionId::from_uuid(id), PersonId::from_uuid(person))).collect())
}

/// Ends one session of a person, if there is one.
pub(crate) async fn delete(tx: &TenantTx, id: SessionId, person: PersonId) -> Result<EndedSessions, Fault> {
    let this = row::Entity::delete_many().filter(row::Column::Id.eq(id.uuid()));
    end(tx, this.filter(row::Column::PersonId.eq(person.uuid()))).await
}

/// The only way a session that is not over by itself is removed.
async fn end(tx: &TenantTx, these: DeleteMany<row::Entity>) -> Result<EndedSessions, Fault> {
    let rows = tx.take(these).await?;
    Ok(EndedSessions::new(rows.into_iter().map(|row| SessionId::from_uuid(row.id)).collect()))
}

/// Ends all sessions of a person but one.
pub(crate) async fn delete_others(tx: &TenantTx, person: PersonId, kept: SessionId) -> Result<EndedSessions, Fault> {
    let theirs = row::Entity::delete_many().filter(row::Column::PersonId.eq(person.uuid()));
    end(tx, theirs.filter(row::Column::Id.ne(kept.uuid()))).await
}

/// Ends one session, whosever it is.
pub(crate) async fn delete_by_id(tx: &TenantTx, id: SessionId) -> Result<EndedSessions, Fault> {
    end(tx, row::Entity::delete_many().filter(row::Column::Id.eq(id.uuid()))).await
}

/// The ID token that a session of this person came with, and through which connection.
pub(crate) async fn find_id_token(
    tx: &TenantTx,
    id: SessionId,
    person: PersonId,
) -> Result<Option<(ConnectionId, Secret<String>)>, Fault> {
    let this = row::Entity::find_by_id(id.uuid()).filter(row::Column::PersonId.eq(person.uuid()));
    let Some(row) = tx.one(this).await? else { return Ok(None) };
    let (Some(connection), Some(sealed)) = (row.connection_id, &row.id_token_sealed) else { return Ok(None) };
    let plain = Secret::new(tx.open(SESSION_ID_TOKEN, row.id, sealed)?);
    let text = String::from_utf8(plain.expose().clone())
        .map_err(|_malformed| Fault::internal("reading a session", "an ID token that is no text"))?;
    Ok(Some((ConnectionId::from_uuid(connection), Secret::new(text))))
}

/// Ends the sessions that came through a connection and belong to this session of the IdP's, to this person, or to
/// both.
pub(crate) async fn delete_at_idp(
    tx: &TenantTx,
    connection: ConnectionId,
    sid: Option<&str>,
    person: Option<PersonId>,
) -> Result<EndedSessions, Fault> {
    // Without either, all would end.
    if sid.is_none() && person.is_none() {
        return Ok(EndedSessions::none());
    }
    let mut these = row::Entity::delete_many().filter(row::Column::ConnectionId.eq(connection.uuid()));
    if let Some(sid) = sid {
        these = these.filter(row::Column::SidIndex.eq(sid_index(tx, connection, sid)));
    }
    if let Some(person) = person {
        these = these.filter(row::Column::PersonId.eq(person.uuid()));
    }
    end(tx, these).await
}

/// Which of these people have sessions, and how many.
pub(crate) async fn count_of_people(tx: &TenantTx, people: &[PersonId]) -> Result<BTreeMap<PersonId, u64>, Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    let mut counts = BTreeMap::<PersonId, u64>::new();
    for row in tx.all(row::Entity::find().filter(row::Column::PersonId.is_in(people))).await? {
        let count = counts.entry(PersonId::from_uuid(row.person_id)).or_default();
        *count = count.saturating_add(1);
    }
    Ok(counts)
}

/// Ends all sessions of these people.
pub(crate) async fn delete_of_people(tx: &TenantTx, people: &[PersonId]) -> Result<EndedSessions, Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    end(tx, row::Entity::delete_many().filter(row::Column::PersonId.is_in(people))).await
}

/// Ends all sessions that came through a connection.
pub(crate) async fn delete_of_connection(tx: &TenantTx, connection: ConnectionId) -> Result<EndedSessions, Fault> {
    let through = row::Column::ConnectionId.eq(connection.uuid());
    end(tx, row::Entity::delete_many().filter(through)).await
}

/// Ends all sessions that came without an IdP.
pub(crate) async fn delete_without_connection(tx: &TenantTx) -> Result<EndedSessions, Fault> {
    end(tx, row::Entity::delete_many().filter(row::Column::ConnectionId.is_null())).await
}

/// Forgets sessions that ended by themselves.
pub(crate) async fn delete_expired(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now))).await.map(|_count| ())
}

/// What one IdP calls its sessions means nothing to another.
fn sid_index(tx: &TenantTx, connection: ConnectionId, sid: &str) -> BlindIndex {
    tx.index(SESSION_SID, &[connection.uuid().as_bytes(), sid.as_bytes()].concat())
}

fn session(row: &row::Model) -> Session {
    Session {
        id: SessionId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        connection: row.connection_id.map(ConnectionId::from_uuid),
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
        shared_device: row.shared_device,
    }
}
