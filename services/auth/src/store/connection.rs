//! Table `connection`.

use freehold_schema::field::auth::{CONNECTION_NAME, CONNECTION_SETTINGS};
use freehold_tenancy::TenantTx;
use freehold_types::{ConnectionId, Fault, Secret};
use prost::Message as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::connection::{Connection, Demands, LinkBy, Pin, Settings};
use crate::entity::connection as row;

/// A connection's settings as they are sealed. Numbers are never used twice.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Record {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    issuer: String,
    #[prost(string, tag = "3")]
    client_id: String,
    #[prost(string, tag = "4")]
    client_secret: String,
    #[prost(string, repeated, tag = "5")]
    domains: Vec<String>,
    #[prost(string, tag = "6")]
    link_claim: String,
    #[prost(uint32, tag = "7")]
    link_by: u32,
    #[prost(string, tag = "8")]
    ca_pem: String,
    #[prost(string, repeated, tag = "9")]
    scopes: Vec<String>,
    #[prost(string, tag = "10")]
    pin_claim: String,
    #[prost(string, tag = "11")]
    pin_value: String,
    #[prost(string, repeated, tag = "12")]
    acr: Vec<String>,
    #[prost(string, repeated, tag = "13")]
    amr: Vec<String>,
    #[prost(int32, optional, tag = "14")]
    max_age_minutes: Option<i32>,
}

const fn link_number(link_by: LinkBy) -> u32 {
    match link_by {
        LinkBy::DirectoryId => 1,
        LinkBy::EmployeeNumber => 2,
    }
}

/// All connections of the tenant, by name, kept for this transaction.
pub(crate) async fn lock_all(tx: &TenantTx) -> Result<Vec<Connection>, Fault> {
    sorted(tx, tx.all(tx.lock(row::Entity::find())).await?)
}

/// All connections of the tenant, by name.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<Connection>, Fault> {
    sorted(tx, tx.all(row::Entity::find()).await?)
}

/// The connection of that name.
pub(crate) async fn find_by_name(tx: &TenantTx, name: &str) -> Result<Option<Connection>, Fault> {
    let named = row::Column::NameIndex.eq(tx.index(CONNECTION_NAME, name.as_bytes()));
    tx.one(row::Entity::find().filter(named)).await?.map(|row| open(tx, &row)).transpose()
}

/// The connection as it is now, if it is still there.
pub(crate) async fn find(tx: &TenantTx, id: ConnectionId) -> Result<Option<Connection>, Fault> {
    tx.one(row::Entity::find_by_id(id.uuid())).await?.map(|row| open(tx, &row)).transpose()
}

/// Writes a new one.
pub(crate) async fn insert(tx: &TenantTx, settings: &Settings) -> Result<(), Fault> {
    let id: ConnectionId = tx.mint().id();
    tx.insert(row::ActiveModel {
        id: Set(id.uuid()),
        name_index: Set(tx.index(CONNECTION_NAME, settings.name.as_bytes())),
        settings_sealed: Set(tx.seal(CONNECTION_SETTINGS, id.uuid(), &record(settings).encode_to_vec())),
        created_at: Set(tx.mint().now()),
        tried_at: Set(None),
    })
    .await
}

/// Replaces the settings of one; its name stays, and it must be tried again.
pub(crate) async fn update(tx: &TenantTx, id: ConnectionId, settings: &Settings) -> Result<(), Fault> {
    tx.update_one(row::ActiveModel {
        id: Set(id.uuid()),
        settings_sealed: Set(tx.seal(CONNECTION_SETTINGS, id.uuid(), &record(settings).encode_to_vec())),
        tried_at: Set(None),
        ..Default::default()
    })
    .await
}

/// Notes that an administrator came in through one as it is.
pub(crate) async fn note_tried(tx: &TenantTx, id: ConnectionId) -> Result<(), Fault> {
    let tried_at = Set(Some(tx.mint().now()));
    tx.update_one(row::ActiveModel { id: Set(id.uuid()), tried_at, ..Default::default() }).await
}

/// Removes one.
pub(crate) async fn delete(tx: &TenantTx, id: ConnectionId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::Id.eq(id.uuid()))).await.map(|_count| ())
}

fn sorted(tx: &TenantTx, rows: Vec<row::Model>) -> Result<Vec<Connection>, Fault> {
    let mut connections = rows.iter().map(|row| open(tx, row)).collect::<Result<Vec<_>, _>>()?;
    connections.sort_by(|one, other| one.settings.name.cmp(&other.settings.name));
    Ok(connections)
}

fn open(tx: &TenantTx, row: &row::Model) -> Result<Connection, Fault> {
    let plain = Secret::new(tx.open(CONNECTION_SETTINGS, row.id, &row.settings_sealed)?);
    let record = Record::decode(plain.expose().as_slice())
        .map_err(|error| Fault::internal("reading a connection's settings", error))?;
    let link_by = [LinkBy::DirectoryId, LinkBy::EmployeeNumber]
        .into_iter()
        .find(|link_by| link_number(*link_by) == record.link_by)
        .ok_or_else(|| Fault::internal("reading a connection's settings", "an unknown link attribute"))?;
    let pinned = !record.pin_claim.is_empty();
    Ok(Connection {
        id: ConnectionId::from_uuid(row.id),
        tried: row.tried_at.is_some(),
        settings: Settings {
            name: record.name,
            issuer: record.issuer,
            client_id: record.client_id,
            client_secret: Secret::new(record.client_secret),
            domains: record.domains,
            link_claim: record.link_claim,
            link_by,
            ca_pem: record.ca_pem,
            scopes: record.scopes,
            pin: pinned.then_some(Pin { claim: record.pin_claim, value: record.pin_value }),
            demands: Demands { acr: record.acr, amr: record.amr, max_age_minutes: record.max_age_minutes },
        },
    })
}

fn record(settings: &Settings) -> Record {
    Record {
        name: settings.name.clone(),
        issuer: settings.issuer.clone(),
        client_id: settings.client_id.clone(),
        client_secret: settings.client_secret.expose().clone(),
        domains: settings.domains.clone(),
        link_claim: settings.link_claim.clone(),
        link_by: link_number(settings.link_by),
        ca_pem: settings.ca_pem.clone(),
        scopes: settings.scopes.clone(),
        pin_claim: settings.pin.as_ref().map(|pin| pin.claim.clone()).unwrap_or_default(),
        pin_value: settings.pin.as_ref().map(|pin| pin.value.clone()).unwrap_or_default(),
        acr: settings.demands.acr.clone(),
        amr: settings.demands.amr.clone(),
        max_age_minutes: settings.demands.max_age_minutes,
    }
}
