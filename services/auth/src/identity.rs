//! Which person a subject at an IdP is.
//!
//! A subject that was here before is the person it was linked to. A new one meets its person once, by an attribute
//! that neither the person nor the IdP's users can choose, and only if the directory service calls that person active.

use freehold_audit::{Event, Label, Method, Way, record_all};
use freehold_tenancy::Tenant;
use freehold_types::{PersonId, Secret};

use crate::connection::Connection;
use crate::id_token::IdToken;
use crate::refusal::{Ended, Refusal};
use crate::session::{self, Opened, Origin};
use crate::{Auth, company, people, store};

/// What the IdP said of whoever comes.
pub(crate) struct Arrival {
    /// Believed.
    pub(crate) id_token: IdToken,
    /// The value that meets the person.
    pub(crate) link: Option<String>,
    pub(crate) refresh_token: Option<Secret<String>>,
}

/// Finds the person behind a believed ID token and opens a session.
pub(crate) async fn enter(
    auth: &Auth,
    tenant: &Tenant,
    connection: &Connection,
    arrival: Arrival,
) -> Result<Opened, Ended> {
    let Arrival { id_token, link, refresh_token } = arrival;
    let caller = company::on_behalf(tenant);
    let tx = auth.deps.tenancy.begin(&caller).await?;
    let linked = store::identity::find_person(&tx, connection.id, &id_token.subject).await?;
    tx.commit().await?;

    let claimed = match link {
        Some(value) => people::find(auth, &caller, connection.settings.link_by, &value).await?,
        None if linked.is_none() => return Err(Refusal::NoLinkClaim.into()),
        None => None,
    };
    let id = decide(linked, claimed.as_ref().map(|person| person.id))?;
    let person = match claimed {
        Some(person) => person,
        // Who was found by the claim is active; who is known by the link alone may have left.
        None => people::find_active(auth, &caller, id).await?.ok_or(Refusal::Inactive)?,
    };
    let (person, administrator) = (person.id, person.administrator);

    let tx = auth.deps.tenancy.begin(&caller).await?;
    let standing = store::connection::find(&tx, connection.id).await?.ok_or(Refusal::UnknownConnection)?;
    let first = !store::identity::has_person(&tx, person).await?;
    if store::identity::link(&tx, connection.id, &id_token.subject, person).await? != person {
        return Err(Refusal::OtherPerson.into());
    }
    let label = Label::new(&connection.settings.name);
    let mut events = Vec::new();
    if linked.is_none() {
        events.push(Event::IdentityLinked { person, connection: label.clone() });
    }
    // Settings that were declared anew meanwhile are others than those that let this person in.
    if administrator && !standing.tried && standing.settings == connection.settings {
        store::connection::note_tried(&tx, connection.id).await?;
        events.push(Event::ConnectionTried { person, connection: label.clone() });
    }
    let way = Way { method: Method::Idp, connection: Some(label) };
    events.push(Event::SignedIn { person, way, first });
    let probed = refresh_token.is_some();
    let origin = Origin::of(connection.id, &id_token, refresh_token);
    let opened = session::open(&tx, &caller, person, Some(&origin)).await?;
    record_all(&tx, &caller, &events).await?;
    tx.commit().await?;
    if probed {
        auth.probes.note(tenant.id);
    }
    tracing::info!(tenant.id = %tenant.id, person.id = %person, connection.id = %connection.id, "a person signed in");
    Ok(opened)
}

/// An IdP may give a subject to somebody new. Then the claim names somebody else than the link, and neither comes in
/// until the connection is declared anew.
fn decide(linked: Option<PersonId>, claimed: Option<PersonId>) -> Result<PersonId, Refusal> {
    match (linked, claimed) {
        (None, None) => Err(Refusal::UnknownPerson),
        (Some(linked), Some(claimed)) if linked != claimed => Err(Refusal::OtherPerson),
        (Some(person), _) | (None, Some(person)) => Ok(person),
    }
}

#[cfg(test)]
mod tests;
