//! Table `client`.

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::CLIENT_RECORD;
use freehold_tenancy::TenantTx;
use freehold_types::access::Scopes;
use freehold_types::{ClientId, Fault, PersonId, SessionId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::client::key::Key;
use crate::client::{self, Client};
use crate::ended::EndedSessions;
use crate::entity::client as row;

/// What is sealed of a client.
#[derive(Serialize, Deserialize)]
struct Record {
    name: String,
    scopes: String,
    keys: Vec<Key>,
}

/// Writes a new client.
pub(crate) async fn insert(tx: &TenantTx, client: &Client) -> Result<(), Fault> {
    let record = Record { name: client.name.clone(), scopes: client.scopes.text(), keys: client.keys.clone() };
    let record = serde_json::to_vec(&record).map_err(|error| Fault::internal("writing a client", error))?;
    tx.insert(row::ActiveModel {
        id: Set(client.id.uuid()),
        owner_person_id: Set(client.owner.uuid()),
        record_sealed: Set(tx.seal(CLIENT_RECORD, client.id.uuid(), &record)),
        created_at: Set(client.created_at),
        ends_at: Set(client.ends_at),
        last_used_at: Set(client.last_used_at),
    })
    .await
}

/// The client with this id, ended or not.
pub(crate) async fn find(tx: &TenantTx, id: ClientId) -> Result<Option<Client>, Fault> {
    let this = row::Entity::find().filter(row::Column::Id.eq(id.uuid()));
    tx.one(this).await?.map(|row| client(tx, &row)).transpose()
}

/// All clients, oldest first.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<Client>, Fault> {
    let all = row::Entity::find().order_by_asc(row::Column::Id);
    tx.all(all).await?.iter().map(|row| client(tx, row)).collect()
}

/// Those of these sessions that are clients which have not ended, each with its owner.
pub(crate) async fn list_open(
    tx: &TenantTx,
    sessions: &[SessionId],
    now: DateTime<Utc>,
) -> Result<Vec<(SessionId, PersonId)>, Fault> {
    let ids: Vec<Uuid> = sessions.iter().map(|session| session.uuid()).collect();
    let open = row::Entity::find().filter(row::Column::Id.is_in(ids)).filter(row::Column::EndsAt.gt(now));
    let rows = tx.all(open).await?;
    Ok(rows.iter().map(|row| (SessionId::from_uuid(row.id), PersonId::from_uuid(row.owner_person_id))).collect())
}

/// What ends with these people: the caller tokens of the clients they own.
pub(crate) async fn sessions_of_people(tx: &TenantTx, people: &[PersonId]) -> Result<EndedSessions, Fault> {
    let owners: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    let rows = tx.all(row::Entity::find().filter(row::Column::OwnerPersonId.is_in(owners))).await?;
    Ok(EndedSessions::new(rows.iter().map(|row| client::session_of(ClientId::from_uuid(row.id))).collect()))
}

/// Notes that a client was given a caller token.
pub(crate) async fn touch(tx: &TenantTx, id: ClientId, now: DateTime<Utc>) -> Result<(), Fault> {
    let this = row::Entity::update_many().filter(row::Column::Id.eq(id.uuid()));
    tx.update(this.col_expr(row::Column::LastUsedAt, Expr::value(now))).await.map(|_count| ())
}

/// Removes a client.
pub(crate) async fn delete(tx: &TenantTx, id: ClientId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(id.uuid()))).await.map(|_count| ())
}

fn client(tx: &TenantTx, row: &row::Model) -> Result<Client, Fault> {
    let record = tx.open(CLIENT_RECORD, row.id, &row.record_sealed)?;
    let Record { name, scopes, keys } =
        serde_json::from_slice(&record).map_err(|error| Fault::internal("reading a client", error))?;
    let scopes = Scopes::read(&scopes).ok_or_else(|| Fault::internal("reading a client", "an unknown scope"))?;
    Ok(Client {
        id: ClientId::from_uuid(row.id),
        owner: PersonId::from_uuid(row.owner_person_id),
        name,
        scopes,
        keys,
        created_at: row.created_at,
        ends_at: row.ends_at,
        last_used_at: row.last_used_at,
    })
}
