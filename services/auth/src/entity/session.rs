//! Table `session`.

use freehold_tenancy::{BlindIndex, Sealed};
use sea_orm::entity::prelude::{
    ActiveModelBehavior, DateTimeUtc, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Uuid,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub token_hash: Vec<u8>,
    pub person_id: Uuid,
    pub connection_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub last_used_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub sid_index: Option<BlindIndex>,
    pub id_token_sealed: Option<Sealed>,
    pub refresh_token_sealed: Option<Sealed>,
    pub subject_index: Option<BlindIndex>,
    pub probe_due_at: Option<DateTimeUtc>,
    pub probe_failed_at: Option<DateTimeUtc>,
    pub shared_device: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
