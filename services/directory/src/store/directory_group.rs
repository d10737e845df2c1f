//! Tables `directory_group` and `directory_group_member`.

use std::collections::BTreeSet;

use freehold_schema::field::directory::{
    DIRECTORY_GROUP_ENTRY, DIRECTORY_GROUP_RECORD, DIRECTORY_GROUP_RECORD_DIGEST, DIRECTORY_GROUP_SID,
};
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{DirectoryGroupId, DirectoryId, Fault, PersonId};
use prost::Message as _;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, Select, Set};
use uuid::Uuid;

use crate::entity::{directory_group as row, directory_group_member as member_row};
use crate::known::{Edge, KnownGroup, Member};
use crate::reading::Key;
use crate::record::GroupRecord;

/// Value of column `member_kind`.
const PERSON: i16 = 1;
/// Value of column `member_kind`.
const GROUP: i16 = 2;
/// How many memberships one statement removes.
const REMOVE_MAX: usize = 500;

/// Groups of one directory, without their records.
pub(crate) async fn known(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<KnownGroup>, Fault> {
    let rows = tx.all(row::Entity::find().filter(row::Column::DirectoryId.eq(directory.uuid()))).await?;
    Ok(rows.iter().map(known_group).collect())
}

fn known_group(row: &row::Model) -> KnownGroup {
    KnownGroup {
        id: DirectoryGroupId::from_uuid(row.id),
        key: key(&row.entry_index),
        digest: key(&row.record_digest_index),
        dn: row.dn_index.as_ref().map(key),
        sid: row.sid_index.as_ref().map(key),
    }
}

fn key(index: &BlindIndex) -> Key {
    index.bytes().try_into().unwrap_or_default()
}

/// Whether any of these is a group of the directory.
pub(crate) async fn any_with_key(tx: &TenantTx, directory: DirectoryId, keys: &[Key]) -> Result<bool, Fault> {
    Ok(tx.count(with_keys(directory, keys)).await? > 0)
}

/// Those of these that are groups of the directory.
pub(crate) async fn known_keys(tx: &TenantTx, directory: DirectoryId, keys: &[Key]) -> Result<Vec<Key>, Fault> {
    let rows = tx.all(with_keys(directory, keys)).await?;
    Ok(rows.iter().map(|row| known_group(row).key).collect())
}

fn with_keys(directory: DirectoryId, keys: &[Key]) -> Select<row::Entity> {
    let of_directory = row::Entity::find().filter(row::Column::DirectoryId.eq(directory.uuid()));
    of_directory.filter(row::Column::EntryIndex.is_in(keys.iter().map(|key| BlindIndex::from(*key))))
}

/// Groups of the tenant's other directories by distinguished name, and all their ids.
pub(crate) async fn elsewhere(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<KnownGroup>, Fault> {
    let rows = tx.all(row::Entity::find().filter(row::Column::DirectoryId.ne(directory.uuid()))).await?;
    Ok(rows.iter().map(known_group).collect())
}

/// Memberships of these people in groups of one directory.
pub(crate) async fn members_of(
    tx: &TenantTx,
    directory: DirectoryId,
    people: &[PersonId],
) -> Result<BTreeSet<Edge>, Fault> {
    let listed =
        member_row::Entity::find().filter(member_row::Column::MemberId.is_in(people.iter().map(|id| id.uuid())));
    let edges: BTreeSet<Edge> = tx.all(listed).await?.into_iter().map(edge).collect();
    let groups = edges.iter().map(|(group, _)| group.uuid());
    let ours = row::Entity::find()
        .filter(row::Column::Id.is_in(groups))
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .select_only()
        .column(row::Column::Id);
    let ours: BTreeSet<_> = tx.rows(ours.into_tuple::<Uuid>()).await?.into_iter().collect();
    Ok(edges.into_iter().filter(|(group, _)| ours.contains(&group.uuid())).collect())
}

/// Those of the given groups that exist.
pub(crate) async fn list(
    tx: &TenantTx,
    groups: &[DirectoryGroupId],
) -> Result<Vec<(DirectoryGroupId, GroupRecord, Option<Key>)>, Fault> {
    let rows = tx.all(row::Entity::find().filter(row::Column::Id.is_in(groups.iter().map(|id| id.uuid())))).await?;
    let open = |row: row::Model| {
        let record = super::decode(&tx.open(DIRECTORY_GROUP_RECORD, row.id, &row.record_sealed)?)?;
        Ok((DirectoryGroupId::from_uuid(row.id), record, row.dn_index.as_ref().map(key)))
    };
    rows.into_iter().map(open).collect()
}

/// All directory groups of the tenant.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<(DirectoryGroupId, GroupRecord)>, Fault> {
    let rows = tx.all(row::Entity::find()).await?;
    let open = |row: row::Model| {
        let record = super::decode(&tx.open(DIRECTORY_GROUP_RECORD, row.id, &row.record_sealed)?)?;
        Ok((DirectoryGroupId::from_uuid(row.id), record))
    };
    rows.into_iter().map(open).collect()
}

/// All memberships of the tenant's directory groups.
pub(crate) async fn all_members(tx: &TenantTx) -> Result<BTreeSet<Edge>, Fault> {
    Ok(tx.rows_as(member_row::Entity::find().into_model(), edge).await?.into_iter().collect())
}

fn edge(row: member_row::Model) -> Edge {
    let member = if row.member_kind == PERSON {
        Member::Person(PersonId::from_uuid(row.member_id))
    } else {
        Member::Group(DirectoryGroupId::from_uuid(row.member_id))
    };
    (DirectoryGroupId::from_uuid(row.directory_group_id), member)
}

/// Writes groups whole, new ones and known ones alike.
pub(crate) async fn write(
    tx: &TenantTx,
    directory: DirectoryId,
    groups: &[(DirectoryGroupId, &GroupRecord, Option<Key>)],
) -> Result<(), Fault> {
    let rows = groups.iter().map(|(id, record, dn)| {
        let bytes = record.encode_to_vec();
        row::ActiveModel {
            id: Set(id.uuid()),
            directory_id: Set(directory.uuid()),
            entry_index: Set(tx.index(DIRECTORY_GROUP_ENTRY, record.entry_id.as_bytes())),
            record_digest_index: Set(tx.index(DIRECTORY_GROUP_RECORD_DIGEST, &bytes)),
            record_sealed: Set(tx.seal(DIRECTORY_GROUP_RECORD, id.uuid(), &bytes)),
            dn_index: Set(dn.map(BlindIndex::from)),
            sid_index: Set(sid_index(tx, &record.sid)),
        }
    });
    let replace = OnConflict::column(row::Column::Id)
        .update_columns([
            row::Column::RecordDigestIndex,
            row::Column::RecordSealed,
            row::Column::DnIndex,
            row::Column::SidIndex,
        ])
        .to_owned();
    tx.insert_or(rows.collect(), replace).await.map(|_rows| ())
}

/// Blind index of a security identifier.
pub(super) fn sid_index(tx: &TenantTx, sid: &str) -> Option<BlindIndex> {
    (!sid.is_empty()).then(|| tx.index(DIRECTORY_GROUP_SID, sid.as_bytes()))
}

/// Removes groups; their memberships are removed as such.
pub(crate) async fn remove(tx: &TenantTx, groups: &[DirectoryGroupId]) -> Result<(), Fault> {
    for part in groups.chunks(REMOVE_MAX) {
        tx.delete(row::Entity::delete_many().filter(row::Column::Id.is_in(part.iter().map(|id| id.uuid())))).await?;
    }
    Ok(())
}

/// Adds memberships; one that is there already stays.
pub(crate) async fn add_members(tx: &TenantTx, edges: &[Edge]) -> Result<(), Fault> {
    let rows = edges.iter().map(|(group, member)| member_row::ActiveModel {
        directory_group_id: Set(group.uuid()),
        member_id: Set(member.uuid()),
        member_kind: Set(match member {
            Member::Person(_) => PERSON,
            Member::Group(_) => GROUP,
        }),
    });
    let keep = OnConflict::columns([member_row::Column::DirectoryGroupId, member_row::Column::MemberId])
        .do_nothing()
        .to_owned();
    tx.insert_or(rows.collect(), keep).await.map(|_rows| ())
}

/// Removes memberships.
pub(crate) async fn remove_members(tx: &TenantTx, edges: &[Edge]) -> Result<(), Fault> {
    for of_one_group in edges.chunk_by(|one, other| one.0 == other.0) {
        let Some((group, _)) = of_one_group.first() else { continue };
        for part in of_one_group.chunks(REMOVE_MAX) {
            let members = part.iter().map(|(_, member)| member.uuid());
            let query = member_row::Entity::delete_many()
                .filter(member_row::Column::DirectoryGroupId.eq(group.uuid()))
                .filter(member_row::Column::MemberId.is_in(members));
            tx.delete(query).await?;
        }
    }
    Ok(())
}
