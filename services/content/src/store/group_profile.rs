//! Table `group_profile`: what a group is.

use freehold_schema::field::content::{GROUP_DECLARED_NAME, GROUP_NAME, GROUP_PURPOSE, GROUP_RULE};
use freehold_tenancy::{Sealed, TenantTx};
use freehold_types::access::Privacy;
use freehold_types::{Fault, GroupId, PersonId};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::storable;
use crate::entity::group_profile::{ActiveModel, Column, Entity, Model};
use crate::entity::membership;
use crate::fault;
use crate::group::{Draft, Patch, Profile, Title};
use crate::rule::{Declared, Known, Rule, folded};

/// The group of that id.
pub(crate) async fn find(tx: &TenantTx, id: GroupId) -> Result<Option<Profile>, Fault> {
    let row = tx.one(Entity::find_by_id(id.uuid())).await?;
    row.map(|row| open(tx, &row)).transpose()
}

/// The groups of those ids, in no order.
pub(crate) async fn list(tx: &TenantTx, ids: &[GroupId]) -> Result<Vec<Profile>, Fault> {
    let rows = tx.all(Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))).await?;
    rows.iter().map(|row| open(tx, row)).collect()
}

/// The names of all groups that `keep` keeps; no other name is opened.
pub(crate) async fn titles(
    tx: &TenantTx,
    only_of: Option<PersonId>,
    keep: impl Fn(GroupId, Privacy) -> bool,
) -> Result<Vec<Title>, Fault> {
    let mut query = Entity::find();
    if let Some(person) = only_of {
        let mine = membership::Entity::find().select_only().column(membership::Column::GroupId);
        let mine = mine.filter(membership::Column::PersonId.eq(person.uuid())).into_query();
        query = query.filter(Column::Id.in_subquery(mine));
    }
    let columns = query.select_only().columns([Column::Id, Column::NameSealed, Column::Privacy]);
    let mut titles = Vec::new();
    for (row, name, number) in tx.rows(columns.into_tuple::<(Uuid, Sealed, i16)>()).await? {
        let id = GroupId::from_uuid(row);
        if keep(id, privacy(number)?) {
            titles.push(Title { id, name: tx.open_text(GROUP_NAME, row, &name)? });
        }
    }
    Ok(titles)
}

/// Writes a new group, filled by hand.
pub(crate) async fn insert(tx: &TenantTx, id: GroupId, draft: &Draft) -> Result<(), Fault> {
    let row = ActiveModel {
        id: Set(id.uuid()),
        name_sealed: Set(tx.seal(GROUP_NAME, id.uuid(), draft.name.as_bytes())),
        purpose_sealed: Set(tx.seal(GROUP_PURPOSE, id.uuid(), draft.purpose.as_bytes())),
        privacy: Set(number(draft.privacy)),
        declared_name_index: Set(None),
        rule_sealed: Set(None),
        created_at: Set(storable(tx.mint().now())),
    };
    tx.insert(row).await
}

/// Writes a new group, filled by rule. Already exists, when another one was declared under that name.
pub(crate) async fn insert_declared(tx: &TenantTx, id: GroupId, declared: &Declared) -> Result<(), Fault> {
    let row = ActiveModel {
        id: Set(id.uuid()),
        name_sealed: Set(tx.seal(GROUP_NAME, id.uuid(), declared.name.as_bytes())),
        purpose_sealed: Set(tx.seal(GROUP_PURPOSE, id.uuid(), b"")),
        privacy: Set(number(declared.privacy)),
        declared_name_index: Set(Some(tx.index(GROUP_DECLARED_NAME, folded(&declared.name).as_bytes()))),
        rule_sealed: Set(Some(seal_rule(tx, id, &declared.rule)?)),
        created_at: Set(storable(tx.mint().now())),
    };
    tx.insert(row).await
}

/// Changes what the patch names.
pub(crate) async fn update(tx: &TenantTx, id: GroupId, patch: &Patch) -> Result<(), Fault> {
    let mut row = ActiveModel { id: Unchanged(id.uuid()), ..Default::default() };
    if let Some(name) = &patch.name {
        row.name_sealed = Set(tx.seal(GROUP_NAME, id.uuid(), name.as_bytes()));
    }
    if let Some(purpose) = &patch.purpose {
        row.purpose_sealed = Set(tx.seal(GROUP_PURPOSE, id.uuid(), purpose.as_bytes()));
    }
    if let Some(privacy) = patch.privacy {
        row.privacy = Set(number(privacy));
    }
    tx.update_one(row).await
}

/// Makes a group by rule what the manifest says. The folded name stays the same, so its index does.
pub(crate) async fn update_declared(tx: &TenantTx, id: GroupId, declared: &Declared) -> Result<(), Fault> {
    let row = ActiveModel {
        id: Unchanged(id.uuid()),
        name_sealed: Set(tx.seal(GROUP_NAME, id.uuid(), declared.name.as_bytes())),
        privacy: Set(number(declared.privacy)),
        rule_sealed: Set(Some(seal_rule(tx, id, &declared.rule)?)),
        ..Default::default()
    };
    tx.update_one(row).await
}

/// Takes a group's rule away.
pub(crate) async fn clear_rule(tx: &TenantTx, id: GroupId) -> Result<(), Fault> {
    tx.update_one(ActiveModel { id: Unchanged(id.uuid()), rule_sealed: Set(None), ..Default::default() }).await
}

/// Every group that a manifest named once, with its rule if it has one now.
pub(crate) async fn declared(tx: &TenantTx) -> Result<Vec<Known>, Fault> {
    let rows = tx.all(Entity::find().filter(Column::DeclaredNameIndex.is_not_null())).await?;
    rows.iter().map(|row| known(tx, row)).collect()
}

/// The rule of a group, read again.
pub(crate) async fn rule(tx: &TenantTx, id: GroupId) -> Result<Option<Rule>, Fault> {
    let row = tx.one(Entity::find_by_id(id.uuid())).await?.ok_or_else(|| fault::group_not_found(id))?;
    open_rule(tx, &row)
}

fn known(tx: &TenantTx, row: &Model) -> Result<Known, Fault> {
    Ok(Known {
        id: GroupId::from_uuid(row.id),
        name: tx.open_text(GROUP_NAME, row.id, &row.name_sealed)?,
        privacy: privacy(row.privacy)?,
        rule: open_rule(tx, row)?,
    })
}

fn open(tx: &TenantTx, row: &Model) -> Result<Profile, Fault> {
    Ok(Profile {
        id: GroupId::from_uuid(row.id),
        name: tx.open_text(GROUP_NAME, row.id, &row.name_sealed)?,
        purpose: tx.open_text(GROUP_PURPOSE, row.id, &row.purpose_sealed)?,
        privacy: privacy(row.privacy)?,
        filled_by_rule: row.rule_sealed.is_some(),
        created_at: row.created_at,
    })
}

fn seal_rule(tx: &TenantTx, id: GroupId, rule: &Rule) -> Result<Sealed, Fault> {
    let plain = serde_json::to_vec(rule).map_err(|err| Fault::internal("sealing a rule", err))?;
    Ok(tx.seal(GROUP_RULE, id.uuid(), &plain))
}

fn open_rule(tx: &TenantTx, row: &Model) -> Result<Option<Rule>, Fault> {
    let Some(sealed) = &row.rule_sealed else { return Ok(None) };
    let plain = tx.open(GROUP_RULE, row.id, sealed)?;
    serde_json::from_slice(&plain).map(Some).map_err(|err| Fault::internal("opening a rule", err))
}

const fn number(privacy: Privacy) -> i16 {
    match privacy {
        Privacy::Open => 1,
        Privacy::Closed => 2,
        Privacy::Secret => 3,
    }
}

fn privacy(stored: i16) -> Result<Privacy, Fault> {
    [Privacy::Open, Privacy::Closed, Privacy::Secret]
        .into_iter()
        .find(|privacy| number(*privacy) == stored)
        .ok_or_else(|| fault::row_broken("group_profile", "an unknown privacy"))
}
