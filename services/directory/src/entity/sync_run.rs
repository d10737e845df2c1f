//! Table `sync_run`.

use freehold_tenancy::Sealed;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub directory_id: Uuid,
    pub state: i16,
    pub process_id: Uuid,
    pub heartbeat_at: DateTimeUtc,
    pub started_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub report_sealed: Sealed,
    pub people_read_count: i64,
    pub groups_read_count: i64,
    pub joined_count: i64,
    pub changed_count: i64,
    pub deactivated_count: i64,
    pub returned_count: i64,
    pub unchanged_count: i64,
    pub skipped_count: i64,
    pub memberships_added_count: i64,
    pub memberships_removed_count: i64,
    pub kind: i16,
    pub undone_by_run_id: Option<Uuid>,
    pub undoes_run_id: Option<Uuid>,
    pub approved: bool,
    pub whole: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
