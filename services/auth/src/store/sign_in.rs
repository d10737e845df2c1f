//! Table `sign_in`.

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::SIGN_IN_SECRETS;
use freehold_tenancy::TenantTx;
use freehold_types::{ConnectionId, Fault, Secret, SignInId};
use prost::Message as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::sign_in as row;
use crate::sign_in::{Attempt, Secrets};
use crate::token::TokenHash;

/// What an attempt must come back with, as it is sealed. Numbers are never used twice.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Record {
    #[prost(string, tag = "1")]
    state: String,
    #[prost(string, tag = "2")]
    nonce: String,
    #[prost(string, tag = "3")]
    code_verifier: String,
    #[prost(string, tag = "4")]
    return_to: String,
    #[prost(bool, tag = "5")]
    again: bool,
}

/// Writes a new attempt under the hash of the token its browser keeps.
pub(crate) async fn insert(tx: &TenantTx, browser: &TokenHash, attempt: &Attempt) -> Result<(), Fault> {
    let id: SignInId = tx.mint().id();
    let Secrets { state, nonce, code_verifier } = &attempt.secrets;
    let record = Record {
        state: state.expose().clone(),
        nonce: nonce.expose().clone(),
        code_verifier: code_verifier.expose().clone(),
        return_to: attempt.return_to.clone(),
        again: attempt.again,
    };
    tx.insert(row::ActiveModel {
        id: Set(id.uuid()),
        browser_token_hash: Set(browser.bytes()),
        connection_id: Set(attempt.connection.uuid()),
        secrets_sealed: Set(tx.seal(SIGN_IN_SECRETS, id.uuid(), &record.encode_to_vec())),
        expires_at: Set(attempt.expires_at),
    })
    .await
}

/// Takes this browser's attempt away, so that of all who come with its token one alone gets it.
pub(crate) async fn take(tx: &TenantTx, browser: &TokenHash) -> Result<Option<Attempt>, Fault> {
    let this = row::Column::BrowserTokenHash.eq(browser.bytes());
    let Some(row) = tx.one(tx.lock(row::Entity::find().filter(this))).await? else { return Ok(None) };
    let taken = tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(row.id))).await?;
    if taken != 1 {
        return Ok(None);
    }
    let plain = Secret::new(tx.open(SIGN_IN_SECRETS, row.id, &row.secrets_sealed)?);
    let record = Record::decode(plain.expose().as_slice())
        .map_err(|error| Fault::internal("reading a sign-in under way", error))?;
    Ok(Some(Attempt {
        connection: ConnectionId::from_uuid(row.connection_id),
        secrets: Secrets {
            state: Secret::new(record.state),
            nonce: Secret::new(record.nonce),
            code_verifier: Secret::new(record.code_verifier),
        },
        return_to: record.return_to,
        expires_at: row.expires_at,
        again: record.again,
    }))
}

/// Forgets attempts that ended before.
pub(crate) async fn delete_expired(tx: &TenantTx, before: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(before))).await.map(|_count| ())
}

/// Forgets the attempts at one connection.
pub(crate) async fn delete_of_connection(tx: &TenantTx, connection: ConnectionId) -> Result<(), Fault> {
    let at = row::Column::ConnectionId.eq(connection.uuid());
    tx.delete(row::Entity::delete_many().filter(at)).await.map(|_count| ())
}
