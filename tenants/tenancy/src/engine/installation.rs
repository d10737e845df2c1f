//! The proof that the master key is the one this storage was set up with.

use chrono::{DateTime, Utc};
use freehold_schema::field::platform::INSTALLATION_PROOF;
use freehold_types::Fault;
use freehold_vault::TenantKeys;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, Insert};

use crate::entity::installation::{ActiveModel, Column, Entity};
use crate::{Sealed, fault};

const ONLY_ROW: i16 = 1;
/// Bound to this place like any sealed value; what it says does not matter.
const PROOF: &[u8] = b"freehold";

/// Leaves a proof on a new storage, and checks it on one that has it.
pub(super) async fn prove(tx: &DatabaseTransaction, keys: &TenantKeys, now: DateTime<Utc>) -> Result<(), Fault> {
    let doing = |err: DbErr| fault::storage("checking the master key", err);
    let row = ONLY_ROW.to_be_bytes();
    let proof = ActiveModel {
        id: Set(ONLY_ROW),
        proof_sealed: Set(Sealed::new(keys.seal(INSTALLATION_PROOF, &row, PROOF))),
        created_at: Set(now),
    };
    let keep = OnConflict::column(Column::Id).do_nothing().to_owned();
    Insert::one(proof).on_conflict(keep).exec_without_returning(tx).await.map_err(doing)?;
    let stored = Entity::find_by_id(ONLY_ROW).one(tx).await.map_err(doing)?;
    let stored = stored.ok_or_else(|| Fault::internal("checking the master key", "the proof is gone"))?;
    keys.open(INSTALLATION_PROOF, &row, stored.proof_sealed.bytes()).map_err(fault::wrong_master_key)?;
    Ok(())
}
