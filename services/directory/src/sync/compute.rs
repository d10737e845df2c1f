//! What a run would do: what the directory says now against what is stored. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use freehold_schema::field::directory::{CHANGE_SET_DIGEST, ENTRY_DN};
use freehold_tenancy::TenantTx;
use freehold_types::{Caller, DirectoryGroupId, Fault, Mint, PersonId, Reason};

use super::{Wish, light};
use crate::diff::{ChangeKind, ChangeSet, NewIds, changes, needs_all_groups};
use crate::directory::Directory;
use crate::guard::facts::{self, Gathered, HANDFUL};
use crate::identity::{self, Links};
use crate::known::{Known, Member, Totals};
use crate::origin::{Change, Cursor, Origin};
use crate::progress::Progress;
use crate::reading::{Collector, Key, PROGRESS_ENTRIES, Reading, Scope, Skips, normalise};
use crate::source::SourceKind;
use crate::sync_run::Counts;
use crate::{Deps, guard, store};

/// What a run would do, with what it was computed from.
pub(crate) struct Computed {
    pub reading: Reading,
    pub known: Known,
    pub set: ChangeSet,
    pub links: Links,
    pub skips: Skips,
    /// Digest of the change set.
    pub id: String,
    pub held_because: Option<String>,
    pub gathered: Gathered,
    pub counts: Counts,
    /// Where to go on from once this is applied.
    pub cursor: Option<Cursor>,
}

impl Computed {
    /// Who leaves, and when the directory said so, or else when it was seen.
    pub(crate) fn leavers(&self, seen_at: DateTime<Utc>) -> impl Iterator<Item = (PersonId, DateTime<Utc>)> {
        let leaving = self.set.people.iter().filter(|change| change.kind == ChangeKind::Deactivate);
        leaving.map(move |change| {
            let seen = change.seen.and_then(|place| self.reading.people.get(place));
            let said = match seen {
                Some(seen) => seen.changed_at,
                None => self.reading.gone.get(&change.key).copied().flatten(),
            };
            (change.id, said.unwrap_or(seen_at))
        })
    }
}

/// Reads everything and compares.
pub(crate) async fn whole(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    wish: &Wish,
    progress: &Progress,
) -> Result<Computed, Fault> {
    let keys = deps.tenancy.keys(caller).await?;
    let origin = Origin::open(deps, caller, directory)?;
    let tx = deps.tenancy.begin(caller).await?;
    let expected_people = store::sync_run::people_read_last(&tx, directory.id).await?;
    drop(tx);
    let mut collector = Collector::whole(keys);
    let cursor = collector.drain(origin.read().await?, expected_people, progress).await?;
    let reading = collector.finish()?;
    progress.tell("comparing", 0, 0);
    let tx = deps.tenancy.begin(caller).await?;
    let mut known = load(&tx, directory).await?;
    if wish.full {
        known.people.iter_mut().for_each(|person| person.digest = Key::default());
        known.groups.iter_mut().for_each(|group| group.digest = Key::default());
    }
    compare(deps, &tx, directory, reading, known, cursor).await
}

/// Asks what changed since the stored cursor and compares that; nothing when only a whole reading tells.
pub(crate) async fn since(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    cursor: &Cursor,
    progress: &Progress,
) -> Result<Option<Computed>, Fault> {
    let origin = Origin::open(deps, caller, directory)?;
    let mut collector = Collector::part(deps.tenancy.keys(caller).await?);
    if origin.unchanged_since(cursor).await? {
        return part(deps, caller, directory, collector.finish()?, Some(cursor.clone()), progress).await;
    }
    let mut following = match origin.follow(cursor).await {
        Ok(following) => following,
        Err(fault) if fault.reason() == Reason::DirectoryNotFollowed => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let mut count = 0_u64;
    let cursor = loop {
        match following.due().await? {
            Change::Observed(observed) => {
                collector.take(observed);
                count = count.saturating_add(1);
                if count.is_multiple_of(PROGRESS_ENTRIES) {
                    progress.tell("reading changes", count, 0);
                }
            }
            Change::InStep(cursor) => {
                progress.tell("reading changes", count, count);
                break cursor;
            }
            Change::ReadAgain { because } => {
                tracing::info!(directory.id = %directory.id, because, "the line of changes broke");
                return Ok(None);
            }
        }
    };
    drop(following);
    part(deps, caller, directory, collector.finish()?, Some(cursor), progress).await
}

/// Compares changes; nothing when they would be held or look as if they should be: then a whole reading decides.
pub(crate) async fn part(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    mut reading: Reading,
    cursor: Option<Cursor>,
    progress: &Progress,
) -> Result<Option<Computed>, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let known = if reading.says_nothing() {
        // Of nothing no share is taken, so nobody is counted.
        Known { totals: Some(Totals::default()), ..Known::default() }
    } else {
        match light::load(&tx, directory, &reading).await? {
            Some(known) => known,
            None => load(&tx, directory).await?,
        }
    };
    if !reading.call_roll(&known) {
        return Ok(None);
    }
    let tx = if needs_all_groups(&reading, &known) {
        // A transaction does not wait for a directory server.
        drop(tx);
        let mut groups = Collector::whole(deps.tenancy.keys(caller).await?);
        groups.drain(Origin::open(deps, caller, directory)?.read_groups().await?, 0, progress).await?;
        reading.with_groups_of(groups.finish()?);
        deps.tenancy.begin(caller).await?
    } else {
        tx
    };
    let computed = compare(deps, &tx, directory, reading, known, cursor).await?;
    // What its groups say of somebody who was handed over only a whole reading tells.
    let doubtful = !computed.links.handed_over.is_empty()
        || computed.held_because.is_some()
        || facts::missing(&computed.set).len() > HANDFUL;
    Ok((!doubtful).then_some(computed))
}

async fn compare(
    deps: &Deps,
    tx: &TenantTx,
    directory: &Directory,
    mut reading: Reading,
    mut known: Known,
    cursor: Option<Cursor>,
) -> Result<Computed, Fault> {
    let mut skips = std::mem::take(&mut reading.skips);
    let links = identity::settle(tx, directory, &mut reading, &mut known, &mut skips).await?;
    let administrators = store::policy::administrators_group(tx).await?;
    let dn = normalise(&administrators);
    let named = dn.as_deref().map(|dn| (dn, tx.keys().index(ENTRY_DN, dn.as_bytes())));
    let mut set = changes(&reading, &known, named, &MintedIds(&deps.mint), &mut skips)?;
    set.fingerprint.extend(links.fingerprint());
    let id = hex(&tx.keys().index(CHANGE_SET_DIGEST, &std::mem::take(&mut set.fingerprint)));
    let gathered = facts::gather(tx, directory.id, &reading, &known, &set).await?;
    let held_because = guard::hold(&set, directory.settings.limit(), &gathered.facts);
    let counts = Counts::of(&reading, &set, &skips);
    Ok(Computed { reading, known, set, links, skips, id, held_because, gathered, counts, cursor })
}

/// Everything that is stored of the directory, and every name of the tenant's other ones.
async fn load(tx: &TenantTx, directory: &Directory) -> Result<Known, Fault> {
    let people = store::person::known(tx, directory.id).await?;
    let groups = store::directory_group::known(tx, directory.id).await?;
    let ours: BTreeSet<DirectoryGroupId> = groups.iter().map(|group| group.id).collect();
    let all = store::directory_group::all_members(tx).await?;
    let (edges, edges_elsewhere) = all.into_iter().partition(|(group, _)| ours.contains(group));
    let mut others = store::person::elsewhere(tx, directory.id).await?;
    // Of two people with one name the active one is meant.
    others.sort_by_key(|person| person.active);
    let others = others.into_iter().filter_map(|person| Some((person.dn?, Member::Person(person.id))));
    let groups_elsewhere = store::directory_group::elsewhere(tx, directory.id).await?.into_iter();
    let groups_elsewhere = groups_elsewhere.filter_map(|group| Some((group.dn?, Member::Group(group.id))));
    let links = store::directory_link::all(tx).await?;
    let linked = links.iter().map(|link| (link.dn, Member::Person(link.person)));
    let elsewhere: BTreeMap<Key, Member> = groups_elsewhere.chain(others).chain(linked).collect();
    let references_follow = references_follow(directory);
    Ok(Known { people, groups, edges, elsewhere, links, edges_elsewhere, references_follow, totals: None })
}

/// Active Directory gives a reference the new name of what it refers to, and says so of nobody.
pub(super) fn references_follow(directory: &Directory) -> bool {
    directory.settings.kind() == Some(SourceKind::ActiveDirectory)
}

struct MintedIds<'a>(&'a Mint);

impl NewIds for MintedIds<'_> {
    fn person(&self) -> PersonId {
        self.0.id()
    }
    fn group(&self) -> DirectoryGroupId {
        self.0.id()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Computed {
    /// Whether it was computed from everything the directory has.
    pub(super) fn is_whole(&self) -> bool {
        self.reading.people_scope == Scope::Whole
    }
}
