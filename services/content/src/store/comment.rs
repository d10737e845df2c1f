//! Table `comment`.

use std::collections::HashMap;

use freehold_schema::field::content::COMMENT_TEXT;
use freehold_tenancy::TenantTx;
use freehold_types::{CommentId, Fault, GroupId, PersonId, PostId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::group_head::Place;
use crate::comment::{Comment, Draft};
use crate::entity::comment::{ActiveModel, Column, Entity, Model};
use crate::live::Publication;
use crate::position::AfterSeq;
use crate::post::Post;
use crate::seat::GroupSeat;

/// Comments of a group after a place in its sequence: that they are there, and nothing of what they say.
pub(crate) async fn published(tx: &TenantTx, group: GroupId, after: i64, rows: u64) -> Result<Vec<Publication>, Fault> {
    let query = Entity::find().select_only().columns([Column::Id, Column::PostId, Column::Seq]);
    let query = query.filter(Column::GroupId.eq(group.uuid())).filter(Column::Seq.gt(after));
    let rows = tx.rows(query.order_by_asc(Column::Seq).limit(rows).into_tuple::<(Uuid, Uuid, i64)>()).await?;
    let publication = |(id, post, seq)| Publication {
        group,
        seq,
        post: PostId::from_uuid(post),
        comment: Some(CommentId::from_uuid(id)),
    };
    Ok(rows.into_iter().map(publication).collect())
}

/// Writes a comment at its place.
pub(crate) async fn insert(
    tx: &TenantTx,
    seat: &GroupSeat,
    place: Place,
    id: CommentId,
    draft: &Draft,
) -> Result<(), Fault> {
    let row = ActiveModel {
        id: Set(id.uuid()),
        post_id: Set(draft.post.uuid()),
        group_id: Set(seat.group().uuid()),
        parent_id: Set(draft.parent.map(CommentId::uuid)),
        author_id: Set(seat.person().uuid()),
        seq: Set(place.seq),
        text_sealed: Set(tx.seal(COMMENT_TEXT, id.uuid(), draft.text.as_bytes())),
        created_at: Set(place.at),
    };
    tx.insert(row).await
}

/// A comment of this group, under this post.
pub(crate) async fn find(
    tx: &TenantTx,
    seat: &GroupSeat,
    post: PostId,
    id: CommentId,
) -> Result<Option<Comment>, Fault> {
    let here = Entity::find_by_id(id.uuid()).filter(Column::GroupId.eq(seat.group().uuid()));
    let row = tx.one(here.filter(Column::PostId.eq(post.uuid()))).await?;
    row.map(|row| open(tx, row)).transpose()
}

/// Comments under a post of this group, oldest first.
pub(crate) async fn page(
    tx: &TenantTx,
    seat: &GroupSeat,
    post: PostId,
    after: Option<AfterSeq>,
    rows: u64,
) -> Result<Vec<Comment>, Fault> {
    let here = Entity::find().filter(Column::GroupId.eq(seat.group().uuid())).filter(Column::PostId.eq(post.uuid()));
    let here = match after {
        Some(AfterSeq(seq)) => here.filter(Column::Seq.gt(seq)),
        None => here,
    };
    let rows = tx.all(here.order_by_asc(Column::Seq).limit(rows)).await?;
    rows.into_iter().map(|row| open(tx, row)).collect()
}

/// How many comments each of these posts has; posts without any are left out.
pub(crate) async fn counts(tx: &TenantTx, posts: &[Post]) -> Result<HashMap<PostId, i64>, Fault> {
    let query = Entity::find().select_only().column(Column::PostId).column_as(Column::Id.count(), "comment_count");
    let query = query.filter(Column::PostId.is_in(posts.iter().map(|post| post.id.uuid()))).group_by(Column::PostId);
    let rows = tx.rows(query.into_tuple::<(Uuid, i64)>()).await?;
    Ok(rows.into_iter().map(|(post, count)| (PostId::from_uuid(post), count)).collect())
}

fn open(tx: &TenantTx, row: Model) -> Result<Comment, Fault> {
    Ok(Comment {
        id: CommentId::from_uuid(row.id),
        post: PostId::from_uuid(row.post_id),
        parent: row.parent_id.map(CommentId::from_uuid),
        author: PersonId::from_uuid(row.author_id),
        text: tx.open_text(COMMENT_TEXT, row.id, &row.text_sealed)?,
        seq: row.seq,
        created_at: row.created_at,
    })
}
