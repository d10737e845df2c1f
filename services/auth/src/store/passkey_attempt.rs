//! Table `passkey_attempt`.

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::PASSKEY_ATTEMPT;
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PasskeyAttemptId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::passkey_attempt as row;
use crate::token::TokenHash;

/// Writes what a browser is asked to sign, in place of what it was asked before.
pub(crate) async fn put(
    tx: &TenantTx,
    browser: &TokenHash,
    state: &[u8],
    expires_at: DateTime<Utc>,
) -> Result<(), Fault> {
    delete(tx, browser).await?;
    let id: PasskeyAttemptId = tx.mint().id();
    tx.insert(row::ActiveModel {
        id: Set(id.uuid()),
        browser_token_hash: Set(browser.bytes()),
        state_sealed: Set(tx.seal(PASSKEY_ATTEMPT, id.uuid(), state)),
        expires_at: Set(expires_at),
    })
    .await
}

/// Takes away what this browser was asked, so that of all who answer one alone gets it. Nothing when it came too late.
pub(crate) async fn take(tx: &TenantTx, browser: &TokenHash, now: DateTime<Utc>) -> Result<Option<Vec<u8>>, Fault> {
    let this = row::Column::BrowserTokenHash.eq(browser.bytes());
    let Some(row) = tx.one(tx.lock(row::Entity::find().filter(this))).await? else { return Ok(None) };
    let taken = tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(row.id))).await?;
    if taken != 1 || row.expires_at <= now {
        return Ok(None);
    }
    tx.open(PASSKEY_ATTEMPT, row.id, &row.state_sealed).map(Some)
}

/// Forgets attempts that nobody can finish any more.
pub(crate) async fn delete_expired(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now))).await.map(|_count| ())
}

async fn delete(tx: &TenantTx, browser: &TokenHash) -> Result<(), Fault> {
    let this = row::Column::BrowserTokenHash.eq(browser.bytes());
    tx.delete(row::Entity::delete_many().filter(this)).await.map(|_count| ())
}
