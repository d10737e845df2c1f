//! Table `claim`.

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::CLAIM_TOTP_SECRET;
use freehold_tenancy::TenantTx;
use freehold_types::{AccessCodeId, ClaimId, Fault, PersonId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use uuid::Uuid;

use crate::claim::Claim;
use crate::entity::claim as row;
use crate::token::TokenHash;
use crate::totp::TotpSecret;

/// Writes a new claim under the hash of the token its browser keeps.
pub(crate) async fn insert(tx: &TenantTx, browser: &TokenHash, claim: &Claim) -> Result<(), Fault> {
    let id: ClaimId = tx.mint().id();
    tx.insert(row::ActiveModel {
        id: Set(id.uuid()),
        browser_token_hash: Set(browser.bytes()),
        access_code_id: Set(claim.access_code.uuid()),
        person_id: Set(claim.person.uuid()),
        totp_secret_sealed: Set(tx.seal(CLAIM_TOTP_SECRET, id.uuid(), claim.totp_secret.bytes())),
        expires_at: Set(claim.expires_at),
    })
    .await
}

/// This browser's claim, ended or not.
pub(crate) async fn find(tx: &TenantTx, browser: &TokenHash) -> Result<Option<Claim>, Fault> {
    let this = row::Entity::find().filter(row::Column::BrowserTokenHash.eq(browser.bytes()));
    let Some(row) = tx.one(this).await? else { return Ok(None) };
    Ok(Some(Claim {
        access_code: AccessCodeId::from_uuid(row.access_code_id),
        person: PersonId::from_uuid(row.person_id),
        totp_secret: TotpSecret::of_bytes(tx.open(CLAIM_TOTP_SECRET, row.id, &row.totp_secret_sealed)?),
        expires_at: row.expires_at,
    }))
}

/// Ends the claims of these people.
pub(crate) async fn delete_of_people(tx: &TenantTx, people: &[PersonId]) -> Result<(), Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.is_in(people))).await.map(|_count| ())
}

/// Ends all claims of the tenant but those of these people.
pub(crate) async fn delete_all_but(tx: &TenantTx, people: &[PersonId]) -> Result<(), Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.is_not_in(people))).await.map(|_count| ())
}

/// Forgets claims that nobody can complete any more.
pub(crate) async fn delete_expired(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now))).await.map(|_count| ())
}
