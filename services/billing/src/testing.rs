//! A place for this crate's own tests: a storage in a folder or on a real PostgreSQL, a clock that stands still, tenants and people.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_tenancy::{Declaration, Storage, Tenancy};
use freehold_types::{Caller, Currency, Mint, PersonId, Roles, Secret, SessionId, SetClock, TenantId};
use freehold_vault::Vault;
use freehold_wire::PageTokens;
use tempfile::TempDir;
use uuid::Uuid;

use crate::plan::COMPANY;
use crate::subscription::Terms;
use crate::usage::{self, Noted};
use crate::{Deps, subscription};

/// A storage of a test's own. What it holds is gone when it is dropped, or with the process.
pub(crate) struct Place {
    pub(crate) deps: Deps,
    pub(crate) clock: Arc<SetClock>,
    _folder: Option<TempDir>,
}

pub(crate) const COMPANY_IN_EUR: Terms = Terms { plan: &COMPANY, currency: Currency::Eur };

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl Place {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data", folder.path().display());
        Self::open(url, Some(folder)).await
    }

    pub(crate) async fn postgres() -> Self {
        let url = tokio::task::spawn_blocking(freehold_tests::postgres::database).await.unwrap().unwrap();
        Self::open(url, None).await
    }

    async fn open(url: String, folder: Option<TempDir>) -> Self {
        let clock = Arc::new(SetClock::new(moment("2026-10-05T08:00:00Z")));
        let vault = Vault::from_master_key(Secret::new([7; 32]));
        let tenancy = Tenancy::connect(&Storage::new(url), vault, Mint::new(clock.clone())).await.unwrap();
        let deps = Deps::new(tenancy, PageTokens::new(Secret::new([9; 32])));
        Self { deps, clock, _folder: folder }
    }

    /// An active tenant with the company plan from now on.
    pub(crate) async fn tenant(&self, name: &str) -> TenantId {
        let declared = Declaration {
            name: name.to_owned(),
            company: format!("{name} SAS"),
            language: "fr".to_owned(),
            time_zone: "Europe/Paris".to_owned(),
        };
        let id = self.deps.tenancy.reserve(&declared).await.unwrap().id;
        self.deps.tenancy.provision(id, |_step| {}).await.unwrap();
        self.deps.tenancy.activate(id).await.unwrap();
        let operator = Caller::operator(Some(id));
        subscription::apply(&self.deps, &operator, COMPANY_IN_EUR, false).await.unwrap();
        id
    }

    /// Lets these people act on this day and the next one, which makes them count, and sets the clock to the second.
    pub(crate) async fn two_days(&self, tenant: TenantId, people: std::ops::Range<u128>) {
        let noted = Noted::default();
        for _day in 0..2 {
            for number in people.clone() {
                usage::record(&self.deps, &noted, &person(tenant, number)).await.unwrap();
            }
            self.clock.advance(TimeDelta::days(1));
        }
    }
}

pub(crate) fn person(tenant: TenantId, number: u128) -> Caller {
    let session = SessionId::from_uuid(Uuid::from_u128(number));
    Caller::person_of(tenant, PersonId::from_uuid(Uuid::from_u128(number)), session, Roles::NONE)
}

/// Runs every named function on both engines, as a test of its own each.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::testing::Place::sqlite().await).await;
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
