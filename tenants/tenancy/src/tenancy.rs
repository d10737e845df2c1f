//! The handle that everything starts from.

use std::sync::Arc;

use freehold_types::{Caller, Fault, Mint, Party, Service, TenantId};
use freehold_vault::{TenantKeys, Vault, WrappedKey};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::engine::Engine;
use crate::entity::tenant_key;
use crate::hints::Hints;
use crate::open_tenants::{OpenTenant, OpenTenants};
use crate::outbox::Positions;
use crate::registry::{Entry, Room};
use crate::{PlatformTx, Step, Storage, TenantState, TenantTx, Tx, fault};

/// The registry, the storage and the vault together. Cheap to clone.
#[derive(Clone)]
pub struct Tenancy(Arc<Parts>);

struct Parts {
    engine: Engine,
    vault: Vault,
    mint: Mint,
    open: OpenTenants,
    hints: Hints,
    positions: Positions,
}

impl Tenancy {
    /// Opens a storage: sets it up or brings it up to date, hardens it, checks that the master key is its own, and
    /// migrates the tenants that an older program left behind. Several processes may do this at once.
    pub async fn connect(storage: &Storage, vault: Vault, mint: Mint) -> Result<Self, Fault> {
        let engine = Engine::connect(storage, &vault, &mint).await?;
        let parts = Parts {
            engine,
            vault,
            mint,
            open: OpenTenants::default(),
            hints: Hints::default(),
            positions: Positions::default(),
        };
        let tenancy = Self(Arc::new(parts));
        tenancy.catch_up().await?;
        Ok(tenancy)
    }

    /// Begins a transaction on the data of the caller's tenant. Not found, unless the tenant is active; the operator
    /// may also enter one that is provisioned but not yet active, to fill it.
    pub async fn begin(&self, caller: &Caller) -> Result<TenantTx, Fault> {
        let open = self.open_for(caller).await?;
        let inner = self.0.engine.tenant(&open.entry.room).await?;
        let tx = Tx::new(inner, open.keys.clone(), self.0.mint.clone());
        Ok(TenantTx::new(tx, open.entry.id, self.clone()))
    }

    /// Begins a transaction on the operator's own tables.
    pub async fn platform(&self) -> Result<PlatformTx, Fault> {
        let inner = self.0.engine.platform().await?;
        Ok(PlatformTx::new(Tx::new(inner, self.0.vault.platform_keys(), self.0.mint.clone())))
    }

    /// The keys of the caller's tenant, for what is not a column.
    pub async fn keys(&self, caller: &Caller) -> Result<TenantKeys, Fault> {
        Ok(self.open_for(caller).await?.keys.clone())
    }

    /// Where ids, times and random bytes come from.
    #[must_use]
    pub fn mint(&self) -> &Mint {
        &self.0.mint
    }

    /// A look at the operator's own tables. On SQLite it does not wait for a [`PlatformTx`], so somebody who holds
    /// one can still begin a tenant's transaction.
    pub(crate) async fn read_platform(&self) -> Result<PlatformTx, Fault> {
        let inner = self.0.engine.read_platform().await?;
        Ok(PlatformTx::new(Tx::new(inner, self.0.vault.platform_keys(), self.0.mint.clone())))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn hints(&self) -> &Hints {
        &self.0.hints
    }

    pub(crate) fn positions(&self) -> &Positions {
        &self.0.positions
    }

    pub(crate) fn forget_open(&self, id: TenantId) {
        self.0.open.forget(id);
    }

    pub(crate) async fn rooms(&self) -> Result<Vec<Room>, Fault> {
        let entries = self.entries().await?;
        Ok(entries.into_iter().filter(|entry| entry.step >= Step::Built).map(|entry| entry.room).collect())
    }

    pub(crate) async fn wrapped_keys(&self, id: TenantId) -> Result<Vec<WrappedKey>, Fault> {
        let tx = self.read_platform().await?;
        let rows = tx.all(tenant_key::Entity::find().filter(tenant_key::Column::TenantId.eq(id.uuid()))).await?;
        tx.commit().await?;
        rows.into_iter().map(wrapped_key).collect()
    }

    async fn open_for(&self, caller: &Caller) -> Result<Arc<OpenTenant>, Fault> {
        let id = caller.tenant()?;
        let open = match self.0.open.find(id) {
            Some(open) => open,
            None => self.open(id).await?,
        };
        if may_enter(caller, &open.entry) { Ok(open) } else { Err(fault::tenant_not_active(id)) }
    }

    async fn open(&self, id: TenantId) -> Result<Arc<OpenTenant>, Fault> {
        let entry = self.entry(id).await?;
        if entry.step < Step::Migrated {
            return Err(fault::tenant_not_active(id));
        }
        let wrapped = self.wrapped_keys(id).await?;
        let keys = self.0.vault.tenant_keys(id, &wrapped).map_err(|err| fault::keys(id, err))?;
        let open = Arc::new(OpenTenant { entry, keys });
        if open.entry.state == TenantState::Active {
            self.0.open.keep(open.clone());
        }
        Ok(open)
    }
}

fn may_enter(caller: &Caller, entry: &Entry) -> bool {
    match entry.state {
        TenantState::Active => true,
        TenantState::Provisioning => {
            matches!(caller.party, Party::Operator | Party::Service(Service::Operator))
        }
        TenantState::Sealed | TenantState::Erasing => false,
    }
}

fn wrapped_key(row: tenant_key::Model) -> Result<WrappedKey, Fault> {
    let version = u32::try_from(row.version).map_err(|err| Fault::internal("reading a tenant's key", err))?;
    Ok(WrappedKey { version, wrapped: row.wrapped, commitment: row.commitment })
}
