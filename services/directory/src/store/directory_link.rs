//! Table `directory_link`.

use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{DirectoryId, Fault, PersonId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::directory_link as row;
use crate::identity::Link;
use crate::reading::Key;

/// All of the tenant.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<Link>, Fault> {
    Ok(tx.all(row::Entity::find()).await?.into_iter().map(link).collect())
}

/// Those with this immutable id, in any directory.
pub(crate) async fn with_key(tx: &TenantTx, key: Key) -> Result<Vec<Link>, Fault> {
    let wanted = row::Entity::find().filter(row::Column::EntryIndex.eq(BlindIndex::from(key)));
    Ok(tx.all(wanted).await?.into_iter().map(link).collect())
}

/// Whether any of these people is in another directory as well.
pub(crate) async fn any_of(tx: &TenantTx, people: &[PersonId]) -> Result<bool, Fault> {
    let ids = people.iter().map(|id| id.uuid());
    Ok(tx.count(row::Entity::find().filter(row::Column::PersonId.is_in(ids))).await? > 0)
}

fn link(row: row::Model) -> Link {
    let key = |index: &BlindIndex| index.bytes().try_into().unwrap_or_default();
    Link {
        directory: DirectoryId::from_uuid(row.directory_id),
        key: key(&row.entry_index),
        person: PersonId::from_uuid(row.person_id),
        dn: key(&row.dn_index),
        enabled: row.enabled,
    }
}

/// Writes links, new ones and known ones alike.
pub(crate) async fn put(tx: &TenantTx, links: &[Link]) -> Result<(), Fault> {
    let rows = links.iter().map(|link| row::ActiveModel {
        directory_id: Set(link.directory.uuid()),
        entry_index: Set(BlindIndex::from(link.key)),
        person_id: Set(link.person.uuid()),
        dn_index: Set(BlindIndex::from(link.dn)),
        enabled: Set(link.enabled),
    });
    let replace = OnConflict::columns([row::Column::DirectoryId, row::Column::PersonId])
        .update_columns([row::Column::EntryIndex, row::Column::DnIndex, row::Column::Enabled])
        .to_owned();
    tx.insert_or(rows.collect(), replace).await.map(|_rows| ())
}

/// Those of these entries of a directory that are people of whom another one tells.
pub(crate) async fn known_keys(tx: &TenantTx, directory: DirectoryId, keys: &[Key]) -> Result<Vec<Key>, Fault> {
    let wanted = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::EntryIndex.is_in(keys.iter().map(|key| BlindIndex::from(*key))));
    Ok(tx.all(wanted).await?.into_iter().map(|row| link(row).key).collect())
}

/// Removes all links of a directory.
pub(crate) async fn remove_all(tx: &TenantTx, directory: DirectoryId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::DirectoryId.eq(directory.uuid()))).await.map(|_rows| ())
}

/// Removes one directory's links of these people.
pub(crate) async fn remove(tx: &TenantTx, directory: DirectoryId, people: &[PersonId]) -> Result<(), Fault> {
    let gone = row::Entity::delete_many()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::PersonId.is_in(people.iter().map(|id| id.uuid())));
    tx.delete(gone).await.map(|_rows| ())
}
