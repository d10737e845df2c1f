//! Table `scim_member`.

use freehold_tenancy::TenantTx;
use freehold_types::Fault;
use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};
use uuid::Uuid;

use crate::entity::scim_member as row;

/// How many ids one statement names.
const IDS_MAX: usize = 500;

/// A group and one of its members.
pub(crate) type Edge = (Uuid, Uuid);

/// Members of these groups.
pub(crate) async fn of_groups(tx: &TenantTx, groups: &[Uuid]) -> Result<Vec<Edge>, Fault> {
    let mut edges = Vec::new();
    for part in groups.chunks(IDS_MAX) {
        let query = row::Entity::find()
            .filter(row::Column::GroupId.is_in(part.iter().copied()))
            .order_by_asc(row::Column::GroupId)
            .order_by_asc(row::Column::MemberId);
        edges.extend(tx.all(query).await?.into_iter().map(|row| (row.group_id, row.member_id)));
    }
    Ok(edges)
}

/// Groups that list these members.
pub(crate) async fn of_members(tx: &TenantTx, members: &[Uuid]) -> Result<Vec<Edge>, Fault> {
    let mut edges = Vec::new();
    for part in members.chunks(IDS_MAX) {
        let query = row::Entity::find().filter(row::Column::MemberId.is_in(part.iter().copied()));
        edges.extend(tx.all(query).await?.into_iter().map(|row| (row.group_id, row.member_id)));
    }
    Ok(edges)
}

/// Lists members in a group.
pub(crate) async fn add(tx: &TenantTx, group: Uuid, members: &[Uuid]) -> Result<(), Fault> {
    let rows = members.iter().map(|member| row::ActiveModel { group_id: Set(group), member_id: Set(*member) });
    let keep = OnConflict::columns([row::Column::GroupId, row::Column::MemberId]).do_nothing().to_owned();
    tx.insert_or(rows.collect(), keep).await.map(|_rows| ())
}

/// Takes members out of a group.
pub(crate) async fn remove(tx: &TenantTx, group: Uuid, members: &[Uuid]) -> Result<(), Fault> {
    for part in members.chunks(IDS_MAX) {
        let query = row::Entity::delete_many()
            .filter(row::Column::GroupId.eq(group))
            .filter(row::Column::MemberId.is_in(part.iter().copied()));
        tx.delete(query).await?;
    }
    Ok(())
}

/// Takes a resource out of every group, and everybody out of it.
pub(crate) async fn forget(tx: &TenantTx, id: Uuid) -> Result<(), Fault> {
    let either = row::Column::GroupId.eq(id).or(row::Column::MemberId.eq(id));
    tx.delete(row::Entity::delete_many().filter(either)).await.map(|_rows| ())
}
