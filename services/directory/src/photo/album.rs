//! The photos of one directory while they are read.
//!
//! A photo is whatever somebody put into the directory, so it is taken for hostile: bounded before it is decoded, cut to
//! a square and written anew, so that nothing of the original but its picture stays.

use std::collections::{BTreeMap, BTreeSet};

use freehold_schema::field::directory::{PERSON_ENTRY, PERSON_PHOTO_DIGEST};
use freehold_types::{Caller, Fault, PersonId, SyncRunId};
use freehold_vault::TenantKeys;

use super::{Whose, decode};
use crate::directory::Directory;
use crate::origin::{ListedPhoto, Origin};
use crate::reading::{Key, Skips};
use crate::store::person_photo;
use crate::{Deps, store};

/// So many photos may go at once, whatever part of all they are.
const REMOVED_MAX: u64 = 20;

/// Photos as they are stored, and what a reading of the directory makes of them.
pub(super) struct Album<'a> {
    deps: &'a Deps,
    caller: &'a Caller,
    directory: &'a Directory,
    keys: TenantKeys,
    /// Active people by their immutable ids, with the digests of their photos.
    known: BTreeMap<Key, (PersonId, Option<Key>)>,
    seen: BTreeSet<Key>,
    /// People who have a photo here, and whose entries were listed without one.
    without: BTreeMap<Key, PersonId>,
    skips: Skips,
    /// Whether something changed that nobody sees yet.
    changed: bool,
}

impl<'a> Album<'a> {
    pub(super) async fn open(
        deps: &'a Deps,
        caller: &'a Caller,
        directory: &'a Directory,
        whose: &Whose,
        changed: bool,
    ) -> Result<Self, Fault> {
        let keys = deps.tenancy.keys(caller).await?;
        let index = |id: &String| keys.index(PERSON_ENTRY, id.as_bytes());
        let only: Option<Vec<Key>> = match whose {
            Whose::Everybody => None,
            Whose::Of(these) => Some(these.iter().map(index).collect()),
        };
        let tx = deps.tenancy.begin(caller).await?;
        let known = person_photo::known(&tx, directory.id, only.as_deref()).await?;
        drop(tx);
        let (seen, without, skips) = (BTreeSet::new(), BTreeMap::new(), Skips::default());
        Ok(Self { deps, caller, directory, keys, known, seen, without, skips, changed })
    }

    /// Reads to the end. New photos are written as they come; the end says who has none any more.
    pub(super) async fn read(&mut self, whose: &Whose) -> Result<(), Fault> {
        let settings = &self.directory.settings;
        if !settings.reads_photos() {
            // The manifest says so.
            let had = self.known.iter().filter(|(_, (_, photo))| photo.is_some());
            self.without = had.map(|(key, (person, _))| (*key, *person)).collect();
            return self.remove().await;
        }
        let only = match whose {
            Whose::Everybody => None,
            Whose::Of(these) => Some(these),
        };
        let origin = Origin::open(self.deps, self.caller, self.directory)?;
        let mut photos = origin.photos(only).await?;
        while let Some(listed) = photos.next().await? {
            self.take(listed).await?;
        }
        if self.may_remove().await? { self.remove().await } else { Ok(()) }
    }

    async fn take(&mut self, listed: ListedPhoto) -> Result<(), Fault> {
        let ListedPhoto { entry_id, dn, photo } = listed;
        let key = self.keys.index(PERSON_ENTRY, entry_id.as_bytes());
        let Some((person, before)) = self.known.get(&key).copied() else { return Ok(()) };
        if !self.seen.insert(key) {
            self.without.remove(&key);
            self.skips.push(&dn, "another entry has the same immutable id; its photo is not used");
            return Ok(());
        }
        let Some(photo) = photo else {
            if before.is_some() {
                self.without.insert(key, person);
            }
            return Ok(());
        };
        let digest = self.keys.index(PERSON_PHOTO_DIGEST, &photo);
        if before == Some(digest) {
            return Ok(());
        }
        match self.decoded(photo).await? {
            Ok(jpeg) => self.write(person, key, digest, &jpeg).await,
            Err(unusable) => {
                self.skips.push(&dn, format!("the photo cannot be used: {unusable}"));
                Ok(())
            }
        }
    }

    async fn decoded(&self, photo: Vec<u8>) -> Result<Result<Vec<u8>, String>, Fault> {
        let permit = self.deps.photos.decoder.acquire().await;
        let permit = permit.map_err(|closed| Fault::internal("decoding a photo", closed))?;
        // A decoder that gives up in another way than by saying so is no reason for anything else to stop.
        let decoded = tokio::task::spawn_blocking(move || decode::square(&photo)).await;
        drop(permit);
        Ok(match decoded {
            Ok(decoded) => decoded.map_err(|unusable| unusable.to_string()),
            Err(gave_up) => Err(format!("it breaks the decoder: {gave_up}")),
        })
    }

    /// Writes one. One row of a person in a transaction keeps out of the way of runs, which hold many.
    async fn write(&mut self, person: PersonId, key: Key, digest: Key, jpeg: &[u8]) -> Result<(), Fault> {
        let tx = self.deps.tenancy.begin(self.caller).await?;
        // Whoever left or moved on meanwhile gets none from here.
        if person_photo::put(&tx, self.directory.id, person, key, digest, jpeg).await? {
            tx.commit().await?;
            self.changed = true;
        }
        Ok(())
    }

    /// Whether so many photos may go as were not there any more.
    async fn may_remove(&mut self) -> Result<bool, Fault> {
        let gone = u64::try_from(self.without.len()).unwrap_or(u64::MAX);
        if gone <= REMOVED_MAX {
            return Ok(true);
        }
        let tx = self.deps.tenancy.begin(self.caller).await?;
        let stored = person_photo::count(&tx, self.directory.id).await?;
        if gone.saturating_mul(2) <= stored {
            return Ok(true);
        }
        let place = self.directory.settings.photo_attribute().unwrap_or_else(|| "the directory".to_owned());
        let because = format!(
            "{gone} of {stored} photos are not in {place} any more, so none was removed: most likely the account \
             lost the right to read them; if they are to go, set photos = false for one run"
        );
        self.skips.push(self.about(), because);
        Ok(false)
    }

    /// What is told of them all is about.
    fn about(&self) -> &'a str {
        let settings = &self.directory.settings;
        // Only the connector knows where it reads.
        if settings.base_dn.is_empty() { &settings.name } else { &settings.base_dn }
    }

    async fn remove(&mut self) -> Result<(), Fault> {
        for (key, person) in std::mem::take(&mut self.without) {
            let tx = self.deps.tenancy.begin(self.caller).await?;
            if person_photo::remove(&tx, self.directory.id, person, key).await? {
                tx.commit().await?;
                self.changed = true;
            }
        }
        Ok(())
    }

    /// Shows what was written, and tells the run that wanted it what could not be used. What was cut off stays wanted.
    pub(super) async fn close(mut self, run: SyncRunId, ended: Result<i64, Fault>) -> Result<(), Fault> {
        let (up_to, failed) = match ended {
            Ok(up_to) => (Some(up_to), None),
            Err(fault) => {
                let cure = fault.how_to_cure().map(|cure| format!("; {cure}")).unwrap_or_default();
                let because = format!("photos were not all read, the next run goes on: {}{cure}", fault.message());
                self.skips.push(self.about(), because);
                (None, Some(fault))
            }
        };
        // Each for itself: what runs and undoing runs lock in one order is never held in another one.
        if self.changed {
            let tx = self.deps.tenancy.begin(self.caller).await?;
            store::people_version::advance(&tx).await?;
            tx.commit().await?;
        }
        let tx = self.deps.tenancy.begin(self.caller).await?;
        store::sync_run::tell_of_photos(&tx, run, &self.skips).await?;
        tx.commit().await?;
        if let Some(up_to) = up_to {
            let tx = self.deps.tenancy.begin(self.caller).await?;
            store::photo_reading::done(&tx, self.directory.id, up_to).await?;
            tx.commit().await?;
        }
        failed.map_or(Ok(()), Err)
    }
}
