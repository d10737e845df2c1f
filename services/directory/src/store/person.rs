//! Table `person`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::{
    PERSON_EMAIL, PERSON_EMPLOYEE_NUMBER, PERSON_ENTRY, PERSON_RECORD, PERSON_RECORD_DIGEST,
};
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{DirectoryId, Fault, PersonId, SyncRunId};
use prost::Message as _;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _, Select, Set,
};
use uuid::Uuid;

use crate::diff::Quiet;
use crate::entity::person as row;
use crate::identity::{Elsewhere, Link};
use crate::known::{KnownPerson, Totals};
use crate::person::Person;
use crate::reading::Key;
use crate::record::Record;
use crate::settings::SamePerson;

/// Value of column `state`.
pub(super) const ACTIVE: i16 = 1;
/// Value of column `state`.
const DEACTIVATED: i16 = 2;

/// A person to be written as a whole.
pub(crate) struct Write<'a> {
    pub id: PersonId,
    /// The directory that tells of the person.
    pub directory: DirectoryId,
    pub record: &'a Record,
    pub active: bool,
    pub manager: Option<PersonId>,
    pub administrator: bool,
    pub created_at: DateTime<Utc>,
    pub deactivated_at: Option<DateTime<Utc>>,
    pub dn: Option<Key>,
    pub missing_manager: Option<Key>,
    /// The undoing run that made the person so.
    pub restored: Option<SyncRunId>,
}

/// Everything but the record, for comparing.
#[derive(FromQueryResult)]
struct Known {
    id: Uuid,
    entry_index: BlindIndex,
    record_digest_index: BlindIndex,
    state: i16,
    manager_id: Option<Uuid>,
    missing_manager_index: Option<BlindIndex>,
    administrator: bool,
    dn_index: Option<BlindIndex>,
    restored_run_id: Option<Uuid>,
    primary_group_index: Option<BlindIndex>,
}

/// People of one directory, without their records.
pub(crate) async fn known(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<KnownPerson>, Fault> {
    select(tx, of(directory)).await
}

fn of(directory: DirectoryId) -> Select<row::Entity> {
    row::Entity::find().filter(row::Column::DirectoryId.eq(directory.uuid()))
}

/// Those people of one directory whose immutable ids these are.
pub(crate) async fn with_keys(tx: &TenantTx, directory: DirectoryId, keys: &[Key]) -> Result<Vec<KnownPerson>, Fault> {
    let wanted = keys.iter().map(|key| BlindIndex::from(*key));
    select(tx, of(directory).filter(row::Column::EntryIndex.is_in(wanted))).await
}

/// Those people of one directory whose ids these are, and those whose manager one of `managers` is.
pub(crate) async fn with_ids_or_managers(
    tx: &TenantTx,
    directory: DirectoryId,
    ids: &[PersonId],
    managers: &[PersonId],
) -> Result<Vec<KnownPerson>, Fault> {
    let uuids = |ids: &[PersonId]| ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    let mut found = Vec::new();
    if !ids.is_empty() {
        found.extend(select(tx, of(directory).filter(row::Column::Id.is_in(uuids(ids)))).await?);
    }
    if !managers.is_empty() {
        found.extend(select(tx, of(directory).filter(row::Column::ManagerId.is_in(uuids(managers)))).await?);
    }
    Ok(found)
}

/// People of the tenant's other directories.
pub(crate) async fn elsewhere(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<KnownPerson>, Fault> {
    select(tx, row::Entity::find().filter(row::Column::DirectoryId.ne(directory.uuid()))).await
}

/// These people, with the directories that tell of them.
pub(crate) async fn with_ids(tx: &TenantTx, ids: &[PersonId]) -> Result<Vec<Elsewhere>, Fault> {
    let wanted = || row::Entity::find().filter(row::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    let columns = [row::Column::Id, row::Column::DirectoryId];
    let directories = tx.rows(wanted().select_only().columns(columns).into_tuple::<(Uuid, Uuid)>()).await?;
    let directories: BTreeMap<Uuid, Uuid> = directories.into_iter().collect();
    let people = select(tx, wanted()).await?.into_iter();
    let elsewhere = |person: KnownPerson| {
        let directory = DirectoryId::from_uuid(*directories.get(&person.id.uuid())?);
        Some(Elsewhere { directory, person })
    };
    Ok(people.filter_map(elsewhere).collect())
}

/// People of the tenant's other directories with one of these values of what a rule compares.
pub(crate) async fn elsewhere_with(
    tx: &TenantTx,
    directory: DirectoryId,
    rule: SamePerson,
    values: &[Key],
) -> Result<Vec<(Key, Elsewhere)>, Fault> {
    let column = match rule {
        SamePerson::EmployeeNumber => row::Column::EmployeeNumberIndex,
        SamePerson::Email => row::Column::EmailIndex,
    };
    let wanted = row::Entity::find()
        .filter(row::Column::DirectoryId.ne(directory.uuid()))
        .filter(column.is_in(values.iter().map(|value| BlindIndex::from(*value))));
    let columns = [row::Column::Id, column];
    let found = tx.rows(wanted.select_only().columns(columns).into_tuple::<(Uuid, BlindIndex)>()).await?;
    let values: BTreeMap<Uuid, Key> = found.into_iter().map(|(id, value)| (id, key(&value))).collect();
    let ids: Vec<PersonId> = values.keys().copied().map(PersonId::from_uuid).collect();
    let people = with_ids(tx, &ids).await?.into_iter();
    Ok(people.filter_map(|found| Some((*values.get(&found.person.id.uuid())?, found))).collect())
}

/// Makes another directory tell of these people. Their records stay until it is read.
pub(crate) async fn hand_over(tx: &TenantTx, links: &[Link], now: DateTime<Utc>) -> Result<(), Fault> {
    for link in links {
        tx.update_one(row::ActiveModel {
            id: Set(link.person.uuid()),
            directory_id: Set(link.directory.uuid()),
            entry_index: Set(BlindIndex::from(link.key)),
            dn_index: Set(Some(BlindIndex::from(link.dn))),
            record_digest_index: Set(BlindIndex::from(Key::default())),
            updated_at: Set(now),
            ..Default::default()
        })
        .await?;
    }
    Ok(())
}

/// How many people of one directory are active, and how many of them administer the tenant.
pub(crate) async fn totals(tx: &TenantTx, directory: DirectoryId) -> Result<Totals, Fault> {
    let active = of(directory).filter(row::Column::State.eq(ACTIVE));
    let administrators = tx.count(active.clone().filter(row::Column::Administrator.eq(true))).await?;
    let administrators = usize::try_from(administrators).unwrap_or(usize::MAX);
    Ok(Totals { active: tx.count(active).await?, administrators })
}

async fn select(tx: &TenantTx, query: Select<row::Entity>) -> Result<Vec<KnownPerson>, Fault> {
    let columns = [
        row::Column::Id,
        row::Column::EntryIndex,
        row::Column::RecordDigestIndex,
        row::Column::State,
        row::Column::ManagerId,
        row::Column::MissingManagerIndex,
        row::Column::Administrator,
        row::Column::DnIndex,
        row::Column::RestoredRunId,
        row::Column::PrimaryGroupIndex,
    ];
    let known = |row: Known| KnownPerson {
        id: PersonId::from_uuid(row.id),
        key: key(&row.entry_index),
        digest: key(&row.record_digest_index),
        active: row.state == ACTIVE,
        manager: row.manager_id.map(PersonId::from_uuid),
        missing_manager: row.missing_manager_index.as_ref().map(key),
        administrator: row.administrator,
        dn: row.dn_index.as_ref().map(key),
        restored: row.restored_run_id.is_some(),
        primary_group: row.primary_group_index.as_ref().map(key),
    };
    tx.rows_as(query.select_only().columns(columns).into_model::<Known>(), known).await
}

fn key(index: &BlindIndex) -> Key {
    index.bytes().try_into().unwrap_or_default()
}

/// All people of the tenant.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<Person>, Fault> {
    tx.all(row::Entity::find()).await?.into_iter().map(|row| open(tx, row)).collect()
}

/// Those of the given people that exist.
pub(crate) async fn list(tx: &TenantTx, ids: &[PersonId]) -> Result<Vec<Person>, Fault> {
    let wanted = row::Entity::find().filter(row::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    tx.all(wanted).await?.into_iter().map(|row| open(tx, row)).collect()
}

/// The active people with this immutable id in any directory, whichever of them tells of the person.
pub(crate) async fn with_entry_id(tx: &TenantTx, entry_id: &str) -> Result<Vec<Person>, Fault> {
    let key = tx.keys().index(PERSON_ENTRY, entry_id.as_bytes());
    let links = super::directory_link::with_key(tx, key).await?;
    let linked = row::Column::Id.is_in(links.iter().map(|link| link.person.uuid()));
    active(tx, Condition::any().add(row::Column::EntryIndex.eq(BlindIndex::from(key))).add(linked)).await
}

/// The active people with this employee number.
pub(crate) async fn with_employee_number(tx: &TenantTx, number: &str) -> Result<Vec<Person>, Fault> {
    let index = tx.index(PERSON_EMPLOYEE_NUMBER, number.as_bytes());
    active(tx, row::Column::EmployeeNumberIndex.eq(index)).await
}

async fn active(tx: &TenantTx, condition: impl sea_orm::sea_query::IntoCondition) -> Result<Vec<Person>, Fault> {
    let query = row::Entity::find().filter(condition).filter(row::Column::State.eq(ACTIVE));
    tx.all(query).await?.into_iter().map(|row| open(tx, row)).collect()
}

fn open(tx: &TenantTx, row: row::Model) -> Result<Person, Fault> {
    let record: Record = super::decode(&tx.open(PERSON_RECORD, row.id, &row.record_sealed)?)?;
    Ok(Person {
        id: PersonId::from_uuid(row.id),
        directory: DirectoryId::from_uuid(row.directory_id),
        record,
        active: row.state == ACTIVE,
        manager: row.manager_id.map(PersonId::from_uuid),
        administrator: row.administrator,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deactivated_at: row.deactivated_at,
        dn: row.dn_index.as_ref().map(key),
        missing_manager: row.missing_manager_index.as_ref().map(key),
        photo: row.photo_index.as_ref().map(key),
    })
}

/// Writes people whole, new ones and known ones alike; `now` becomes the moment they changed.
pub(crate) async fn write(tx: &TenantTx, people: &[Write<'_>], now: DateTime<Utc>) -> Result<(), Fault> {
    let rows = people.iter().map(|person| {
        let id = person.id.uuid();
        let bytes = person.record.encode_to_vec();
        let number = &person.record.employee_number;
        row::ActiveModel {
            id: Set(id),
            directory_id: Set(person.directory.uuid()),
            entry_index: Set(tx.index(PERSON_ENTRY, person.record.entry_id.as_bytes())),
            employee_number_index: Set(
                (!number.is_empty()).then(|| tx.index(PERSON_EMPLOYEE_NUMBER, number.as_bytes()))
            ),
            record_digest_index: Set(tx.index(PERSON_RECORD_DIGEST, &bytes)),
            record_sealed: Set(tx.seal(PERSON_RECORD, id, &bytes)),
            state: Set(if person.active { ACTIVE } else { DEACTIVATED }),
            manager_id: Set(person.manager.map(PersonId::uuid)),
            administrator: Set(person.administrator),
            created_at: Set(person.created_at),
            updated_at: Set(now),
            deactivated_at: Set(person.deactivated_at),
            dn_index: Set(person.dn.map(BlindIndex::from)),
            missing_manager_index: Set(person.missing_manager.map(BlindIndex::from)),
            email_index: Set(email_index(tx, &person.record.email)),
            restored_run_id: Set(person.restored.map(SyncRunId::uuid)),
            primary_group_index: Set(super::directory_group::sid_index(tx, &person.record.primary_group)),
            // Photos come after the people.
            photo_index: Set(None),
        }
    });
    let replace = OnConflict::column(row::Column::Id)
        .update_columns([
            row::Column::DirectoryId,
            row::Column::EntryIndex,
            row::Column::EmployeeNumberIndex,
            row::Column::RecordDigestIndex,
            row::Column::RecordSealed,
            row::Column::State,
            row::Column::ManagerId,
            row::Column::Administrator,
            row::Column::UpdatedAt,
            row::Column::DeactivatedAt,
            row::Column::DnIndex,
            row::Column::MissingManagerIndex,
            row::Column::EmailIndex,
            row::Column::RestoredRunId,
            row::Column::PrimaryGroupIndex,
        ])
        .to_owned();
    tx.insert_or(rows.collect(), replace).await.map(|_rows| ())
}

fn email_index(tx: &TenantTx, email: &str) -> Option<BlindIndex> {
    (!email.is_empty()).then(|| tx.index(PERSON_EMAIL, email.to_lowercase().as_bytes()))
}

/// Writes the names of people to whom nothing happens; the directory agrees with what an undo made of them.
pub(crate) async fn write_names(tx: &TenantTx, people: &[Quiet]) -> Result<(), Fault> {
    for person in people {
        tx.update_one(row::ActiveModel {
            id: Set(person.id.uuid()),
            dn_index: Set(person.dn.map(BlindIndex::from)),
            restored_run_id: Set(None),
            ..Default::default()
        })
        .await?;
    }
    Ok(())
}
