//! Table `person_photo`, and which photo the rows of `person` have.

use std::collections::BTreeMap;

use freehold_schema::field::directory::PERSON_PHOTO;
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{DirectoryId, Fault, PersonId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, Select, Set};
use uuid::Uuid;

use super::person::ACTIVE;
use crate::entity::{person, person_photo as row};
use crate::reading::Key;

/// Active people of one directory by their immutable ids, with the digests of their photos: all, or only these.
pub(crate) async fn known(
    tx: &TenantTx,
    directory: DirectoryId,
    only: Option<&[Key]>,
) -> Result<BTreeMap<Key, (PersonId, Option<Key>)>, Fault> {
    let columns = [person::Column::EntryIndex, person::Column::Id, person::Column::PhotoIndex];
    let mut people = active_of(directory);
    if let Some(only) = only {
        let keys = only.iter().map(|key| BlindIndex::from(*key));
        people = people.filter(person::Column::EntryIndex.is_in(keys));
    }
    let query = people.select_only().columns(columns).into_tuple::<(BlindIndex, Uuid, Option<BlindIndex>)>();
    let key = |index: &BlindIndex| index.bytes().try_into().unwrap_or_default();
    let rows = tx.rows(query).await?.into_iter();
    Ok(rows.map(|(entry, id, photo)| (key(&entry), (PersonId::from_uuid(id), photo.as_ref().map(key)))).collect())
}

/// How many active people of one directory have a photo.
pub(crate) async fn count(tx: &TenantTx, directory: DirectoryId) -> Result<u64, Fault> {
    tx.count(active_of(directory).filter(person::Column::PhotoIndex.is_not_null())).await
}

fn active_of(directory: DirectoryId) -> Select<person::Entity> {
    person::Entity::find()
        .filter(person::Column::DirectoryId.eq(directory.uuid()))
        .filter(person::Column::State.eq(ACTIVE))
}

/// One photo, as JPEG.
pub(crate) async fn get(tx: &TenantTx, id: PersonId) -> Result<Option<Vec<u8>>, Fault> {
    let Some(row) = tx.one(row::Entity::find_by_id(id.uuid())).await? else { return Ok(None) };
    tx.open(PERSON_PHOTO, id.uuid(), &row.photo_sealed).map(Some)
}

/// Writes one, with the digest of what the directory has. False when the person is not active any more, or of another
/// directory now; then the transaction is to be dropped.
pub(crate) async fn put(
    tx: &TenantTx,
    directory: DirectoryId,
    id: PersonId,
    entry: Key,
    digest: Key,
    jpeg: &[u8],
) -> Result<bool, Fault> {
    if !set(tx, directory, id, entry, Some(digest)).await? {
        return Ok(false);
    }
    let new = row::ActiveModel { person_id: Set(id.uuid()), photo_sealed: Set(tx.seal(PERSON_PHOTO, id.uuid(), jpeg)) };
    let replace = OnConflict::column(row::Column::PersonId).update_column(row::Column::PhotoSealed).to_owned();
    tx.insert_or(vec![new], replace).await?;
    Ok(true)
}

/// Removes one; false as in [`put`].
pub(crate) async fn remove(tx: &TenantTx, directory: DirectoryId, id: PersonId, entry: Key) -> Result<bool, Fault> {
    if !set(tx, directory, id, entry, None).await? {
        return Ok(false);
    }
    tx.delete(row::Entity::delete_many().filter(row::Column::PersonId.eq(id.uuid()))).await?;
    Ok(true)
}

async fn set(
    tx: &TenantTx,
    directory: DirectoryId,
    id: PersonId,
    entry: Key,
    digest: Option<Key>,
) -> Result<bool, Fault> {
    let update = person::Entity::update_many()
        .filter(person::Column::Id.eq(id.uuid()))
        .filter(person::Column::DirectoryId.eq(directory.uuid()))
        .filter(person::Column::EntryIndex.eq(BlindIndex::from(entry)))
        .filter(person::Column::State.eq(ACTIVE))
        .col_expr(person::Column::PhotoIndex, Expr::value(digest.map(BlindIndex::from)));
    Ok(tx.update(update).await? == 1)
}
