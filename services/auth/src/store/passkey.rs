//! Table `passkey`.

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::{PASSKEY_CREDENTIAL, PASSKEY_RECORD};
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PasskeyId, PersonId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};
use webauthn_rs::prelude::Passkey as Key;

use crate::entity::passkey as row;
use crate::passkey::Passkey;

/// Writes a new passkey.
pub(crate) async fn insert(tx: &TenantTx, passkey: &Passkey) -> Result<(), Fault> {
    tx.insert(row::ActiveModel {
        id: Set(passkey.id.uuid()),
        person_id: Set(passkey.person.uuid()),
        credential_index: Set(tx.index(PASSKEY_CREDENTIAL, passkey.key.cred_id().as_ref())),
        record_sealed: Set(tx.seal(PASSKEY_RECORD, passkey.id.uuid(), &written(&passkey.key)?)),
        created_at: Set(passkey.created_at),
        last_used_at: Set(passkey.last_used_at),
    })
    .await
}

/// The passkey with this credential id, and nobody else changes it before this transaction ends.
pub(crate) async fn lock(tx: &TenantTx, credential_id: &[u8]) -> Result<Option<Passkey>, Fault> {
    let index = tx.index(PASSKEY_CREDENTIAL, credential_id);
    let found = tx.one(tx.lock(row::Entity::find().filter(row::Column::CredentialIndex.eq(index)))).await?;
    found.map(|row| passkey(tx, &row)).transpose()
}

/// A person's passkeys, oldest first.
pub(crate) async fn list(tx: &TenantTx, person: PersonId) -> Result<Vec<Passkey>, Fault> {
    let theirs = row::Entity::find().filter(row::Column::PersonId.eq(person.uuid())).order_by_asc(row::Column::Id);
    tx.all(theirs).await?.iter().map(|row| passkey(tx, row)).collect()
}

/// Notes that a passkey let its person in, and what it said of itself.
pub(crate) async fn touch(tx: &TenantTx, passkey: &Passkey, now: DateTime<Utc>) -> Result<(), Fault> {
    let record = tx.seal(PASSKEY_RECORD, passkey.id.uuid(), &written(&passkey.key)?);
    let this = row::Entity::update_many()
        .filter(row::Column::Id.eq(passkey.id.uuid()))
        .col_expr(row::Column::LastUsedAt, Expr::value(now))
        .col_expr(row::Column::RecordSealed, Expr::value(record));
    tx.update(this).await.map(|_count| ())
}

/// Removes one passkey of a person; answers whether there was one.
pub(crate) async fn delete(tx: &TenantTx, id: PasskeyId, person: PersonId) -> Result<bool, Fault> {
    let this = row::Entity::delete_many()
        .filter(row::Column::Id.eq(id.uuid()))
        .filter(row::Column::PersonId.eq(person.uuid()));
    Ok(tx.delete(this).await? > 0)
}

/// Removes all passkeys of a person.
pub(crate) async fn delete_of_person(tx: &TenantTx, person: PersonId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.eq(person.uuid()))).await.map(|_count| ())
}

fn written(key: &Key) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(key).map_err(|error| Fault::internal("writing a passkey", error))
}

fn passkey(tx: &TenantTx, row: &row::Model) -> Result<Passkey, Fault> {
    let plain = tx.open(PASSKEY_RECORD, row.id, &row.record_sealed)?;
    Ok(Passkey {
        id: PasskeyId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        key: serde_json::from_slice(&plain).map_err(|error| Fault::internal("reading a passkey", error))?,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    })
}
