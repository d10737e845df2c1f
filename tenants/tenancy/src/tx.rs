//! What both transactions can do: queries of the entity layer, sealing and opening. Nothing that takes SQL text.

mod bulk;

use freehold_types::{Fault, Mint};
use freehold_vault::{Field, TenantKeys};
use futures::TryStreamExt as _;
use sea_orm::sea_query::{LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, DeleteMany, EntityTrait, FromQueryResult,
    Insert, Iterable, PaginatorTrait, QuerySelect, Select, Selector, SelectorTrait, Update, UpdateMany,
};
use uuid::Uuid;

use crate::fault;
use crate::{BlindIndex, Sealed};

/// Bind parameters of one statement: measured, larger ones are slower, and more are allowed.
const BATCH_BINDS_MAX: usize = 2_000;
/// Rows of one statement, for narrow tables.
const BATCH_ROWS_MAX: usize = 500;
/// Rows of one statement with an array per column: measured, fewer and more are slower.
const ARRAY_ROWS_MAX: usize = 1_000;

/// An open transaction. Dropped without a commit, it is rolled back.
///
/// It is deliberately no connection of the entity layer, so a statement of one's own does not compile:
///
/// ```compile_fail
/// use sea_orm::ConnectionTrait;
/// async fn reach_over(tx: &freehold_tenancy::TenantTx) {
///     let _rows = tx.execute_unprepared("SELECT 1").await;
/// }
/// ```
///
/// while the same function with a query of the entity layer does:
///
/// ```
/// use sea_orm::{EntityTrait, Select};
/// async fn read<E: EntityTrait>(tx: &freehold_tenancy::TenantTx, query: Select<E>) {
///     let _rows = tx.all(query).await;
/// }
/// ```
///
/// On PostgreSQL a statement that failed ends the transaction: after a fault, only drop it.
pub struct Tx {
    inner: DatabaseTransaction,
    keys: TenantKeys,
    mint: Mint,
}

impl Tx {
    pub(crate) const fn new(inner: DatabaseTransaction, keys: TenantKeys, mint: Mint) -> Self {
        Self { inner, keys, mint }
    }

    /// All rows of a query.
    pub async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>, Fault> {
        query.all(&self.inner).await.map_err(|err| fault::storage("reading rows", err))
    }

    /// The first row of a query, if there is one.
    pub async fn one<E: EntityTrait>(&self, query: Select<E>) -> Result<Option<E::Model>, Fault> {
        query.one(&self.inner).await.map_err(|err| fault::storage("reading a row", err))
    }

    /// How many rows a query has.
    pub async fn count<E>(&self, query: Select<E>) -> Result<u64, Fault>
    where
        E: EntityTrait,
        E::Model: FromQueryResult + Send + Sync,
    {
        query.count(&self.inner).await.map_err(|err| fault::storage("counting rows", err))
    }

    /// All rows of a query with columns of its own: `into_model`, `into_tuple`.
    pub async fn rows<S: SelectorTrait>(&self, query: Selector<S>) -> Result<Vec<S::Item>, Fault> {
        query.all(&self.inner).await.map_err(|err| fault::storage("reading rows", err))
    }

    /// All rows of a query, each made into something smaller as it comes, so that whole rows are never there all at once.
    pub async fn rows_as<S, T>(&self, query: Selector<S>, to: impl Fn(S::Item) -> T) -> Result<Vec<T>, Fault>
    where
        S: SelectorTrait<Item: Send>,
    {
        let failed = |err| fault::storage("reading rows", err);
        let mut rows = query.stream(&self.inner).await.map_err(failed)?;
        let mut made = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            made.push(to(row));
        }
        Ok(made)
    }

    /// Writes one row. Already exists, when a unique column says so.
    pub async fn insert<A: ActiveModelTrait>(&self, row: A) -> Result<(), Fault> {
        let insert = Insert::one(row).exec_without_returning(&self.inner);
        insert.await.map(|_rows| ()).map_err(|err| fault::storage("writing a row", err))
    }

    /// Writes many rows, in batches.
    pub async fn insert_all<A: ActiveModelTrait>(&self, rows: Vec<A>) -> Result<(), Fault> {
        self.insert_batches(rows, None).await.map(|_rows| ())
    }

    /// Writes many rows, in batches, with an answer to those that are there already; gives the number written.
    pub async fn insert_or<A: ActiveModelTrait>(&self, rows: Vec<A>, on: OnConflict) -> Result<u64, Fault> {
        self.insert_batches(rows, Some(on)).await
    }

    async fn insert_batches<A: ActiveModelTrait>(&self, rows: Vec<A>, on: Option<OnConflict>) -> Result<u64, Fault> {
        let arrays = self.inner.get_database_backend() == DbBackend::Postgres;
        let columns = <A::Entity as EntityTrait>::Column::iter().count().max(1);
        let batch = if arrays { ARRAY_ROWS_MAX } else { (BATCH_BINDS_MAX / columns).clamp(1, BATCH_ROWS_MAX) };
        let mut rows = rows.into_iter();
        let mut written = 0;
        loop {
            let some: Vec<A> = rows.by_ref().take(batch).collect();
            if some.is_empty() {
                return Ok(written);
            }
            let done = if arrays && some.len() > 1 {
                self.insert_arrays(some, on.as_ref()).await
            } else {
                let mut insert = Insert::many(some);
                if let Some(on) = &on {
                    insert = insert.on_conflict(on.clone());
                }
                insert.exec_without_returning(&self.inner).await
            };
            written += done.map_err(|err| fault::storage("writing rows", err))?;
        }
    }

    async fn insert_arrays<A: ActiveModelTrait>(&self, rows: Vec<A>, on: Option<&OnConflict>) -> Result<u64, DbErr> {
        let mut insert = bulk::insert(rows)?;
        if let Some(on) = on {
            insert.on_conflict(on.clone());
        }
        self.inner.execute(&insert).await.map(|done| done.rows_affected())
    }

    /// Changes the rows of a query; gives their number.
    pub async fn update<E: EntityTrait>(&self, query: UpdateMany<E>) -> Result<u64, Fault> {
        let done = query.exec(&self.inner).await.map_err(|err| fault::storage("changing rows", err))?;
        Ok(done.rows_affected)
    }

    /// Changes the row with this primary key. The row must be there.
    pub async fn update_one<A: ActiveModelTrait>(&self, row: A) -> Result<(), Fault> {
        let update = Update::one(row).exec_without_returning(&self.inner);
        update.await.map(|_done| ()).map_err(|err| fault::storage("changing a row", err))
    }

    /// Removes the rows of a query; gives their number.
    pub async fn delete<E: EntityTrait>(&self, query: DeleteMany<E>) -> Result<u64, Fault> {
        let done = query.exec(&self.inner).await.map_err(|err| fault::storage("removing rows", err))?;
        Ok(done.rows_affected)
    }

    /// Removes the rows of a query; gives them as they were.
    pub async fn take<E: EntityTrait>(&self, query: DeleteMany<E>) -> Result<Vec<E::Model>, Fault> {
        query.exec_with_returning(&self.inner).await.map_err(|err| fault::storage("removing rows", err))
    }

    /// Keeps the rows of a query for this transaction. Nothing to do on SQLite, where a transaction is alone anyway.
    pub fn lock<E: EntityTrait>(&self, query: Select<E>) -> Select<E> {
        if self.inner.get_database_backend() == DbBackend::Postgres { query.lock_exclusive() } else { query }
    }

    /// Keeps the rows of a query that nobody else keeps, and passes over the others.
    pub(crate) fn lock_free<E: EntityTrait>(&self, query: Select<E>) -> Select<E> {
        if self.inner.get_database_backend() == DbBackend::Postgres {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        } else {
            query
        }
    }

    /// Seals a value for one column of one row.
    #[must_use]
    pub fn seal(&self, field: Field, row: Uuid, plain: &[u8]) -> Sealed {
        Sealed::new(self.keys.seal(field, row.as_bytes(), plain))
    }

    /// Opens what [`Tx::seal`] sealed for the same column and row.
    pub fn open(&self, field: Field, row: Uuid, sealed: &Sealed) -> Result<Vec<u8>, Fault> {
        self.keys.open(field, row.as_bytes(), sealed.bytes()).map_err(|err| fault::sealed_elsewhere(field, err))
    }

    /// Opens a text.
    pub fn open_text(&self, field: Field, row: Uuid, sealed: &Sealed) -> Result<String, Fault> {
        let plain = self.open(field, row, sealed)?;
        String::from_utf8(plain).map_err(|err| Fault::internal("opening a sealed text", err.utf8_error()))
    }

    /// The blind index of a value: equal values of one column and tenant have the same.
    #[must_use]
    pub fn index(&self, field: Field, value: &[u8]) -> BlindIndex {
        BlindIndex::new(self.keys.index(field, value).to_vec())
    }

    /// The tenant's keys, for what is not a column.
    #[must_use]
    pub const fn keys(&self) -> &TenantKeys {
        &self.keys
    }

    /// Where ids, times and random bytes come from.
    #[must_use]
    pub const fn mint(&self) -> &Mint {
        &self.mint
    }

    pub(crate) async fn commit(self) -> Result<(), Fault> {
        self.inner.commit().await.map_err(|err| fault::storage("committing a transaction", err))
    }
}

#[cfg(test)]
mod tests;
