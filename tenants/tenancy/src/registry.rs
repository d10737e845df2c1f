//! Which tenants exist and in which state.

use chrono::{DateTime, Utc};
use freehold_schema::field::platform::{TENANT_COMPANY, TENANT_NAME, TENANT_NAME_INDEX};
use freehold_types::{Fault, Kind, TenantId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::tenant::{ActiveModel, Column, Entity, Model};
use crate::identifier::Identifier;
use crate::{PlatformTx, Step, Tenancy, Tx, fault};

/// What a tenant is declared to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Short name, unique in the installation; part of addresses.
    pub name: String,
    /// The company, as its people and its invoices know it.
    pub company: String,
    /// Language tag of pages and mails when a person chose none, for example `de-CH`.
    pub language: String,
    /// IANA name of the time zone, for example `Europe/Zurich`.
    pub time_zone: String,
}

/// Where a tenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// Declared, and not yet complete.
    Provisioning,
    /// In use.
    Active,
    /// Closed by the operator; nothing is read or written.
    Sealed,
    /// On its way out; its key is destroyed.
    Erasing,
}

impl TenantState {
    const fn number(self) -> i16 {
        match self {
            Self::Provisioning => 0,
            Self::Active => 1,
            Self::Sealed => 2,
            Self::Erasing => 3,
        }
    }

    fn from_number(number: i16) -> Option<Self> {
        [Self::Provisioning, Self::Active, Self::Sealed, Self::Erasing]
            .into_iter()
            .find(|state| state.number() == number)
    }
}

/// The registry's knowledge of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Short name.
    pub name: String,
    /// The company it belongs to.
    pub company: String,
    /// Language of pages when a person chose none.
    pub language: String,
    /// IANA name of the time zone.
    pub time_zone: String,
    /// Where it stands.
    pub state: TenantState,
    /// The last step of its provisioning that is done.
    pub step: Step,
    /// When it was declared.
    pub created_at: DateTime<Utc>,
    /// When its declaration or state last changed.
    pub updated_at: DateTime<Utc>,
}

/// A tenant's own part of the storage: a schema and a role on PostgreSQL, a file on SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) schema: Identifier,
    pub(crate) role: Identifier,
}

/// A registry row without the sealed parts: all that opening a transaction needs.
pub(crate) struct Entry {
    pub(crate) id: TenantId,
    pub(crate) state: TenantState,
    pub(crate) step: Step,
    pub(crate) schema_version: i32,
    pub(crate) room: Room,
}

fn entry(row: &Model) -> Result<Entry, Fault> {
    let id = TenantId::from_uuid(row.id);
    let broken = |what| move || fault::registry_broken(id, what);
    let schema = Identifier::parse_tenant('t', &row.schema_id).ok_or_else(broken("an impossible schema name"))?;
    let role = Identifier::parse_tenant('r', &row.role_id).ok_or_else(broken("an impossible role name"))?;
    Ok(Entry {
        id,
        state: TenantState::from_number(row.state).ok_or_else(broken("an unknown state"))?,
        step: Step::from_number(row.provision_step).ok_or_else(broken("an unknown step"))?,
        schema_version: row.schema_version,
        room: Room { schema, role },
    })
}

fn open(tx: &Tx, row: &Model) -> Result<Tenant, Fault> {
    let Entry { id, state, step, .. } = entry(row)?;
    Ok(Tenant {
        id,
        name: tx.open_text(TENANT_NAME, row.id, &row.name_sealed)?,
        company: tx.open_text(TENANT_COMPANY, row.id, &row.company_sealed)?,
        language: row.language.clone(),
        time_zone: row.time_zone.clone(),
        state,
        step,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

async fn find(tx: &Tx, name: &str) -> Result<Option<Tenant>, Fault> {
    let named = Column::NameIndex.eq(tx.index(TENANT_NAME_INDEX, name.as_bytes()));
    tx.one(Entity::find().filter(named)).await?.map(|row| open(tx, &row)).transpose()
}

async fn get(tx: &Tx, id: TenantId) -> Result<Tenant, Fault> {
    let row = tx.one(Entity::find_by_id(id.uuid())).await?.ok_or_else(|| fault::tenant_not_found(id))?;
    open(tx, &row)
}

async fn insert(tx: &PlatformTx, declared: &Declaration) -> Result<TenantId, Fault> {
    let id: TenantId = tx.mint().id();
    let now = tx.mint().now();
    let (schema, role) = Identifier::mint_tenant(tx.mint());
    let row = ActiveModel {
        id: Set(id.uuid()),
        name_index: Set(tx.index(TENANT_NAME_INDEX, declared.name.as_bytes())),
        name_sealed: Set(tx.seal(TENANT_NAME, id.uuid(), declared.name.as_bytes())),
        company_sealed: Set(tx.seal(TENANT_COMPANY, id.uuid(), declared.company.as_bytes())),
        language: Set(declared.language.clone()),
        time_zone: Set(declared.time_zone.clone()),
        state: Set(TenantState::Provisioning.number()),
        provision_step: Set(Step::Reserved.number()),
        schema_id: Set(schema.as_str().to_owned()),
        role_id: Set(role.as_str().to_owned()),
        schema_version: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
    };
    tx.insert(row).await?;
    Ok(id)
}

impl Tenancy {
    /// Writes a tenant into the registry. The same name again gives the tenant that has it, unchanged.
    pub async fn reserve(&self, declared: &Declaration) -> Result<Tenant, Fault> {
        if let Some(known) = self.find_by_name(&declared.name).await? {
            return Ok(known);
        }
        let tx = self.platform().await?;
        match insert(&tx, declared).await {
            Ok(id) => {
                let tenant = get(&tx, id).await?;
                tx.commit().await?;
                Ok(tenant)
            }
            // Somebody else reserved the same name a moment ago; theirs is the answer.
            Err(taken) if taken.kind() == Kind::AlreadyExists => {
                drop(tx);
                self.find_by_name(&declared.name).await?.ok_or(taken)
            }
            Err(other) => Err(other),
        }
    }

    /// Changes a tenant's company, language and time zone to what is declared. The name stays: it is in addresses.
    pub async fn describe(&self, id: TenantId, declared: &Declaration) -> Result<Tenant, Fault> {
        let tx = self.platform().await?;
        get(&tx, id).await?;
        let row = ActiveModel {
            id: Set(id.uuid()),
            company_sealed: Set(tx.seal(TENANT_COMPANY, id.uuid(), declared.company.as_bytes())),
            language: Set(declared.language.clone()),
            time_zone: Set(declared.time_zone.clone()),
            updated_at: Set(tx.mint().now()),
            ..Default::default()
        };
        tx.update_one(row).await?;
        let tenant = get(&tx, id).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// A tenant that must exist.
    pub async fn get(&self, id: TenantId) -> Result<Tenant, Fault> {
        let tx = self.read_platform().await?;
        let tenant = get(&tx, id).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// The tenant of that name.
    pub async fn find_by_name(&self, name: &str) -> Result<Option<Tenant>, Fault> {
        let tx = self.read_platform().await?;
        let tenant = find(&tx, name).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// All tenants, oldest first.
    pub async fn list(&self) -> Result<Vec<Tenant>, Fault> {
        let tx = self.read_platform().await?;
        let rows = tx.all(Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)).await?;
        let tenants = rows.iter().map(|row| open(&tx, row)).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(tenants)
    }

    /// The ids of all tenants in use, oldest first: for work in the background.
    pub async fn active_tenants(&self) -> Result<Vec<TenantId>, Fault> {
        let active = |entry: &Entry| entry.state == TenantState::Active;
        Ok(self.entries().await?.iter().filter(|entry| active(entry)).map(|entry| entry.id).collect())
    }

    pub(crate) async fn entries(&self) -> Result<Vec<Entry>, Fault> {
        let tx = self.read_platform().await?;
        let rows = tx.all(Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)).await?;
        tx.commit().await?;
        rows.iter().map(entry).collect()
    }

    pub(crate) async fn entry(&self, id: TenantId) -> Result<Entry, Fault> {
        let tx = self.read_platform().await?;
        let row = tx.one(Entity::find_by_id(id.uuid())).await?.ok_or_else(|| fault::tenant_not_found(id))?;
        tx.commit().await?;
        entry(&row)
    }

    pub(crate) async fn record_step(&self, id: TenantId, step: Step) -> Result<(), Fault> {
        let tx = self.platform().await?;
        let later = Column::ProvisionStep.lt(step.number());
        let only_this = Entity::update_many().filter(Column::Id.eq(id.uuid())).filter(later);
        tx.update(only_this.col_expr(Column::ProvisionStep, Expr::value(step.number()))).await?;
        tx.commit().await
    }

    pub(crate) async fn record_version(&self, id: TenantId, version: i32) -> Result<(), Fault> {
        let tx = self.platform().await?;
        let only_this = Entity::update_many().filter(Column::Id.eq(id.uuid()));
        tx.update(only_this.col_expr(Column::SchemaVersion, Expr::value(version))).await?;
        tx.commit().await
    }

    pub(crate) async fn record_active(&self, id: TenantId) -> Result<Tenant, Fault> {
        let tx = self.platform().await?;
        let provisioning = Column::State.eq(TenantState::Provisioning.number());
        let only_this = Entity::update_many().filter(Column::Id.eq(id.uuid())).filter(provisioning);
        let activate = only_this
            .col_expr(Column::State, Expr::value(TenantState::Active.number()))
            .col_expr(Column::ProvisionStep, Expr::value(Step::Activated.number()))
            .col_expr(Column::UpdatedAt, Expr::value(tx.mint().now()));
        tx.update(activate).await?;
        let tenant = get(&tx, id).await?;
        tx.commit().await?;
        Ok(tenant)
    }
}
