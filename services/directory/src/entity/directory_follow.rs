//! Table `directory_follow`.

use freehold_tenancy::Sealed;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_follow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub directory_id: Uuid,
    pub process_id: Option<Uuid>,
    pub beat_count: i64,
    pub in_step_at: Option<DateTimeUtc>,
    pub read_whole_at: Option<DateTimeUtc>,
    pub failing_since: Option<DateTimeUtc>,
    pub retry_at: Option<DateTimeUtc>,
    pub held_run_id: Option<Uuid>,
    pub trouble_sealed: Option<Sealed>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
