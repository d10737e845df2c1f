//! Table `directory_policy`: one row.

use freehold_schema::field::directory::DIRECTORY_POLICY;
use freehold_tenancy::TenantTx;
use freehold_types::Fault;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait as _, Set};
use uuid::Uuid;

use crate::entity::directory_policy as row;

/// The only row's id.
const ONLY: Uuid = Uuid::nil();

/// Distinguished name of the directory group that administers the tenant; empty when none does.
pub(crate) async fn administrators_group(tx: &TenantTx) -> Result<String, Fault> {
    match tx.one(row::Entity::find_by_id(ONLY)).await? {
        Some(row) => tx.open_text(DIRECTORY_POLICY, ONLY, &row.settings_sealed),
        None => Ok(String::new()),
    }
}

/// Sets it; says whether that changed anything.
pub(crate) async fn set_administrators_group(tx: &TenantTx, dn: &str) -> Result<bool, Fault> {
    if administrators_group(tx).await? == dn {
        return Ok(false);
    }
    let row = row::ActiveModel { id: Set(ONLY), settings_sealed: Set(tx.seal(DIRECTORY_POLICY, ONLY, dn.as_bytes())) };
    let replace = OnConflict::column(row::Column::Id).update_column(row::Column::SettingsSealed).to_owned();
    tx.insert_or(vec![row], replace).await.map(|_rows| true)
}
