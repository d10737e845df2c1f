//! Loads only those people whom a part is about, so that one leaver of 50,000 people costs milliseconds.

use std::collections::{BTreeMap, BTreeSet};

use freehold_tenancy::TenantTx;
use freehold_types::{DirectoryId, Fault, PersonId};

use super::compute::references_follow;
use crate::directory::Directory;
use crate::known::{Known, KnownPerson};
use crate::reading::{Key, Reading, SeenPerson};
use crate::store;

/// A part about more people than this is compared with everybody.
const PEOPLE_MAX: usize = 100;
/// Of so many ids that are gone it is asked whether they were ever here.
const GONE_MAX: usize = 1_000;

/// Leaves out of a part what is no news of anybody here: who is gone and was never here, and a roll that everybody is
/// on.
pub(crate) async fn forget_strangers(tx: &TenantTx, directory: DirectoryId, part: &mut Reading) -> Result<(), Fault> {
    if part.roll.is_some() {
        let people = store::person::known(tx, directory).await?;
        let groups = store::directory_group::known(tx, directory).await?;
        if !part.call_roll(&Known { people, groups, ..Known::default() }) {
            return Ok(());
        }
    }
    let keys: Vec<Key> = part.gone.keys().copied().collect();
    if keys.is_empty() || keys.len() > GONE_MAX {
        return Ok(());
    }
    let people = store::person::with_keys(tx, directory, &keys).await?.into_iter().map(|person| person.key);
    let groups = store::directory_group::known_keys(tx, directory, &keys).await?;
    let links = store::directory_link::known_keys(tx, directory, &keys).await?;
    let known: BTreeSet<Key> = people.chain(groups).chain(links).collect();
    part.gone.retain(|key, _| known.contains(key));
    Ok(())
}

/// What a part is about, when that is enough: people who are known, whose name and manager are as they were, and people
/// who leave. Nothing when somebody else may be concerned.
pub(super) async fn load(tx: &TenantTx, directory: &Directory, reading: &Reading) -> Result<Option<Known>, Fault> {
    let keys: Vec<Key> = reading.people.iter().map(|seen| seen.key).chain(reading.gone.keys().copied()).collect();
    if keys.len() > PEOPLE_MAX || !reading.groups.is_empty() || !reading.kept.is_empty() || reading.roll.is_some() {
        return Ok(None);
    }
    let mentioned = store::person::with_keys(tx, directory.id, &keys).await?;
    let ids: Vec<PersonId> = mentioned.iter().map(|person| person.id).collect();
    if store::directory_link::any_of(tx, &ids).await? {
        return Ok(None);
    }
    let gone_keys: Vec<Key> = reading.gone.keys().copied().collect();
    if store::directory_group::any_with_key(tx, directory.id, &gone_keys).await?
        || !store::directory_link::known_keys(tx, directory.id, &keys).await?.is_empty()
    {
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
    same_name && !returns && seen.manager_dn == manager && seen.primary_group == known.primary_group
}
