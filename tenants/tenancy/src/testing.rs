//! Storages for this crate's own tests: a folder, or a database on a real PostgreSQL server of this process.

pub(crate) mod postgres;

use std::sync::Arc;

use freehold_types::{Caller, Mint, Secret, Service, SystemClock, TenantId};
use freehold_vault::Vault;
use tempfile::TempDir;

use crate::{Declaration, Storage, Tenancy};

/// A storage of a test's own. What it holds is gone when it is dropped.
pub(crate) struct Place {
    pub(crate) storage: Storage,
    pub(crate) folder: Option<TempDir>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::new(format!("sqlite://{}/data", folder.path().display()));
        Self { storage, folder: Some(folder) }
    }

    pub(crate) async fn postgres() -> Self {
        Self { storage: Storage::new(postgres::database().await), folder: None }
    }

    pub(crate) async fn open(&self) -> Tenancy {
        Tenancy::connect(&self.storage, vault(), mint()).await.unwrap()
    }
}

pub(crate) fn vault() -> Vault {
    Vault::from_master_key(Secret::new([7; 32]))
}

pub(crate) fn mint() -> Mint {
    Mint::new(Arc::new(SystemClock))
}

pub(crate) fn declared(name: &str) -> Declaration {
    Declaration {
        name: name.to_owned(),
        company: format!("{name} clear words Ltd"),
        language: "en".to_owned(),
        time_zone: "Europe/Zurich".to_owned(),
    }
}

pub(crate) async fn active(tenancy: &Tenancy, name: &str) -> TenantId {
    let id = tenancy.reserve(&declared(name)).await.unwrap().id;
    tenancy.provision(id, |_step| {}).await.unwrap();
    tenancy.activate(id).await.unwrap();
    id
}

pub(crate) fn service(tenant: TenantId) -> Caller {
    Caller::service(Service::Content, tenant)
}

/// Runs every named function on both engines, as a test of its own each.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::testing::Place::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::testing::Place::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both;
