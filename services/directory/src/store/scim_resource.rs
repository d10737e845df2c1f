//! Table `scim_resource`.

use std::collections::BTreeMap;

use freehold_schema::field::directory::{SCIM_RESOURCE_DOCUMENT, SCIM_RESOURCE_EXTERNAL_ID, SCIM_RESOURCE_NAME};
use freehold_tenancy::{BlindIndex, TenantTx};
use freehold_types::{DirectoryId, Fault};
use prost::Message as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, Set};
use uuid::Uuid;

use crate::entity::scim_resource as row;
use crate::provisioning::document::{self, Document};
use crate::provisioning::filter::fold;
use crate::provisioning::resource::{Kind, Stored};

/// How many ids one statement names.
const IDS_MAX: usize = 500;

const fn number(kind: Kind) -> i16 {
    match kind {
        Kind::User => 1,
        Kind::Group => 2,
    }
}

fn open(tx: &TenantTx, row: row::Model) -> Result<Stored, Fault> {
    let document = if row.gone {
        Document::default()
    } else {
        super::decode(&tx.open(SCIM_RESOURCE_DOCUMENT, row.id, &row.document_sealed)?)?
    };
    Ok(Stored {
        id: row.id,
        kind: if row.kind == number(Kind::User) { Kind::User } else { Kind::Group },
        version: row.version,
        gone: row.gone,
        document,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn of(directory: DirectoryId, kind: Kind) -> Select<row::Entity> {
    row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::Kind.eq(number(kind)))
        .filter(row::Column::Gone.eq(false))
        // Ids are ordered by time, so this is the order of creation.
        .order_by_asc(row::Column::Id)
}

async fn read(tx: &TenantTx, query: Select<row::Entity>) -> Result<Vec<Stored>, Fault> {
    tx.all(query).await?.into_iter().map(|row| open(tx, row)).collect()
}

/// The resource of that id, kept for this transaction.
pub(crate) async fn find(tx: &TenantTx, directory: DirectoryId, kind: Kind, id: Uuid) -> Result<Option<Stored>, Fault> {
    let query = tx.lock(of(directory, kind).filter(row::Column::Id.eq(id)));
    tx.one(query).await?.map(|row| open(tx, row)).transpose()
}

/// What a look-up by index goes by.
pub(crate) enum Known<'a> {
    Id(Uuid),
    /// The name by which it is unique.
    Name(&'a str),
    ExternalId(&'a str),
}

/// Those that are known by an index.
pub(crate) async fn known_by(
    tx: &TenantTx,
    directory: DirectoryId,
    kind: Kind,
    known: &Known<'_>,
) -> Result<Vec<Stored>, Fault> {
    let condition = match known {
        Known::Id(id) => row::Column::Id.eq(*id),
        Known::Name(name) => row::Column::NameIndex.eq(name_index(tx, name)),
        Known::ExternalId(id) => row::Column::ExternalIdIndex.eq(tx.index(SCIM_RESOURCE_EXTERNAL_ID, id.as_bytes())),
    };
    read(tx, of(directory, kind).filter(condition)).await
}

/// A page in the order of creation.
pub(crate) async fn page(
    tx: &TenantTx,
    directory: DirectoryId,
    kind: Kind,
    skip: u64,
    take: u64,
) -> Result<Vec<Stored>, Fault> {
    read(tx, of(directory, kind).offset(skip).limit(take)).await
}

/// How many there are.
pub(crate) async fn count(tx: &TenantTx, directory: DirectoryId, kind: Kind) -> Result<u64, Fault> {
    tx.count(of(directory, kind)).await
}

/// All of them, in the order of creation.
pub(crate) async fn all(tx: &TenantTx, directory: DirectoryId, kind: Kind) -> Result<Vec<Stored>, Fault> {
    read(tx, of(directory, kind)).await
}

/// Which of these ids are there, and what they are.
pub(crate) async fn kinds(tx: &TenantTx, directory: DirectoryId, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Kind>, Fault> {
    let mut kinds = BTreeMap::new();
    for part in ids.chunks(IDS_MAX) {
        let query = row::Entity::find()
            .filter(row::Column::DirectoryId.eq(directory.uuid()))
            .filter(row::Column::Gone.eq(false))
            .filter(row::Column::Id.is_in(part.iter().copied()))
            .select_only()
            .columns([row::Column::Id, row::Column::Kind])
            .into_tuple::<(Uuid, i16)>();
        for (id, kind) in tx.rows(query).await? {
            kinds.insert(id, if kind == number(Kind::User) { Kind::User } else { Kind::Group });
        }
    }
    Ok(kinds)
}

/// Writes a new one.
pub(crate) async fn insert(tx: &TenantTx, directory: DirectoryId, stored: &Stored) -> Result<(), Fault> {
    tx.insert(row::ActiveModel {
        id: Set(stored.id),
        directory_id: Set(directory.uuid()),
        kind: Set(number(stored.kind)),
        created_at: Set(stored.created_at),
        ..content(tx, stored)
    })
    .await
}

/// Writes a known one whole; the sync has not seen it so yet.
pub(crate) async fn update(tx: &TenantTx, stored: &Stored) -> Result<(), Fault> {
    tx.update_one(row::ActiveModel { id: Set(stored.id), ..content(tx, stored) }).await
}

fn content(tx: &TenantTx, stored: &Stored) -> row::ActiveModel {
    let external_id = document::text(&stored.document.attributes, &["externalId"]);
    let kept = !stored.gone;
    row::ActiveModel {
        version: Set(stored.version),
        settled: Set(false),
        gone: Set(stored.gone),
        name_index: Set(kept.then(|| name_index(tx, stored.name()))),
        external_id_index: Set(
            (kept && !external_id.is_empty()).then(|| tx.index(SCIM_RESOURCE_EXTERNAL_ID, external_id.as_bytes()))
        ),
        document_sealed: Set(tx.seal(SCIM_RESOURCE_DOCUMENT, stored.id, &stored.document.encode_to_vec())),
        updated_at: Set(stored.updated_at),
        ..Default::default()
    }
}

fn name_index(tx: &TenantTx, name: &str) -> BlindIndex {
    tx.index(SCIM_RESOURCE_NAME, fold(name).as_bytes())
}

/// Notes that these changed although nobody named them: a member of theirs is gone.
pub(crate) async fn touch(tx: &TenantTx, ids: &[Uuid]) -> Result<(), Fault> {
    for part in ids.chunks(IDS_MAX) {
        let query = row::Entity::update_many()
            .col_expr(row::Column::Version, Expr::col(row::Column::Version).add(1))
            .col_expr(row::Column::Settled, Expr::value(false))
            .col_expr(row::Column::UpdatedAt, Expr::value(tx.mint().now()))
            .filter(row::Column::Id.is_in(part.iter().copied()));
        tx.update(query).await?;
    }
    Ok(())
}

/// What the sync has not seen as it is now, gone ones too, oldest id first.
pub(crate) async fn unsettled(tx: &TenantTx, directory: DirectoryId, max: u64) -> Result<Vec<Stored>, Fault> {
    let query = row::Entity::find()
        .filter(row::Column::DirectoryId.eq(directory.uuid()))
        .filter(row::Column::Settled.eq(false))
        .order_by_asc(row::Column::Id)
        .limit(max);
    read(tx, query).await
}

/// Whether the sync has seen this one, or a later one of it, as it is.
pub(crate) async fn settled(tx: &TenantTx, id: Uuid) -> Result<bool, Fault> {
    Ok(tx.one(row::Entity::find_by_id(id)).await?.is_none_or(|row| row.settled))
}

/// Notes that the sync has seen these as they were; what changed meanwhile stays to be seen. Gone ones are forgotten.
pub(crate) async fn settle(tx: &TenantTx, seen: &[Stored]) -> Result<(), Fault> {
    for one in seen {
        let this = row::Column::Id.eq(one.id).and(row::Column::Version.eq(one.version));
        if one.gone {
            tx.delete(row::Entity::delete_many().filter(this)).await?;
        } else {
            let query = row::Entity::update_many().col_expr(row::Column::Settled, Expr::value(true)).filter(this);
            tx.update(query).await?;
        }
    }
    Ok(())
}
