//! Which request of a person made what.

use freehold_tenancy::BlindIndex;
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DateTimeUtc, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Uuid,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "create_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub made_id: Uuid,
    pub person_id: Uuid,
    pub request_index: BlindIndex,
    pub body_index: BlindIndex,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
