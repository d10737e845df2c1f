//! Loads only those people whom a part is about, so that one leaver of 50,000 people costs milliseconds.

use std::collections::{BTreeMap, BTreeSet};

use freehold_tenancy::TenantTx;
use freehold_types::{Fault, PersonId};

use super::compute::references_follow;
use crate::directory::Directory;
use crate::known::{Known, KnownPerson};
use crate::reading::{Key, Reading, SeenPerson};
use crate::store;

/// A part about more people than this is compared with everybody.
const PEOPLE_MAX: usize = 100;

/// What a part is about, when that is enough: people who are known, whose name and manager are as they were, and people
/// who leave. Nothing when somebody else may be concerned.
pub(super) async fn load(tx: &TenantTx, directory: &Directory, reading: &Reading) -> Result<Option<Known>, Fault> {
    let keys: Vec<Key> = reading.people.iter().map(|seen| seen.key).chain(reading.gone.keys().copied()).collect();
    if keys.len() > PEOPLE_MAX || !reading.groups.is_empty() || !reading.kept.is_empty() || reading.roll.is_some() {
        return Ok(None);
    }
    let mentioned = store::person::with_keys(tx, directory.id, &keys).await?;
    let gone_keys: Vec<Key> = reading.gone.keys().copied().collect();
    if store::directory_group::any_with_key(tx, directory.id, &gone_keys).await? {
        return Ok(None);
    }
    let managers: Vec<PersonId> = mentioned.iter().filter_map(|person| person.manager).collect();
    let gone: Vec<PersonId> =
        mentioned.iter().filter(|person| reading.gone.contains_key(&person.key)).map(|person| person.id).collect();
    let mut people: BTreeMap<PersonId, KnownPerson> = mentioned.into_iter().map(|person| (person.id, person)).collect();
    for other in store::person::with_ids_or_managers(tx, directory.id, &managers, &gone).await? {
        people.entry(other.id).or_insert(other);
    }
    let references_follow = references_follow(directory);
    let by_key: BTreeMap<Key, &KnownPerson> = people.values().map(|person| (person.key, person)).collect();
    for seen in &reading.people {
        if !concerns_nobody_else(seen, by_key.get(&seen.key).copied(), &people, references_follow) {
            return Ok(None);
        }
    }
    let gone: BTreeSet<PersonId> = gone.into_iter().collect();
    let gone: Vec<PersonId> = gone.into_iter().collect();
    let edges = store::directory_group::members_of(tx, directory.id, &gone).await?;
    Ok(Some(Known {
        people: people.into_values().collect(),
        edges,
        references_follow,
        totals: Some(store::person::totals(tx, directory.id).await?),
        ..Known::default()
    }))
}

fn concerns_nobody_else(
    seen: &SeenPerson,
    known: Option<&KnownPerson>,
    people: &BTreeMap<PersonId, KnownPerson>,
    references_follow: bool,
) -> bool {
    // Whose access ended before they ever came is nobody here.
    let Some(known) = known else { return !seen.enabled };
    let manager = match known.manager {
        Some(manager) => people.get(&manager).and_then(|manager| manager.dn),
        None => known.missing_manager,
    };
    let same_name = known.dn == Some(seen.dn) || (references_follow && !seen.enabled);
    let returns = seen.enabled && !known.active;
    same_name && !returns && seen.manager_dn == manager
}
