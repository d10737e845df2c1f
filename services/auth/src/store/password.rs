//! Table `password`.

use freehold_schema::field::auth::PASSWORD_SECRETS;
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PasswordId, PersonId, Secret};
use prost::Message as _;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::password as row;
use crate::local::{Credential, Tries};
use crate::password::Hashed;
use crate::totp::TotpSecret;

/// Both secrets, as they are sealed. Numbers are never used twice.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Record {
    #[prost(string, tag = "1")]
    password_hash: String,
    #[prost(bytes = "vec", tag = "2")]
    totp_secret: Vec<u8>,
}

/// Writes a person's credential. The person must have none.
pub(crate) async fn insert(
    tx: &TenantTx,
    person: PersonId,
    hashed: &Hashed,
    totp_secret: &TotpSecret,
    used_step: i64,
) -> Result<(), Fault> {
    let id: PasswordId = tx.mint().id();
    let record = Record { password_hash: hashed.0.expose().clone(), totp_secret: totp_secret.bytes().to_vec() };
    tx.insert(row::ActiveModel {
        id: Set(id.uuid()),
        person_id: Set(person.uuid()),
        secrets_sealed: Set(tx.seal(PASSWORD_SECRETS, id.uuid(), &record.encode_to_vec())),
        used_step: Set(used_step),
        tried_step: Set(used_step),
        tries: Set(0),
        created_at: Set(tx.mint().now()),
    })
    .await
}

/// A person's credential.
pub(crate) async fn find(tx: &TenantTx, person: PersonId) -> Result<Option<Credential>, Fault> {
    let found = tx.one(row::Entity::find().filter(row::Column::PersonId.eq(person.uuid()))).await?;
    found.map(|row| credential(tx, &row)).transpose()
}

/// The same credential, and nobody else changes its tries before this transaction ends.
pub(crate) async fn lock(tx: &TenantTx, id: PasswordId) -> Result<Option<Credential>, Fault> {
    let found = tx.one(tx.lock(row::Entity::find_by_id(id.uuid()))).await?;
    found.map(|row| credential(tx, &row)).transpose()
}

/// Writes down which digits were used and how often some were tried.
pub(crate) async fn put_tries(tx: &TenantTx, id: PasswordId, tries: Tries) -> Result<(), Fault> {
    let this = row::Entity::update_many()
        .filter(row::Column::Id.eq(id.uuid()))
        .col_expr(row::Column::UsedStep, Expr::value(tries.used_step))
        .col_expr(row::Column::TriedStep, Expr::value(tries.tried_step))
        .col_expr(row::Column::Tries, Expr::value(tries.count));
    tx.update(this).await.map(|_count| ())
}

/// Voids a person's credential.
pub(crate) async fn delete(tx: &TenantTx, person: PersonId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.eq(person.uuid()))).await.map(|_count| ())
}

fn credential(tx: &TenantTx, row: &row::Model) -> Result<Credential, Fault> {
    let plain = Secret::new(tx.open(PASSWORD_SECRETS, row.id, &row.secrets_sealed)?);
    let record =
        Record::decode(plain.expose().as_slice()).map_err(|error| Fault::internal("reading a password", error))?;
    Ok(Credential {
        id: PasswordId::from_uuid(row.id),
        person: PersonId::from_uuid(row.person_id),
        password: Hashed(Secret::new(record.password_hash)),
        totp_secret: TotpSecret::of_bytes(record.totp_secret),
        tries: Tries { used_step: row.used_step, tried_step: row.tried_step, count: row.tries },
    })
}
