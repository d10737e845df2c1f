//! Table `reaction`: at most one of a person to a post.

use std::collections::HashMap;

use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PersonId, PostId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::storable;
use crate::entity::reaction::{ActiveModel, Column, Entity};
use crate::fault;
use crate::post::Post;
use crate::reaction::Reaction;
use crate::seat::GroupSeat;

/// Sets the caller's reaction; an earlier one is replaced.
pub(crate) async fn put(tx: &TenantTx, seat: &GroupSeat, post: &Post, reaction: Reaction) -> Result<(), Fault> {
    let row = ActiveModel {
        post_id: Set(post.id.uuid()),
        person_id: Set(seat.person().uuid()),
        kind: Set(number(reaction)),
        created_at: Set(storable(tx.mint().now())),
    };
    let mut replace = OnConflict::columns([Column::PostId, Column::PersonId]);
    let replace = replace.update_columns([Column::Kind, Column::CreatedAt]).to_owned();
    tx.insert_or(vec![row], replace).await.map(|_rows| ())
}

/// Takes the caller's reaction back, if there is one.
pub(crate) async fn delete(tx: &TenantTx, seat: &GroupSeat, post: &Post) -> Result<(), Fault> {
    let mine = Entity::delete_many().filter(Column::PostId.eq(post.id.uuid()));
    tx.delete(mine.filter(Column::PersonId.eq(seat.person().uuid()))).await.map(|_rows| ())
}

/// How often each kind was given to each of these posts, in the order of the kinds.
pub(crate) async fn counts(tx: &TenantTx, posts: &[Post]) -> Result<HashMap<PostId, Vec<(Reaction, i64)>>, Fault> {
    let query = Entity::find().select_only().columns([Column::PostId, Column::Kind]);
    let query = query.column_as(Column::PersonId.count(), "reaction_count").filter(to(posts));
    let query = query.group_by(Column::PostId).group_by(Column::Kind).order_by_asc(Column::Kind);
    let mut counts: HashMap<PostId, Vec<(Reaction, i64)>> = HashMap::new();
    for (post, kind, count) in tx.rows(query.into_tuple::<(Uuid, i16, i64)>()).await? {
        counts.entry(PostId::from_uuid(post)).or_default().push((reaction(kind)?, count));
    }
    Ok(counts)
}

/// What this person gave to these posts.
pub(crate) async fn of_person(
    tx: &TenantTx,
    person: PersonId,
    posts: &[Post],
) -> Result<HashMap<PostId, Reaction>, Fault> {
    let query = Entity::find().select_only().columns([Column::PostId, Column::Kind]);
    let query = query.filter(to(posts)).filter(Column::PersonId.eq(person.uuid()));
    let rows = tx.rows(query.into_tuple::<(Uuid, i16)>()).await?;
    rows.into_iter().map(|(post, kind)| Ok((PostId::from_uuid(post), reaction(kind)?))).collect()
}

fn to(posts: &[Post]) -> sea_orm::sea_query::SimpleExpr {
    Column::PostId.is_in(posts.iter().map(|post| post.id.uuid()))
}

const fn number(reaction: Reaction) -> i16 {
    match reaction {
        Reaction::Like => 1,
        Reaction::Love => 2,
        Reaction::Celebrate => 3,
        Reaction::Laugh => 4,
        Reaction::Surprise => 5,
        Reaction::Support => 6,
    }
}

fn reaction(stored: i16) -> Result<Reaction, Fault> {
    Reaction::ALL
        .into_iter()
        .find(|reaction| number(*reaction) == stored)
        .ok_or_else(|| fault::row_broken("reaction", "an unknown kind"))
}
