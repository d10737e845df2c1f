//! The hash of the operator's token. The token itself is never stored.

use freehold_types::Fault;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use crate::Tenancy;
use crate::entity::operator_token::{ActiveModel, Column, Entity};

const ONLY_ROW: i16 = 1;

impl Tenancy {
    /// The hash as [`Tenancy::replace_operator_token`] stored it, if an operator has a token yet.
    pub async fn operator_token(&self) -> Result<Option<Vec<u8>>, Fault> {
        let tx = self.read_platform().await?;
        let row = tx.one(Entity::find_by_id(ONLY_ROW)).await?;
        tx.commit().await?;
        Ok(row.map(|row| row.token_hash))
    }

    /// Makes this hash the only one that is accepted from now on.
    pub async fn replace_operator_token(&self, hash: &[u8]) -> Result<(), Fault> {
        let tx = self.platform().await?;
        let row = ActiveModel { id: Set(ONLY_ROW), token_hash: Set(hash.to_vec()), created_at: Set(tx.mint().now()) };
        let replace = OnConflict::column(Column::Id).update_columns([Column::TokenHash, Column::CreatedAt]).to_owned();
        tx.insert_or(vec![row], replace).await?;
        tx.commit().await
    }
}
