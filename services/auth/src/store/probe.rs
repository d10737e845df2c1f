//! Sessions to ask an IdP about: columns of table `session`.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_schema::field::auth::SESSION_REFRESH_TOKEN;
use freehold_tenancy::TenantTx;
use freehold_types::{ConnectionId, Fault, Mint, PersonId, Secret, SessionId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Set};

use super::identity;
use crate::entity::session as row;
use crate::id_token::Subject;
use crate::probe::{IDLE_MINUTES, Probe};

/// Sessions taken at once.
const TAKEN_MAX: u64 = 100;

/// Whether any session can be asked about, now or later.
pub(crate) async fn any(tx: &TenantTx) -> Result<bool, Fault> {
    Ok(tx.one(row::Entity::find().filter(row::Column::RefreshTokenSealed.is_not_null()).limit(1)).await?.is_some())
}

/// Takes the sessions whose time has come, each for whoever takes it first: its next time is `due_after` now.
pub(crate) async fn take_due(tx: &TenantTx, due_after: impl Fn(&Mint) -> DateTime<Utc>) -> Result<Vec<Probe>, Fault> {
    let now = tx.mint().now();
    let due = row::Entity::find()
        .filter(row::Column::RefreshTokenSealed.is_not_null())
        .filter(row::Column::ProbeDueAt.lte(now))
        .filter(row::Column::ExpiresAt.gt(now))
        .filter(row::Column::LastUsedAt.gt(now - TimeDelta::minutes(IDLE_MINUTES)))
        .order_by_asc(row::Column::ProbeDueAt)
        .limit(TAKEN_MAX);
    let mut probes = Vec::new();
    for row in tx.all(tx.lock(due)).await? {
        tx.update_one(row::ActiveModel {
            id: Set(row.id),
            probe_due_at: Set(Some(due_after(tx.mint()))),
            ..Default::default()
        })
        .await?;
        let (Some(sealed), Some(connection)) = (&row.refresh_token_sealed, row.connection_id) else { continue };
        probes.push(Probe {
            session: SessionId::from_uuid(row.id),
            person: PersonId::from_uuid(row.person_id),
            connection: ConnectionId::from_uuid(connection),
            refresh_token: Secret::new(tx.open_text(SESSION_REFRESH_TOKEN, row.id, sealed)?),
            failed_at: row.probe_failed_at,
        });
    }
    Ok(probes)
}

/// The IdP answered, perhaps with a new refresh token.
pub(crate) async fn note_answer(
    tx: &TenantTx,
    session: SessionId,
    refresh_token: Option<&Secret<String>>,
) -> Result<(), Fault> {
    let mut answered = row::Entity::update_many()
        .filter(row::Column::Id.eq(session.uuid()))
        .col_expr(row::Column::ProbeFailedAt, Expr::value(None::<DateTime<Utc>>));
    if let Some(token) = refresh_token {
        let sealed = tx.seal(SESSION_REFRESH_TOKEN, session.uuid(), token.expose().as_bytes());
        answered = answered.col_expr(row::Column::RefreshTokenSealed, Expr::value(sealed));
    }
    // The person may have signed out meanwhile.
    tx.update(answered).await.map(|_count| ())
}

/// The IdP could not be asked, and not since `failed_at`.
pub(crate) async fn note_failure(tx: &TenantTx, session: SessionId, failed_at: DateTime<Utc>) -> Result<(), Fault> {
    let this = row::Entity::update_many().filter(row::Column::Id.eq(session.uuid()));
    tx.update(this.col_expr(row::Column::ProbeFailedAt, Expr::value(failed_at))).await.map(|_count| ())
}

/// Whether the session came with this subject. One that is gone did not.
pub(crate) async fn is_of(tx: &TenantTx, session: SessionId, subject: &Subject) -> Result<bool, Fault> {
    let this = row::Entity::find_by_id(session.uuid());
    let this = this.filter(row::Column::SubjectIndex.eq(identity::index(tx, subject)));
    Ok(tx.one(this).await?.is_some())
}
