//! From a declaration to a tenant that can be used, in recorded steps.
//!
//! Every step may run twice, or be cut off anywhere and run again: the state after it is the same. Forward only: there
//! is no way back but erasing.

use freehold_types::{Fault, Kind, Reason, TenantId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;

use crate::entity::tenant_key;
use crate::{Tenancy, Tenant, TenantState};

/// A step of provisioning, named by what is true once it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The tenant is in the registry.
    Reserved,
    /// It has a key, wrapped under the master key.
    Keyed,
    /// It has a schema and a role, or a file.
    Built,
    /// It has all tables.
    Migrated,
    /// It is in use.
    Activated,
}

impl Step {
    pub(crate) const fn number(self) -> i16 {
        match self {
            Self::Reserved => 0,
            Self::Keyed => 1,
            Self::Built => 2,
            Self::Migrated => 3,
            Self::Activated => 4,
        }
    }

    pub(crate) fn from_number(number: i16) -> Option<Self> {
        let all = [Self::Reserved, Self::Keyed, Self::Built, Self::Migrated, Self::Activated];
        all.into_iter().find(|step| step.number() == number)
    }
}

impl Tenancy {
    /// Gives a reserved tenant its key, its schema and its tables; tells every step that is done now. What a former
    /// try got done is not done again.
    pub async fn provision(&self, id: TenantId, mut on_step: impl FnMut(Step) + Send) -> Result<(), Fault> {
        let done = self.entry(id).await?.step;
        for step in [Step::Keyed, Step::Built, Step::Migrated] {
            if done < step {
                self.run_step(id, step).await?;
                self.record_step(id, step).await?;
                on_step(step);
            }
        }
        Ok(())
    }

    /// Opens a provisioned tenant for use.
    pub async fn activate(&self, id: TenantId) -> Result<Tenant, Fault> {
        let entry = self.entry(id).await?;
        if entry.step < Step::Migrated {
            return Err(Fault::new(
                Kind::Conflict,
                Reason::TenantNotActive,
                format!("tenant {id} is not provisioned yet"),
            )
            .cure("provision it first"));
        }
        if !matches!(entry.state, TenantState::Provisioning | TenantState::Active) {
            return Err(Fault::new(
                Kind::Conflict,
                Reason::TenantNotActive,
                format!("tenant {id} is sealed or erased"),
            ));
        }
        let tenant = self.record_active(id).await?;
        self.forget_open(id);
        Ok(tenant)
    }

    pub(crate) async fn run_step(&self, id: TenantId, step: Step) -> Result<(), Fault> {
        match step {
            Step::Keyed => self.create_key(id).await,
            Step::Built => self.engine().build(&self.entry(id).await?.room).await,
            Step::Migrated => self.migrate(id).await,
            Step::Reserved | Step::Activated => Ok(()),
        }
    }

    /// The key that is stored first stays: something may be sealed with it already.
    async fn create_key(&self, id: TenantId) -> Result<(), Fault> {
        let key = self.vault().create_tenant_key(id);
        let version = i32::try_from(key.version).map_err(|err| Fault::internal("storing a tenant's key", err))?;
        let tx = self.platform().await?;
        let row = tenant_key::ActiveModel {
            tenant_id: Set(id.uuid()),
            version: Set(version),
            wrapped: Set(key.wrapped),
            commitment: Set(key.commitment),
            created_at: Set(tx.mint().now()),
        };
        let keep =
            OnConflict::columns([tenant_key::Column::TenantId, tenant_key::Column::Version]).do_nothing().to_owned();
        tx.insert_or(vec![row], keep).await?;
        tx.commit().await
    }

    pub(crate) async fn migrate(&self, id: TenantId) -> Result<(), Fault> {
        let entry = self.entry(id).await?;
        let version = self.engine().migrate(&entry.room, self.mint().now()).await?;
        if entry.schema_version < version {
            self.record_version(id, version).await?;
        }
        tracing::info!(tenant.id = %id, version, "tenant schema is up to date");
        Ok(())
    }

    /// Tenants that were provisioned by an older program.
    pub(crate) async fn tenants_behind(&self) -> Result<Vec<TenantId>, Fault> {
        let latest = crate::migrate::latest(&freehold_schema::tenant::migrations());
        let entries = self.entries().await?;
        let behind = entries.into_iter().filter(|entry| entry.step >= Step::Migrated && entry.schema_version < latest);
        Ok(behind.map(|entry| entry.id).collect())
    }

    /// What the storage lost or never had: an older schema, or a role that a restored copy came without.
    pub(crate) async fn catch_up(&self) -> Result<(), Fault> {
        let entries = self.entries().await?;
        let built: Vec<_> = entries.iter().filter(|entry| entry.step >= Step::Migrated).collect();
        let rooms: Vec<_> = built.iter().map(|entry| entry.room.clone()).collect();
        let closed = self.engine().closed(&rooms).await?;
        for entry in built.iter().filter(|entry| closed.contains(&entry.room)) {
            self.engine().build(&entry.room).await?;
            self.migrate(entry.id).await?;
        }
        for id in self.tenants_behind().await? {
            self.migrate(id).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
