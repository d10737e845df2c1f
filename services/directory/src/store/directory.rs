//! Table `directory`.

use freehold_schema::field::directory::{DIRECTORY_NAME, DIRECTORY_SETTINGS};
use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryId, Fault};
use prost::Message as _;
use sea_orm::{EntityTrait as _, Set};

use crate::directory::Directory;
use crate::entity::directory as row;
use crate::settings::Settings;

/// All directories of the tenant, retired ones too, by name.
pub(crate) async fn all(tx: &TenantTx) -> Result<Vec<Directory>, Fault> {
    let rows = tx.all(row::Entity::find()).await?;
    let mut directories = rows.into_iter().map(|row| open(tx, &row)).collect::<Result<Vec<_>, _>>()?;
    directories.sort_by(|one, other| one.settings.name.cmp(&other.settings.name));
    Ok(directories)
}

fn open(tx: &TenantTx, row: &row::Model) -> Result<Directory, Fault> {
    let settings: Settings = super::decode(&tx.open(DIRECTORY_SETTINGS, row.id, &row.settings_sealed)?)?;
    Ok(Directory { id: DirectoryId::from_uuid(row.id), settings, retired: row.retired })
}

pub(crate) async fn insert(tx: &TenantTx, settings: &Settings) -> Result<(), Fault> {
    let id: DirectoryId = tx.mint().id();
    let id = id.uuid();
    tx.insert(row::ActiveModel {
        id: Set(id),
        name_index: Set(tx.index(DIRECTORY_NAME, settings.name.as_bytes())),
        settings_sealed: Set(tx.seal(DIRECTORY_SETTINGS, id, &settings.encode_to_vec())),
        retired: Set(false),
        created_at: Set(tx.mint().now()),
    })
    .await
}

pub(crate) async fn update(tx: &TenantTx, id: DirectoryId, settings: &Settings, retired: bool) -> Result<(), Fault> {
    tx.update_one(row::ActiveModel {
        id: Set(id.uuid()),
        settings_sealed: Set(tx.seal(DIRECTORY_SETTINGS, id.uuid(), &settings.encode_to_vec())),
        retired: Set(retired),
        ..Default::default()
    })
    .await
}
