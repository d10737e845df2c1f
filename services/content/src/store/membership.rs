//! Table `membership`: who is in which group, by hand, by rule or both.
//!
//! Changes take the held head of the group, so that two of them cannot pass each other.

use std::collections::{BTreeSet, HashMap};

use freehold_tenancy::TenantTx;
use freehold_types::{Fault, GroupId, PersonId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::group_head::Locked;
use super::{BATCH_IDS_MAX, storable};
use crate::entity::membership::{ActiveModel, Column, Entity, Model};
use crate::fault;
use crate::membership::{Member, Role};
use crate::position::AfterMember;
use crate::seat::GroupSeat;

/// A person's membership.
pub(crate) async fn find(tx: &TenantTx, group: GroupId, person: PersonId) -> Result<Option<Member>, Fault> {
    tx.one(Entity::find_by_id((group.uuid(), person.uuid()))).await?.map(|row| member(&row)).transpose()
}

/// Those of these people who are in a group.
pub(crate) async fn members_among(tx: &TenantTx, group: GroupId, people: &[PersonId]) -> Result<Vec<PersonId>, Fault> {
    let mut members = Vec::new();
    for some in people.chunks(BATCH_IDS_MAX) {
        let query = Entity::find().select_only().column(Column::PersonId);
        let query = query.filter(Column::GroupId.eq(group.uuid()));
        let these = query.filter(Column::PersonId.is_in(some.iter().map(|person| person.uuid())));
        members.extend(tx.rows(these.into_tuple::<Uuid>()).await?.into_iter().map(PersonId::from_uuid));
    }
    Ok(members)
}

/// All groups a person is in.
pub(crate) async fn roles(tx: &TenantTx, person: PersonId) -> Result<HashMap<GroupId, Role>, Fault> {
    let query = Entity::find().select_only().columns([Column::GroupId, Column::Role]);
    let query = query.filter(Column::PersonId.eq(person.uuid()));
    let rows = tx.rows(query.into_tuple::<(Uuid, i16)>()).await?;
    rows.into_iter().map(|(group, number)| Ok((GroupId::from_uuid(group), role(number)?))).collect()
}

/// Members, those who look after the group first, then by the moment they came in.
pub(crate) async fn page(
    tx: &TenantTx,
    seat: &GroupSeat,
    after: Option<AfterMember>,
    rows: u64,
) -> Result<Vec<Member>, Fault> {
    let mut query = Entity::find().filter(Column::GroupId.eq(seat.group().uuid()));
    if let Some(after) = after {
        query = query.filter(beyond(after));
    }
    let query = query.order_by_asc(Column::Role).order_by_asc(Column::JoinedAt).order_by_asc(Column::PersonId);
    tx.all(query.limit(rows)).await?.iter().map(member).collect()
}

/// Makes a person a member by hand, or changes the role of one.
pub(crate) async fn put_by_hand(tx: &TenantTx, held: &Locked, person: PersonId, role: Role) -> Result<(), Fault> {
    let row =
        ActiveModel { role: Set(number(role)), by_hand: Set(true), by_rule: Set(false), ..fresh(tx, held, person) };
    let change = key().update_columns([Column::Role, Column::ByHand]).to_owned();
    tx.insert_or(vec![row], change).await.map(|_rows| ())
}

/// Ends a person's membership.
pub(crate) async fn delete(tx: &TenantTx, held: &Locked, person: PersonId) -> Result<(), Fault> {
    tx.delete(Entity::delete_many().filter(of(held)).filter(Column::PersonId.eq(person.uuid()))).await.map(|_rows| ())
}

/// Those whom the rule put into the group.
pub(crate) async fn held_by_rule(tx: &TenantTx, group: GroupId) -> Result<BTreeSet<PersonId>, Fault> {
    let query = Entity::find().select_only().column(Column::PersonId);
    let query = query.filter(Column::GroupId.eq(group.uuid())).filter(Column::ByRule.eq(true));
    let rows = tx.rows(query.into_tuple::<Uuid>()).await?;
    Ok(rows.into_iter().map(PersonId::from_uuid).collect())
}

/// Those who look after the group because the manifest says so.
pub(crate) async fn look_after_by_rule(tx: &TenantTx, held: &Locked) -> Result<BTreeSet<PersonId>, Fault> {
    let query = Entity::find().select_only().column(Column::PersonId);
    let administrators = query.filter(of(held)).filter(Column::Role.eq(number(Role::Administrator)));
    let rows = tx.rows(administrators.filter(Column::ByHand.eq(false)).into_tuple::<Uuid>()).await?;
    Ok(rows.into_iter().map(PersonId::from_uuid).collect())
}

/// Gives people whom the manifest put into the group a role. A role that was given by hand stays.
pub(crate) async fn set_role_by_rule(
    tx: &TenantTx,
    held: &Locked,
    people: &[PersonId],
    role: Role,
) -> Result<(), Fault> {
    for some in people.chunks(BATCH_IDS_MAX) {
        let them = Condition::all().add(of(held)).add(Column::PersonId.is_in(some.iter().map(|id| id.uuid())));
        let change = Entity::update_many().col_expr(Column::Role, Expr::value(number(role)));
        tx.update(change.filter(them).filter(Column::ByHand.eq(false))).await?;
    }
    Ok(())
}

/// Lets the rule put people into the group. Who was in by hand stays in by hand too.
pub(crate) async fn gain_by_rule(tx: &TenantTx, held: &Locked, people: &[PersonId]) -> Result<(), Fault> {
    let row = |person: &PersonId| ActiveModel {
        role: Set(number(Role::Member)),
        by_hand: Set(false),
        by_rule: Set(true),
        ..fresh(tx, held, *person)
    };
    let change = key().update_column(Column::ByRule).to_owned();
    tx.insert_or(people.iter().map(row).collect(), change).await.map(|_rows| ())
}

/// Takes from people what the rule gave them. Who is in by hand too stays in.
pub(crate) async fn lose_by_rule(tx: &TenantTx, held: &Locked, people: &[PersonId]) -> Result<(), Fault> {
    for some in people.chunks(BATCH_IDS_MAX) {
        let them = || Condition::all().add(of(held)).add(Column::PersonId.is_in(some.iter().map(|id| id.uuid())));
        tx.delete(Entity::delete_many().filter(them()).filter(Column::ByHand.eq(false))).await?;
        tx.update(Entity::update_many().col_expr(Column::ByRule, Expr::value(false)).filter(them())).await?;
    }
    Ok(())
}

/// How many members the group has.
pub(crate) async fn count(tx: &TenantTx, held: &Locked) -> Result<i64, Fault> {
    let count = tx.count(Entity::find().filter(of(held))).await?;
    i64::try_from(count).map_err(|err| Fault::internal("counting members", err))
}

fn fresh(tx: &TenantTx, held: &Locked, person: PersonId) -> ActiveModel {
    ActiveModel {
        group_id: Set(held.group().uuid()),
        person_id: Set(person.uuid()),
        joined_at: Set(storable(tx.mint().now())),
        ..Default::default()
    }
}

fn of(held: &Locked) -> SimpleExpr {
    Column::GroupId.eq(held.group().uuid())
}

fn key() -> OnConflict {
    OnConflict::columns([Column::GroupId, Column::PersonId])
}

fn beyond(after: AfterMember) -> SimpleExpr {
    let columns = [Column::Role, Column::JoinedAt, Column::PersonId].map(Expr::col);
    let values = [Expr::value(after.role), Expr::value(after.joined_at), Expr::value(after.person.uuid())];
    Expr::tuple(columns).gt(Expr::tuple(values))
}

fn member(row: &Model) -> Result<Member, Fault> {
    Ok(Member {
        person: PersonId::from_uuid(row.person_id),
        role: role(row.role)?,
        by_rule: row.by_rule,
        joined_at: row.joined_at,
    })
}

/// The number of a role in the table: those who look after a group have the lower one, so that rising order lists
/// them first and one index serves the list.
pub(crate) const fn number(role: Role) -> i16 {
    match role {
        Role::Administrator => 1,
        Role::Member => 2,
    }
}

fn role(stored: i16) -> Result<Role, Fault> {
    [Role::Administrator, Role::Member]
        .into_iter()
        .find(|role| number(*role) == stored)
        .ok_or_else(|| fault::row_broken("membership", "an unknown role"))
}
