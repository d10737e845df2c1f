//! Table `person`.

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::{PERSON_EMPLOYEE_NUMBER, PERSON_ENTRY, PERSON_RECORD, PERSON_RECORD_DIGEST};
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{DirectoryId, Fault, PersonId};
use prost::Message as _;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _, Set};
use uuid::Uuid;

use crate::entity::person as row;
use crate::known::KnownPerson;
use crate::person::Person;
use crate::reading::Key;
use crate::record::Record;

/// Value of column `state`.
const ACTIVE: i16 = 1;
/// Value of column `state`.
const DEACTIVATED: i16 = 2;

/// A person to be written as a whole.
pub(crate) struct Write<'a> {
    pub id: PersonId,
    pub record: &'a Record,
    pub active: bool,
    pub manager: Option<PersonId>,
    pub administrator: bool,
    pub created_at: DateTime<Utc>,
    pub deactivated_at: Option<DateTime<Utc>>,
}

/// Everything but the record, for comparing.
#[derive(FromQueryResult)]
struct Known {
    id: Uuid,
    entry_index: BlindIndex,
    record_digest_index: BlindIndex,
    state: i16,
    manager_id: Option<Uuid>,
    administrator: bool,
}

/// People of one directory, without their records.
pub(crate) async fn known(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<KnownPerson>, Fault> {
    let columns = [
        row::Column::Id,
        row::Column::EntryIndex,
        row::Column::RecordDigestIndex,
        row::Column::State,
        row::Column::ManagerId,
        row::Column::Administrator,
    ];
    let of_directory = row::Entity::find().filter(row::Column::DirectoryId.eq(directory.uuid()));
    let rows = tx.rows(of_directory.select_only().columns(columns).into_model::<Known>()).await?;
    Ok(rows
        .into_iter()
        .map(|row| KnownPerson {
            id: PersonId::from_uuid(row.id),
            key: key(&row.entry_index),
            digest: key(&row.record_digest_index),
            active: row.state == ACTIVE,
            manager: row.manager_id.map(PersonId::from_uuid),
            administrator: row.administrator,
        })
        .collect())
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

/// The active people with this immutable id in any directory.
pub(crate) async fn with_entry_id(tx: &TenantTx, entry_id: &str) -> Result<Vec<Person>, Fault> {
    let index = tx.index(PERSON_ENTRY, entry_id.as_bytes());
    active(tx, row::Column::EntryIndex.eq(index)).await
}

/// The active people with this employee number.
pub(crate) async fn with_employee_number(tx: &TenantTx, number: &str) -> Result<Vec<Person>, Fault> {
    let index = tx.index(PERSON_EMPLOYEE_NUMBER, number.as_bytes());
    active(tx, row::Column::EmployeeNumberIndex.eq(index)).await
}

async fn active(tx: &TenantTx, condition: sea_orm::sea_query::Expr) -> Result<Vec<Person>, Fault> {
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
    })
}

/// Writes people whole, new ones and known ones alike.
pub(crate) async fn write(tx: &TenantTx, directory: DirectoryId, people: &[Write<'_>]) -> Result<(), Fault> {
    let now = tx.mint().now();
    let rows = people.iter().map(|person| {
        let id = person.id.uuid();
        let bytes = person.record.encode_to_vec();
        let number = &person.record.employee_number;
        row::ActiveModel {
            id: Set(id),
            directory_id: Set(directory.uuid()),
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
        }
    });
    let replace = OnConflict::column(row::Column::Id)
        .update_columns([
            row::Column::EmployeeNumberIndex,
            row::Column::RecordDigestIndex,
            row::Column::RecordSealed,
            row::Column::State,
            row::Column::ManagerId,
            row::Column::Administrator,
            row::Column::UpdatedAt,
            row::Column::DeactivatedAt,
        ])
        .to_owned();
    tx.insert_or(rows.collect(), replace).await.map(|_rows| ())
}
