//! Table `logout_token`.

use chrono::{DateTime, Utc};
use freehold_tenancy::TenantTx;
use freehold_types::{ConnectionId, Fault};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use sha2::{Digest as _, Sha256};

use crate::entity::logout_token as row;

/// Notes that a token with this id was taken at a connection; answers whether it is the first.
pub(crate) async fn insert(
    tx: &TenantTx,
    connection: ConnectionId,
    token_id: &str,
    expires_at: DateTime<Utc>,
) -> Result<bool, Fault> {
    let token = row::ActiveModel {
        connection_id: Set(connection.uuid()),
        token_id_hash: Set(Sha256::digest(token_id).to_vec()),
        expires_at: Set(expires_at),
    };
    let keep = OnConflict::columns([row::Column::ConnectionId, row::Column::TokenIdHash]).do_nothing().to_owned();
    Ok(tx.insert_or(vec![token], keep).await? == 1)
}

/// Forgets tokens that are too old to be taken again.
pub(crate) async fn delete_expired(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now))).await.map(|_count| ())
}

/// Forgets the tokens of one connection.
pub(crate) async fn delete_of_connection(tx: &TenantTx, connection: ConnectionId) -> Result<(), Fault> {
    let of = row::Column::ConnectionId.eq(connection.uuid());
    tx.delete(row::Entity::delete_many().filter(of)).await.map(|_count| ())
}
