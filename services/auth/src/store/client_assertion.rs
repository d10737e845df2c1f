//! Table `client_assertion`.

use chrono::{DateTime, Utc};
use freehold_tenancy::TenantTx;
use freehold_types::{ClientId, Fault};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use sha2::{Digest as _, Sha256};

use crate::client::assertion::Assertion;
use crate::entity::client_assertion as row;

/// Notes that an assertion of a client was taken; answers whether it is the first with its id.
pub(crate) async fn insert(tx: &TenantTx, client: ClientId, assertion: &Assertion) -> Result<bool, Fault> {
    let taken = row::ActiveModel {
        client_id: Set(client.uuid()),
        assertion_id_hash: Set(Sha256::digest(&assertion.id).to_vec()),
        expires_at: Set(assertion.expires_at),
    };
    let keep = OnConflict::columns([row::Column::ClientId, row::Column::AssertionIdHash]).do_nothing().to_owned();
    Ok(tx.insert_or(vec![taken], keep).await? == 1)
}

/// Forgets assertions that have expired.
pub(crate) async fn delete_expired(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now))).await.map(|_count| ())
}
