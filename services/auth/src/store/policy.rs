//! Table `sign_in_policy`: one row.

use freehold_tenancy::TenantTx;
use freehold_types::Fault;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait as _, Set};
use uuid::Uuid;

use crate::connection::Policy;
use crate::entity::sign_in_policy as row;

/// The only row's id.
const ONLY: Uuid = Uuid::nil();

/// How people may sign in; with nothing but their IdP before anything was declared.
pub(crate) async fn get(tx: &TenantTx) -> Result<Policy, Fault> {
    let found = tx.one(row::Entity::find_by_id(ONLY)).await?;
    Ok(found.map_or_else(Policy::default, |row| Policy { access_codes: row.access_codes, sso_only: row.sso_only }))
}

/// Replaces it.
pub(crate) async fn put(tx: &TenantTx, policy: Policy) -> Result<(), Fault> {
    let only =
        row::ActiveModel { id: Set(ONLY), access_codes: Set(policy.access_codes), sso_only: Set(policy.sso_only) };
    let replace =
        OnConflict::column(row::Column::Id).update_columns([row::Column::AccessCodes, row::Column::SsoOnly]).to_owned();
    tx.insert_or(vec![only], replace).await.map(|_written| ())
}
