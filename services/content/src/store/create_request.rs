//! Table `create_request`: which request of a person made what.

use chrono::{DateTime, Utc};
use freehold_schema::field::content::{REQUEST_BODY, REQUEST_ID};
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{Fault, PersonId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::storable;
use crate::entity::create_request::{ActiveModel, Column, Entity};
use crate::fault;

/// A request that was kept.
pub(crate) struct Kept {
    pub(crate) body: BlindIndex,
    pub(crate) made: Uuid,
}

/// Keeps a request, unless the person has one of that id already; says whether it was kept. Two at a time wait for
/// each other here, so exactly one is.
pub(crate) async fn keep(
    tx: &TenantTx,
    person: PersonId,
    request_id: &str,
    body: &BlindIndex,
    made: Uuid,
) -> Result<bool, Fault> {
    let row = ActiveModel {
        person_id: Set(person.uuid()),
        request_index: Set(tx.index(REQUEST_ID, request_id.as_bytes())),
        body_index: Set(body.clone()),
        made_id: Set(made),
        created_at: Set(storable(tx.mint().now())),
    };
    let leave = OnConflict::columns([Column::PersonId, Column::RequestIndex]).do_nothing().to_owned();
    Ok(tx.insert_or(vec![row], leave).await? > 0)
}

/// The person's request of that id.
pub(crate) async fn get(tx: &TenantTx, person: PersonId, request_id: &str) -> Result<Kept, Fault> {
    let index = tx.index(REQUEST_ID, request_id.as_bytes());
    let query = Entity::find().filter(Column::PersonId.eq(person.uuid())).filter(Column::RequestIndex.eq(index));
    let row = tx.one(query).await?;
    let row = row.ok_or_else(|| fault::row_broken("create_request", "gone while it was looked at"))?;
    Ok(Kept { body: row.body_index, made: row.made_id })
}

/// Forgets the person's requests from before that moment.
pub(crate) async fn forget(tx: &TenantTx, person: PersonId, before: DateTime<Utc>) -> Result<(), Fault> {
    let old = Entity::delete_many().filter(Column::PersonId.eq(person.uuid())).filter(Column::CreatedAt.lt(before));
    tx.delete(old).await.map(|_rows| ())
}

/// The keyed digest under which a request's body is compared.
pub(crate) fn digest(tx: &TenantTx, body: &[u8]) -> BlindIndex {
    tx.index(REQUEST_BODY, body)
}
