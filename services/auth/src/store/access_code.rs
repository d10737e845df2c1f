//! Table `access_code`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use freehold_schema::field::auth::ACCESS_CODE;
use freehold_tenancy::TenantTx;
use freehold_types::{AccessCodeId, Fault, PersonId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use uuid::Uuid;

use crate::access_code::Issued;
use crate::code::Code;
use crate::entity::access_code as row;

/// A code that was issued and not used yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) id: AccessCodeId,
    pub(crate) person: PersonId,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Writes new codes. The people must have none.
pub(crate) async fn insert_all(tx: &TenantTx, codes: &[Issued]) -> Result<(), Fault> {
    let rows = codes.iter().map(|issued| row::ActiveModel {
        id: Set(new_id(tx).uuid()),
        code_index: Set(tx.index(ACCESS_CODE, issued.code.bytes())),
        person_id: Set(issued.person.uuid()),
        created_at: Set(tx.mint().now()),
        expires_at: Set(issued.expires_at),
    });
    tx.insert_all(rows.collect()).await
}

/// The unused code, expired or not.
pub(crate) async fn find(tx: &TenantTx, code: &Code) -> Result<Option<Waiting>, Fault> {
    let this = row::Entity::find().filter(row::Column::CodeIndex.eq(tx.index(ACCESS_CODE, code.bytes())));
    Ok(tx.one(this).await?.map(|row| Waiting {
        id: AccessCodeId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        expires_at: row.expires_at,
    }))
}

/// Whether a code is still there, unused.
pub(crate) async fn exists(tx: &TenantTx, id: AccessCodeId) -> Result<bool, Fault> {
    Ok(tx.one(row::Entity::find_by_id(id.uuid())).await?.is_some())
}

/// Uses a code up. Of all who try at the same moment, one alone is told that it was there.
pub(crate) async fn take(tx: &TenantTx, id: AccessCodeId) -> Result<bool, Fault> {
    let taken = tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(id.uuid()))).await?;
    Ok(taken == 1)
}

/// Which of these people have unused codes.
pub(crate) async fn people_among(tx: &TenantTx, people: &[PersonId]) -> Result<BTreeSet<PersonId>, Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    let rows = tx.all(row::Entity::find().filter(row::Column::PersonId.is_in(people))).await?;
    Ok(rows.iter().map(|row| PersonId::from_uuid(row.person_id)).collect())
}

/// Voids the codes of these people.
pub(crate) async fn delete_of_people(tx: &TenantTx, people: &[PersonId]) -> Result<(), Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.is_in(people))).await.map(|_count| ())
}

/// Voids all codes of the tenant but those of these people.
pub(crate) async fn delete_all_but(tx: &TenantTx, people: &[PersonId]) -> Result<(), Fault> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.is_not_in(people))).await.map(|_count| ())
}

/// Forgets codes that ended unused.
pub(crate) async fn delete_expired(tx: &TenantTx, now: DateTime<Utc>) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now))).await.map(|_count| ())
}

fn new_id(tx: &TenantTx) -> AccessCodeId {
    tx.mint().id()
}
