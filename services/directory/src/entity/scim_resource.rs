//! Table `scim_resource`.

use freehold_tenancy::{BlindIndex, Sealed};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "scim_resource")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub directory_id: Uuid,
    pub kind: i16,
    pub version: i64,
    pub settled: bool,
    pub gone: bool,
    pub name_index: Option<BlindIndex>,
    pub external_id_index: Option<BlindIndex>,
    pub document_sealed: Sealed,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
