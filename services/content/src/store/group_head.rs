//! Table `group_head`: the row whose lock orders everything in a group.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, GroupId};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{membership, storable};
use crate::entity::group_head::{ActiveModel, Column, Entity};
use crate::fault;

/// Where a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) last_seq: i64,
    pub(crate) member_count: i64,
}

/// A group whose head row this transaction holds: nobody else can post there or change its members until it ends.
#[derive(Debug)]
pub(crate) struct Locked {
    group: GroupId,
    last_seq: i64,
    last_activity_at: DateTime<Utc>,
}

/// A place in a group's sequence, taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) seq: i64,
    pub(crate) at: DateTime<Utc>,
}

impl Locked {
    pub(crate) const fn group(&self) -> GroupId {
        self.group
    }
}

/// Writes the head of a new group.
pub(crate) async fn insert(tx: &TenantTx, group: GroupId) -> Result<(), Fault> {
    let row = ActiveModel {
        group_id: Set(group.uuid()),
        last_seq: Set(0),
        last_activity_at: Set(storable(tx.mint().now())),
        member_count: Set(0),
    };
    tx.insert(row).await
}

/// Waits for whoever holds the group, and holds it until this transaction ends.
pub(crate) async fn lock(tx: &TenantTx, group: GroupId) -> Result<Locked, Fault> {
    let row = tx.one(tx.lock(Entity::find_by_id(group.uuid()))).await?;
    let row = row.ok_or_else(|| fault::row_broken("group_profile", "no head"))?;
    Ok(Locked { group, last_seq: row.last_seq, last_activity_at: row.last_activity_at })
}

/// Takes the next place. Numbers have no gaps, because a transaction that fails gives its number back with its lock;
/// times strictly rise within a group, because the feed sorts by time and the group by number.
pub(crate) async fn take_place(tx: &TenantTx, held: Locked) -> Result<Place, Fault> {
    let soonest = held.last_activity_at + TimeDelta::microseconds(1);
    let place = Place { seq: held.last_seq + 1, at: storable(tx.mint().now()).max(soonest) };
    let row = ActiveModel {
        group_id: Unchanged(held.group.uuid()),
        last_seq: Set(place.seq),
        last_activity_at: Set(place.at),
        ..Default::default()
    };
    tx.update_one(row).await?;
    Ok(place)
}

/// Counts the members again, once they changed. Counting costs more than adding up, and cannot drift.
pub(crate) async fn count_members(tx: &TenantTx, held: &Locked) -> Result<(), Fault> {
    let count = membership::count(tx, held).await?;
    let row = ActiveModel { group_id: Unchanged(held.group.uuid()), member_count: Set(count), ..Default::default() };
    tx.update_one(row).await
}

/// The last places of the groups in which something happened since then, or of all groups.
pub(crate) async fn since(tx: &TenantTx, moment: Option<DateTime<Utc>>) -> Result<HashMap<GroupId, i64>, Fault> {
    let mut query = Entity::find().select_only().columns([Column::GroupId, Column::LastSeq]);
    if let Some(moment) = moment {
        query = query.filter(Column::LastActivityAt.gte(moment));
    }
    let rows = tx.rows(query.into_tuple::<(Uuid, i64)>()).await?;
    Ok(rows.into_iter().map(|(group, last)| (GroupId::from_uuid(group), last)).collect())
}

/// Where these groups stand.
pub(crate) async fn list(tx: &TenantTx, groups: &[GroupId]) -> Result<HashMap<GroupId, Head>, Fault> {
    let rows = tx.all(Entity::find().filter(Column::GroupId.is_in(groups.iter().map(|id| id.uuid())))).await?;
    let head = |row: crate::entity::group_head::Model| {
        (GroupId::from_uuid(row.group_id), Head { last_seq: row.last_seq, member_count: row.member_count })
    };
    Ok(rows.into_iter().map(head).collect())
}
