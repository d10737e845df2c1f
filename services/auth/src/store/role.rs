//! Tables `role_grant` and `role_group`.

use freehold_schema::field::auth::{ROLE_GRANT_AREA, ROLE_GROUP_SETTINGS};
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PersonId, Role, RoleGrantId, RoleGroupId};
use prost::Message as _;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::{role_grant as row, role_group as group_row};
use crate::role::{Grant, Group};

/// A directory group's part as it is sealed. Numbers are never used twice.
#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(string, tag = "1")]
    directory_group: String,
    #[prost(string, tag = "2")]
    area: String,
}

/// What these people were given by hand, ended or not.
pub(crate) async fn of_people(tx: &TenantTx, people: &[PersonId]) -> Result<Vec<Grant>, Fault> {
    let people = people.iter().map(|person| person.uuid());
    let theirs = row::Entity::find().filter(row::Column::PersonId.is_in(people));
    tx.all(theirs).await?.iter().map(|row| open(tx, row)).collect()
}

/// Everything that was given by hand, ended or not.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<Grant>, Fault> {
    tx.all(row::Entity::find()).await?.iter().map(|row| open(tx, row)).collect()
}

/// The same of one role, kept for this transaction.
pub(crate) async fn lock_all_of(tx: &TenantTx, role: Role) -> Result<Vec<Grant>, Fault> {
    let these = tx.lock(row::Entity::find().filter(row::Column::Role.eq(role.number())));
    tx.all(these).await?.iter().map(|row| open(tx, row)).collect()
}

/// Gives a role, or puts this grant in the place of the one before.
pub(crate) async fn put(tx: &TenantTx, grant: &Grant) -> Result<(), Fault> {
    let id: RoleGrantId = tx.mint().id();
    let area = grant.area.as_ref().map(|area| tx.seal(ROLE_GRANT_AREA, id.uuid(), area.as_bytes()));
    let row = row::ActiveModel {
        id: Set(id.uuid()),
        person_id: Set(grant.person.uuid()),
        role: Set(grant.role.number()),
        area_sealed: Set(area),
        granted_by_id: Set(grant.granted_by.map(PersonId::uuid)),
        granted_at: Set(grant.granted_at),
        expires_at: Set(grant.expires_at),
    };
    let columns = [
        row::Column::Id,
        row::Column::AreaSealed,
        row::Column::GrantedById,
        row::Column::GrantedAt,
        row::Column::ExpiresAt,
    ];
    let same = OnConflict::columns([row::Column::PersonId, row::Column::Role]).update_columns(columns).to_owned();
    tx.insert_or(vec![row], same).await.map(|_written| ())
}

/// Takes a role away; says whether the person had it by hand.
pub(crate) async fn delete(tx: &TenantTx, person: PersonId, role: Role) -> Result<bool, Fault> {
    let this = row::Entity::delete_many().filter(row::Column::PersonId.eq(person.uuid()));
    Ok(tx.delete(this.filter(row::Column::Role.eq(role.number()))).await? > 0)
}

/// Directory groups whose members have a role, in the order of the manifest.
pub(crate) async fn groups(tx: &TenantTx) -> Result<Vec<Group>, Fault> {
    let mut rows = tx.all(group_row::Entity::find()).await?;
    // Ids are ordered by time.
    rows.sort_by_key(|row| row.id);
    let open = |row: &group_row::Model| {
        let plain = tx.open(ROLE_GROUP_SETTINGS, row.id, &row.settings_sealed)?;
        let record = Record::decode(plain.as_slice())
            .map_err(|error| Fault::internal("reading a directory group with a role", error))?;
        let area = Some(record.area).filter(|area| !area.is_empty());
        Ok(Group { role: role(row.role)?, directory_group: record.directory_group, area })
    };
    rows.iter().map(open).collect()
}

/// Replaces them all.
pub(crate) async fn put_groups(tx: &TenantTx, groups: &[Group]) -> Result<(), Fault> {
    tx.delete(group_row::Entity::delete_many()).await?;
    let rows = groups.iter().map(|group| {
        let id: RoleGroupId = tx.mint().id();
        let area = group.area.clone().unwrap_or_default();
        let record = Record { directory_group: group.directory_group.clone(), area };
        group_row::ActiveModel {
            id: Set(id.uuid()),
            role: Set(group.role.number()),
            settings_sealed: Set(tx.seal(ROLE_GROUP_SETTINGS, id.uuid(), &record.encode_to_vec())),
        }
    });
    tx.insert_all(rows.collect()).await
}

fn open(tx: &TenantTx, row: &row::Model) -> Result<Grant, Fault> {
    let area = row.area_sealed.as_ref().map(|area| tx.open_text(ROLE_GRANT_AREA, row.id, area)).transpose()?;
    Ok(Grant {
        person: PersonId::from_uuid(row.person_id),
        role: role(row.role)?,
        area,
        granted_by: row.granted_by_id.map(PersonId::from_uuid),
        granted_at: row.granted_at,
        expires_at: row.expires_at,
    })
}

fn role(number: i16) -> Result<Role, Fault> {
    Role::from_number(number).ok_or_else(|| Fault::internal("reading a role", format!("there is no role {number}")))
}
