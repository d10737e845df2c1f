//! Table `post`.

use freehold_schema::field::content::POST_TEXT;
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, GroupId, PersonId, PostId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::group_head::Place;
use crate::entity::membership;
use crate::entity::post::{ActiveModel, Column, Entity, Model};
use crate::live::Publication;
use crate::position::{AfterPost, AfterSeq};
use crate::post::Post;
use crate::seat::{GroupSeat, OwnSeats};

/// The group a post is in: what has to be known to ask whether the caller may see it. Tells nothing else.
pub(crate) async fn group_of(tx: &TenantTx, id: PostId) -> Result<Option<GroupId>, Fault> {
    let query = Entity::find_by_id(id.uuid()).select_only().column(Column::GroupId);
    Ok(tx.rows(query.into_tuple::<Uuid>()).await?.into_iter().next().map(GroupId::from_uuid))
}

/// Posts of a group after a place in its sequence: that they are there, and nothing of what they say.
pub(crate) async fn published(tx: &TenantTx, group: GroupId, after: i64, rows: u64) -> Result<Vec<Publication>, Fault> {
    let query = Entity::find().select_only().columns([Column::Id, Column::Seq]);
    let query = query.filter(Column::GroupId.eq(group.uuid())).filter(Column::Seq.gt(after));
    let rows = tx.rows(query.order_by_asc(Column::Seq).limit(rows).into_tuple::<(Uuid, i64)>()).await?;
    let publication = |(id, seq)| Publication { group, seq, post: PostId::from_uuid(id), comment: None };
    Ok(rows.into_iter().map(publication).collect())
}

/// Writes a post at its place.
pub(crate) async fn insert(tx: &TenantTx, seat: &GroupSeat, place: Place, id: PostId, text: &str) -> Result<(), Fault> {
    let row = ActiveModel {
        id: Set(id.uuid()),
        group_id: Set(seat.group().uuid()),
        author_id: Set(seat.person().uuid()),
        seq: Set(place.seq),
        text_sealed: Set(tx.seal(POST_TEXT, id.uuid(), text.as_bytes())),
        created_at: Set(place.at),
    };
    tx.insert(row).await
}

/// A post of this group.
pub(crate) async fn find(tx: &TenantTx, seat: &GroupSeat, id: PostId) -> Result<Option<Post>, Fault> {
    let row = tx.one(Entity::find_by_id(id.uuid()).filter(in_group(seat))).await?;
    row.map(|row| open(tx, row)).transpose()
}

/// Posts of this group, newest first.
pub(crate) async fn page(
    tx: &TenantTx,
    seat: &GroupSeat,
    after: Option<AfterSeq>,
    rows: u64,
) -> Result<Vec<Post>, Fault> {
    let mut query = Entity::find().filter(in_group(seat));
    if let Some(AfterSeq(seq)) = after {
        query = query.filter(Column::Seq.lt(seq));
    }
    open_all(tx, query.order_by_desc(Column::Seq).limit(rows)).await
}

/// Posts of all groups the caller is in, newest first: first their keys, which one index answers for any number of
/// groups, then the rows of this page.
pub(crate) async fn feed(
    tx: &TenantTx,
    seats: &OwnSeats,
    after: Option<AfterPost>,
    rows: u64,
) -> Result<Vec<Post>, Fault> {
    let own = membership::Entity::find().select_only().column(membership::Column::GroupId);
    let own = own.filter(membership::Column::PersonId.eq(seats.person().uuid())).into_query();
    let mut query = Entity::find().select_only().column(Column::Id).filter(Column::GroupId.in_subquery(own));
    if let Some(after) = after {
        query = query.filter(before(after));
    }
    let newest = query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(rows);
    let keys = tx.rows(newest.into_tuple::<Uuid>()).await?;
    let page = Entity::find().filter(Column::Id.is_in(keys));
    open_all(tx, page.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)).await
}

fn in_group(seat: &GroupSeat) -> SimpleExpr {
    Column::GroupId.eq(seat.group().uuid())
}

fn before(after: AfterPost) -> SimpleExpr {
    let columns = [Column::CreatedAt, Column::Id].map(Expr::col);
    Expr::tuple(columns).lt(Expr::tuple([Expr::value(after.created_at), Expr::value(after.id.uuid())]))
}

async fn open_all(tx: &TenantTx, query: Select<Entity>) -> Result<Vec<Post>, Fault> {
    tx.all(query).await?.into_iter().map(|row| open(tx, row)).collect()
}

fn open(tx: &TenantTx, row: Model) -> Result<Post, Fault> {
    Ok(Post {
        id: PostId::from_uuid(row.id),
        group: GroupId::from_uuid(row.group_id),
        author: PersonId::from_uuid(row.author_id),
        text: tx.open_text(POST_TEXT, row.id, &row.text_sealed)?,
        seq: row.seq,
        created_at: row.created_at,
    })
}
