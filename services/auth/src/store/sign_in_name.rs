//! Table `sign_in_name`.

use std::collections::BTreeSet;

use freehold_schema::field::auth::SIGN_IN_NAME;
use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PersonId, SignInNameId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use crate::entity::sign_in_name as row;

/// Who signs in under this name.
pub(crate) async fn find_person(tx: &TenantTx, name: &str) -> Result<Option<PersonId>, Fault> {
    let this = row::Entity::find().filter(row::Column::NameIndex.eq(tx.index(SIGN_IN_NAME, name.as_bytes())));
    Ok(tx.one(this).await?.map(|row| PersonId::from_uuid(row.person_id)))
}

/// Gives a person exactly these names. Who had one of them before loses it: the directory has given it away.
pub(crate) async fn put(tx: &TenantTx, person: PersonId, names: &BTreeSet<String>) -> Result<(), Fault> {
    let indexes: Vec<_> = names.iter().map(|name| tx.index(SIGN_IN_NAME, name.as_bytes())).collect();
    let given_away = row::Column::NameIndex.is_in(indexes.clone());
    for old in [row::Column::PersonId.eq(person.uuid()), given_away] {
        tx.delete(row::Entity::delete_many().filter(old)).await?;
    }
    let rows = indexes.into_iter().map(|index| {
        let id: SignInNameId = tx.mint().id();
        row::ActiveModel { id: Set(id.uuid()), name_index: Set(index), person_id: Set(person.uuid()) }
    });
    tx.insert_all(rows.collect()).await
}
