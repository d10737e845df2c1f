//! Table `connector`.

use freehold_schema::field::directory::{CONNECTOR_KEY, CONNECTOR_RECORD};
use freehold_tenancy::TenantTx;
use freehold_types::{ConnectorId, DirectoryId, Fault};
use prost::Message as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};

use crate::connector::registry::{Connector, Record};
use crate::entity::connector as row;

/// Values of column `state`.
const PENDING: i16 = 1;
const APPROVED: i16 = 2;

/// The keys of a directory, oldest first.
pub(crate) async fn all(tx: &TenantTx, directory: DirectoryId) -> Result<Vec<Connector>, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .order_by_asc(row::Column::CreatedAt)
        .order_by_asc(row::Column::Id);
    tx.all(query).await?.into_iter().map(|row| open(tx, row)).collect()
}

/// The key with that id, if nobody removed it.
pub(crate) async fn get(tx: &TenantTx, id: ConnectorId) -> Result<Option<Connector>, Fault> {
    tx.one(row::Entity::find_by_id(id.uuid())).await?.map(|row| open(tx, row)).transpose()
}

fn open(tx: &TenantTx, row: row::Model) -> Result<Connector, Fault> {
    let record: Record = super::decode(&tx.open(CONNECTOR_RECORD, row.id, &row.record_sealed)?)?;
    Ok(Connector {
        id: ConnectorId::from_uuid(row.id),
        record,
        approved: row.state == APPROVED,
        created_at: row.created_at,
        approved_at: row.approved_at,
        last_seen_at: row.last_seen_at,
    })
}

/// Writes a key down that waits.
pub(crate) async fn insert(tx: &TenantTx, directory: DirectoryId, record: &Record) -> Result<(), Fault> {
    let id: ConnectorId = tx.mint().id();
    let id = id.uuid();
    tx.insert(row::ActiveModel {
        id: Set(id),
        directory_id: Set(directory.uuid()),
        key_index: Set(tx.index(CONNECTOR_KEY, &record.public_key)),
        record_sealed: Set(tx.seal(CONNECTOR_RECORD, id, &record.encode_to_vec())),
        state: Set(PENDING),
        created_at: Set(tx.mint().now()),
        approved_at: Set(None),
        last_seen_at: Set(None),
    })
    .await
}

/// Approves a key.
pub(crate) async fn approve(tx: &TenantTx, id: ConnectorId, record: &Record) -> Result<(), Fault> {
    tx.update_one(row::ActiveModel {
        id: Set(id.uuid()),
        record_sealed: Set(tx.seal(CONNECTOR_RECORD, id.uuid(), &record.encode_to_vec())),
        state: Set(APPROVED),
        approved_at: Set(Some(tx.mint().now())),
        ..Default::default()
    })
    .await
}

/// Notes that a key is attached now.
pub(crate) async fn see(tx: &TenantTx, id: ConnectorId) -> Result<(), Fault> {
    tx.update_one(row::ActiveModel {
        id: Set(id.uuid()),
        last_seen_at: Set(Some(tx.mint().now())),
        ..Default::default()
    })
    .await
}

/// Forgets a key.
pub(crate) async fn remove(tx: &TenantTx, id: ConnectorId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(id.uuid()))).await.map(|_rows| ())
}
