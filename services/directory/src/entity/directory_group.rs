//! Table `directory_group`.

use freehold_tenancy::{BlindIndex, Sealed};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_group")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub directory_id: Uuid,
    pub entry_index: BlindIndex,
    pub record_digest_index: BlindIndex,
    pub record_sealed: Sealed,
    pub dn_index: Option<BlindIndex>,
    pub sid_index: Option<BlindIndex>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
