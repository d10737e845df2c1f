//! Table `invoice`.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DateTimeUtc, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Uuid,
};

use freehold_tenancy::Sealed;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub series_year: i32,
    pub series_place: i32,
    pub tenant_id: Uuid,
    pub period: i32,
    pub company_sealed: Sealed,
    pub company_address_sealed: Sealed,
    pub plan: i16,
    pub currency: i16,
    pub definition: i16,
    pub active_people_count: i64,
    pub total_minor: i64,
    pub issued_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
