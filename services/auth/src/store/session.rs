//! Table `session`.

use chrono::{DateTime, Utc};
use freehold_tenancy::TenantTx;
use freehold_types::{ConnectionId, Fault, PageSize, PersonId, SessionId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set};
use uuid::Uuid;

use crate::entity::session as row;
use crate::session::{Limits, Session};
use crate::token::TokenHash;

/// Writes a new session.
pub(crate) async fn insert(tx: &TenantTx, token: &TokenHash, session: &Session) -> Result<(), Fault> {
    tx.insert(row::ActiveModel {
        id: Set(session.id.uuid()),
        token_hash: Set(token.bytes()),
        person_id: Set(session.person.uuid()),
        connection_id: Set(session.connection.map(ConnectionId::uuid)),
        created_at: Set(session.created_at),
        last_used_at: Set(session.last_used_at),
        expires_at: Set(session.expires_at),
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
        .filter(row::Column::ExpiresAt.gt(limits.now))
        .filter(row::Column::LastUsedAt.gt(limits.used_after))
        // Ids are ordered by time.
        .order_by_desc(row::Column::Id)
        .limit(page.get().saturating_add(1));
    if let Some(after) = after {
        query = query.filter(row::Column::Id.lt(after.uuid()));
    }
    Ok(tx.all(query).await?.iter().map(session).collect())
}

/// Notes that a session was used.
pub(crate) async fn touch(tx: &TenantTx, id: SessionId, now: DateTime<Utc>) -> Result<(), Fault> {
    let this = row::Entity::update_many().filter(row::Column::Id.eq(id.uuid()));
    tx.update(this.col_expr(row::Column::LastUsedAt, Expr::value(now))).await.map(|_count| ())
}

/// Ends one session of a person; answers whether there was one.
pub(crate) async fn delete(tx: &TenantTx, id: SessionId, person: PersonId) -> Result<bool, Fault> {
    let this = row::Entity::delete_many()
        .filter(row::Column::Id.eq(id.uuid()))
        .filter(row::Column::PersonId.eq(person.uuid()));
    Ok(tx.delete(this).await? > 0)
}

/// Ends all sessions of these people; answers how many.
pub(crate) async fn delete_of_people(tx: &TenantTx, people: &[PersonId]) -> Result<u64, Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.is_in(people))).await
}

/// Ends all sessions that came through a connection.
pub(crate) async fn delete_of_connection(tx: &TenantTx, connection: ConnectionId) -> Result<(), Fault> {
    let through = row::Column::ConnectionId.eq(connection.uuid());
    tx.delete(row::Entity::delete_many().filter(through)).await.map(|_count| ())
}

/// Ends all sessions that came without an IdP.
pub(crate) async fn delete_without_connection(tx: &TenantTx) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ConnectionId.is_null())).await.map(|_count| ())
}

/// Forgets sessions that ended by themselves.
pub(crate) async fn delete_expired(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now))).await.map(|_count| ())
}

fn session(row: &row::Model) -> Session {
    Session {
        id: SessionId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        connection: row.connection_id.map(ConnectionId::from_uuid),
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
    }
}
