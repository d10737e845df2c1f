//! Table `directory_cursor`.

use freehold_schema::field::directory::DIRECTORY_CURSOR;
use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryId, Fault};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::directory_cursor as row;
use crate::origin::Cursor;

/// How far the directory was read; nothing when only a whole reading tells.
pub(crate) async fn get(tx: &TenantTx, directory: DirectoryId) -> Result<Option<Cursor>, Fault> {
    let id = directory.uuid();
    let Some(row) = tx.one(row::Entity::find_by_id(id)).await? else { return Ok(None) };
    tx.open(DIRECTORY_CURSOR, id, &row.cursor_sealed).map(|bytes| Some(Cursor(bytes)))
}

/// Sets it, whether there was one or not.
pub(crate) async fn put(tx: &TenantTx, directory: DirectoryId, cursor: &Cursor) -> Result<(), Fault> {
    let id = directory.uuid();
    let row = row::ActiveModel {
        directory_id: Set(id),
        cursor_sealed: Set(tx.seal(DIRECTORY_CURSOR, id, &cursor.0)),
        taken_at: Set(tx.mint().now()),
    };
    let replace = OnConflict::column(row::Column::DirectoryId)
        .update_columns([row::Column::CursorSealed, row::Column::TakenAt])
        .to_owned();
    tx.insert_or(vec![row], replace).await.map(|_rows| ())
}

/// Sets it when there is one. Without, something waits that only a whole reading shows.
pub(crate) async fn go_on(tx: &TenantTx, directory: DirectoryId, cursor: &Cursor) -> Result<(), Fault> {
    let id = directory.uuid();
    let update = row::Entity::update_many()
        .filter(row::Column::DirectoryId.eq(id))
        .col_expr(row::Column::CursorSealed, Expr::value(tx.seal(DIRECTORY_CURSOR, id, &cursor.0)))
        .col_expr(row::Column::TakenAt, Expr::value(tx.mint().now()));
    tx.update(update).await.map(|_rows| ())
}

/// Forgets it: the next reading is a whole one.
pub(crate) async fn remove(tx: &TenantTx, directory: DirectoryId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::DirectoryId.eq(directory.uuid()))).await.map(|_rows| ())
}

/// Forgets those of all directories but one.
pub(crate) async fn remove_others(tx: &TenantTx, directory: DirectoryId) -> Result<(), Fault> {
    tx.delete(row::Entity::delete_many().filter(row::Column::DirectoryId.ne(directory.uuid()))).await.map(|_rows| ())
}
