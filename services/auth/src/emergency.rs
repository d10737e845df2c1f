//! Emergency accounts: how the company comes in on the day its IdP or its directory lets nobody in.
//!
//! The manifest names them. No directory tells of them, so no sync deactivates them; a subject at an IdP meets people of a
//! directory only, so none is ever linked to them. They have a passkey, or a password and an authenticator app, like people
//! without e-mail, administer the company, and whenever one comes in all administrators are told.

use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, record};
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, Fault, PersonId};

use crate::local::folded;
use crate::people::Person;
use crate::{Auth, store};

/// How many a company names, unless it names none: one person alone may be away, or leave.
pub(crate) const ACCOUNTS: usize = 2;
/// How long administrators are told that one was used.
const TOLD_DAYS: i64 = 7;

/// An emergency account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Stands wherever a person's does.
    pub(crate) id: PersonId,
    pub(crate) name: String,
    /// When somebody last came in with it.
    pub(crate) used_at: Option<DateTime<Utc>>,
}

impl Account {
    fn person(&self) -> Person {
        Person {
            id: self.id,
            display_name: self.name.clone(),
            administrator: true,
            user_name: self.name.clone(),
            employee_number: String::new(),
            email: String::new(),
            emergency: true,
        }
    }
}

/// An account, and whether it has something to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) account: Account,
    pub(crate) enrolled: bool,
}

/// All accounts of the tenant, by name.
pub(crate) async fn show(tx: &TenantTx) -> Result<Vec<Shown>, Fault> {
    let mut shown = Vec::new();
    for account in store::emergency_account::all(tx).await? {
        let enrolled = store::password::find(tx, account.id).await?.is_some()
            || !store::passkey::list(tx, account.id).await?.is_empty();
        shown.push(Shown { account, enrolled });
    }
    Ok(shown)
}

/// Those of these ids that are accounts, as people.
pub(crate) async fn among(auth: &Auth, caller: &Caller, ids: &[PersonId]) -> Result<Vec<Person>, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let accounts = store::emergency_account::all(&tx).await?;
    tx.commit().await?;
    Ok(accounts.iter().filter(|account| ids.contains(&account.id)).map(Account::person).collect())
}

/// The account of that name, however it is typed.
pub(crate) async fn find_by_name(tx: &TenantTx, name: &str) -> Result<Option<PersonId>, Fault> {
    let accounts = store::emergency_account::all(tx).await?;
    Ok(accounts.into_iter().find(|account| folded(&account.name) == name).map(|account| account.id))
}

/// Notes, when whoever comes in is an emergency account, that it was used.
pub(crate) async fn note_use(tx: &TenantTx, caller: &Caller, id: PersonId) -> Result<(), Fault> {
    if store::emergency_account::touch(tx, id, tx.mint().now()).await? {
        tracing::warn!(tenant.id = %tx.tenant(), person.id = %id, "an emergency account was used");
        record(tx, caller, Event::EmergencyAccountUsed { person: id }).await?;
    }
    Ok(())
}

/// The accounts that were used so lately that administrators are told.
pub(crate) async fn lately_used(auth: &Auth, caller: &Caller) -> Result<Vec<Account>, Fault> {
    let tx = auth.deps.tenancy.begin(caller).await?;
    let since = tx.mint().now() - TimeDelta::days(TOLD_DAYS);
    let mut accounts = store::emergency_account::all(&tx).await?;
    tx.commit().await?;
    accounts.retain(|account| account.used_at.is_some_and(|used_at| since < used_at));
    Ok(accounts)
}
