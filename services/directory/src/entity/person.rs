//! Table `person`.

use freehold_tenancy::{BlindIndex, Sealed};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub directory_id: Uuid,
    pub entry_index: BlindIndex,
    pub employee_number_index: Option<BlindIndex>,
    pub record_digest_index: BlindIndex,
    pub record_sealed: Sealed,
    pub state: i16,
    pub manager_id: Option<Uuid>,
    pub administrator: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deactivated_at: Option<DateTimeUtc>,
    pub dn_index: Option<BlindIndex>,
    pub missing_manager_index: Option<BlindIndex>,
    pub email_index: Option<BlindIndex>,
    pub restored_run_id: Option<Uuid>,
    pub primary_group_index: Option<BlindIndex>,
    pub photo_index: Option<BlindIndex>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
