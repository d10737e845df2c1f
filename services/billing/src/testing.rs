//! A place for this crate's own tests: a storage in a folder, a clock that stands still, tenants and people.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_tenancy::{Declaration, Storage, Tenancy};
use freehold_types::{Caller, Currency, Mint, PersonId, Secret, SessionId, SetClock, TenantId};
use freehold_vault::Vault;
use freehold_wire::PageTokens;
use tempfile::TempDir;
use uuid::Uuid;

use crate::plan::COMPANY;
use crate::subscription::Terms;
use crate::usage::{self, Noted};
use crate::{Deps, subscription};

/// A storage of a test's own. What it holds is gone when it is dropped.
pub(crate) struct Place {
    pub(crate) deps: Deps,
    pub(crate) clock: Arc<SetClock>,
    _folder: TempDir,
}

pub(crate) const COMPANY_IN_EUR: Terms = Terms { plan: &COMPANY, currency: Currency::Eur };

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl Place {
    pub(crate) async fn at(now: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::new(moment(now)));
        let storage = Storage::new(format!("sqlite://{}/data", folder.path().display()));
        let vault = Vault::from_master_key(Secret::new([7; 32]));
        let tenancy = Tenancy::connect(&storage, vault, Mint::new(clock.clone())).await.unwrap();
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
    Caller::person_of(tenant, PersonId::from_uuid(Uuid::from_u128(number)), session, false)
}
