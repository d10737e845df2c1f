//! Table `scim_token`.

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::SCIM_TOKEN_NAME;
use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryId, Fault, PersonId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set};

use crate::entity::scim_token as row;
use crate::provisioning::token::{Token, TokenHash};

fn open(tx: &TenantTx, row: &row::Model) -> Result<Token, Fault> {
    Ok(Token {
        id: row.id,
        directory: DirectoryId::from_uuid(row.directory_id),
        name: tx.open_text(SCIM_TOKEN_NAME, row.id, &row.name_sealed)?,
        owner: row.owner_person_id.map(PersonId::from_uuid),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
    })
}

/// Writes a new one.
pub(crate) async fn insert(tx: &TenantTx, token: &Token, hash: &TokenHash) -> Result<(), Fault> {
    tx.insert(row::ActiveModel {
        id: Set(token.id),
        directory_id: Set(token.directory.uuid()),
        token_hash: Set(hash.bytes()),
        name_sealed: Set(tx.seal(SCIM_TOKEN_NAME, token.id, token.name.as_bytes())),
        owner_person_id: Set(token.owner.map(PersonId::uuid)),
        created_at: Set(token.created_at),
        expires_at: Set(token.expires_at),
        last_used_at: Set(None),
        revoked_at: Set(None),
    })
    .await
}

/// The token with this hash, good or not.
pub(crate) async fn find(tx: &TenantTx, hash: &TokenHash) -> Result<Option<Token>, Fault> {
    let this = row::Entity::find().filter(row::Column::TokenHash.eq(hash.bytes()));
    tx.one(this).await?.map(|row| open(tx, &row)).transpose()
}

/// The newest tokens of a directory.
pub(crate) async fn list(tx: &TenantTx, directory: DirectoryId, max: u64) -> Result<Vec<Token>, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .order_by_desc(row::Column::Id)
        .limit(max);
    tx.all(query).await?.iter().map(|row| open(tx, row)).collect()
}

/// Notes that a token was used.
pub(crate) async fn touch(tx: &TenantTx, token: &Token, now: DateTime<Utc>) -> Result<(), Fault> {
    let this = row::Entity::update_many().filter(row::Column::Id.eq(token.id));
    tx.update(this.col_expr(row::Column::LastUsedAt, Expr::value(now))).await.map(|_count| ())
}

/// Ends a token.
pub(crate) async fn revoke(tx: &TenantTx, token: &Token, now: DateTime<Utc>) -> Result<(), Fault> {
    let this = row::Entity::update_many().filter(row::Column::Id.eq(token.id));
    tx.update(this.col_expr(row::Column::RevokedAt, Expr::value(now))).await.map(|_count| ())
}
