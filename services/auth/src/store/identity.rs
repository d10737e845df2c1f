//! Table `identity`.

use freehold_schema::field::auth::{IDENTITY_SUBJECT, IDENTITY_SUBJECT_INDEX};
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{ConnectionId, Fault, IdentityId, PersonId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, Set};

use crate::entity::identity as row;
use crate::id_token::Subject;

/// The person this subject is linked to.
pub(crate) async fn find_person(
    tx: &TenantTx,
    connection: ConnectionId,
    subject: &Subject,
) -> Result<Option<PersonId>, Fault> {
    let this = row::Entity::find()
        .filter(row::Column::ConnectionId.eq(connection.uuid()))
        .filter(row::Column::SubjectIndex.eq(index(tx, subject)));
    Ok(tx.one(this).await?.map(|row| PersonId::from_uuid(row.person_id)))
}

/// Links this subject to a person, unless it is linked already; answers the person it is linked to.
pub(crate) async fn link(
    tx: &TenantTx,
    connection: ConnectionId,
    subject: &Subject,
    person: PersonId,
) -> Result<PersonId, Fault> {
    let id: IdentityId = tx.mint().id();
    let identity = row::ActiveModel {
        id: Set(id.uuid()),
        connection_id: Set(connection.uuid()),
        subject_index: Set(index(tx, subject)),
        subject_sealed: Set(tx.seal(IDENTITY_SUBJECT, id.uuid(), &joined(subject))),
        person_id: Set(person.uuid()),
        created_at: Set(tx.mint().now()),
    };
    // Two tabs of one person's first sign-in may come at the same moment.
    let keep = OnConflict::columns([row::Column::ConnectionId, row::Column::SubjectIndex]).do_nothing().to_owned();
    tx.insert_or(vec![identity], keep).await?;
    Ok(find_person(tx, connection, subject).await?.unwrap_or(person))
}

/// Whether a person comes in through an IdP.
pub(crate) async fn has_person(tx: &TenantTx, person: PersonId) -> Result<bool, Fault> {
    let this = row::Entity::find().filter(row::Column::PersonId.eq(person.uuid())).limit(1);
    Ok(tx.one(this).await?.is_some())
}

/// Forgets the subjects of one connection.
pub(crate) async fn delete_of_connection(tx: &TenantTx, connection: ConnectionId) -> Result<(), Fault> {
    let of = row::Column::ConnectionId.eq(connection.uuid());
    tx.delete(row::Entity::delete_many().filter(of)).await.map(|_count| ())
}

/// What a subject is found by, and compared with.
pub(super) fn index(tx: &TenantTx, subject: &Subject) -> BlindIndex {
    tx.index(IDENTITY_SUBJECT_INDEX, &joined(subject))
}

/// A subject means nothing without its issuer. Neither has a zero byte, so they cannot run into each other.
fn joined(subject: &Subject) -> Vec<u8> {
    [subject.issuer.as_bytes(), &[0], subject.subject.as_bytes()].concat()
}
