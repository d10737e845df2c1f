//! A person's own passkeys.

use freehold_audit::{Event, record};
use freehold_types::{Caller, Fault, PasskeyId};

use super::{Own, PASSKEYS_MAX};
use crate::{Auth, fault, local, session, store};

/// The caller's ways in.
pub(crate) async fn list(auth: &Auth, caller: &Caller) -> Result<Own, Fault> {
    let (person, _session) = session::own(caller)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let passkeys = store::passkey::list(&tx, person).await?;
    let password = store::password::find(&tx, person).await?.is_some();
    let open = local::is_open(&tx, person).await?;
    tx.commit().await?;
    let enrolment = open && auth.passkeys.is_some() && passkeys.len() < PASSKEYS_MAX;
    Ok(Own { passkeys, password, enrolment })
}

/// Removes one of the caller's passkeys, but never the last way in: nobody is to lock themselves out.
pub(crate) async fn remove(auth: &Auth, caller: &Caller, id: PasskeyId) -> Result<(), Fault> {
    let (person, _session) = session::own(caller)?;
    let tx = auth.deps.tenancy.begin(caller).await?;
    let passkeys = store::passkey::list(&tx, person).await?;
    if !passkeys.iter().any(|passkey| passkey.id == id) {
        return Err(fault::passkey_not_found(id));
    }
    let last = passkeys.len() == 1 && store::password::find(&tx, person).await?.is_none();
    if last && local::is_open(&tx, person).await? {
        return Err(fault::last_way_in());
    }
    store::passkey::delete(&tx, id, person).await?;
    record(&tx, caller, Event::PasskeyRemoved { person, passkey: id }).await?;
    tx.commit().await?;
    tracing::info!(tenant.id = %caller.tenant()?, person.id = %person, passkey.id = %id, "a passkey was removed");
    Ok(())
}
