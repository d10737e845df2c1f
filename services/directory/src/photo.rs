//! People's photos: read after the people, so that nobody waits for them.
//!
//! A run only notes that photos are to be read. That is done beside the runs, one reading of a
//! directory at a time; what was cut off is read as a whole with the next run, when the process starts again, or when
//! the connector comes back.

mod album;
mod decode;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_types::{Caller, DirectoryId, Fault, PersonId, Service, SyncRunId, TenantId};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::directory::Directory;
use crate::reading::{Key, Reading, Scope};
use crate::{Deps, fault, store};
use album::Album;
pub(crate) use decode::check;

/// More photos than this of one reading are read with everybody's.
const SOUGHT_MAX: usize = 200;
/// Between two readings of one directory, so that many small changes need few of them.
const PAUSE: Duration = Duration::from_secs(1);

/// Which directory of which tenant.
type Place = (TenantId, DirectoryId);

/// Whose photos are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whose {
    Everybody,
    /// People with these immutable ids.
    Of(BTreeSet<String>),
}

/// What one run wants, or several together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sought {
    whose: Whose,
    /// How many times photos were wanted before it, and with it.
    after: i64,
    up_to: i64,
}

impl Sought {
    /// Everything that was wanted so far.
    const EVERYTHING: Self = Self { whose: Whose::Everybody, after: -1, up_to: i64::MAX };

    /// With what a later run wants.
    fn with(self, later: Self) -> Self {
        let whose = match (self.whose, later.whose) {
            (Whose::Of(mut these), Whose::Of(those)) if self.up_to == later.after => {
                these.extend(those);
                if these.len() > SOUGHT_MAX { Whose::Everybody } else { Whose::Of(these) }
            }
            _ => Whose::Everybody,
        };
        Self { whose, after: self.after.min(later.after), up_to: self.up_to.max(later.up_to) }
    }
}

/// Directories whose photos are to be read.
#[derive(Clone)]
pub(crate) struct Wishes {
    state: Arc<Mutex<State>>,
    some: Arc<Notify>,
    /// Whoever may decode: one at a time, because people come first.
    decoder: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    waiting: BTreeMap<Place, Sought>,
    /// What is being read.
    busy: BTreeSet<Place>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { state: Arc::default(), some: Arc::default(), decoder: Arc::new(Semaphore::new(1)) }
    }
}

impl Wishes {
    /// Asks for photos of a directory whose people were read.
    pub(crate) fn wish(&self, place: Place, sought: Sought) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let sought = match state.waiting.remove(&place) {
            Some(earlier) => earlier.with(sought),
            None => sought,
        };
        state.waiting.insert(place, sought);
        self.some.notify_one();
    }

    async fn next(&self) -> (Place, Sought) {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.some.notified().await;
        }
    }

    fn take(&self) -> Option<(Place, Sought)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let place = *state.waiting.keys().find(|place| !state.busy.contains(place))?;
        let sought = state.waiting.remove(&place)?;
        state.busy.insert(place);
        Some((place, sought))
    }

    fn done(&self, place: Place) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).busy.remove(&place);
        self.some.notify_one();
    }
}

/// Writes down that the photos of a reading are wanted, before the cursor behind it is stored: a process that ends
/// forgets none. Nothing when there are none to read.
pub(crate) async fn want(
    deps: &Deps,
    caller: &Caller,
    directory: &Directory,
    reading: &Reading,
    run: SyncRunId,
) -> Result<Option<Sought>, Fault> {
    let settings = &directory.settings;
    let whole = reading.people_scope == Scope::Whole;
    let removes = settings.photos == Some(false) && whole;
    if !settings.reads_photos() && !removes {
        return Ok(None);
    }
    let whose = if whole || reading.people.len() > SOUGHT_MAX {
        Whose::Everybody
    } else {
        let mut these = BTreeSet::new();
        for seen in reading.people.iter().filter(|seen| seen.enabled) {
            these.insert(reading.record(seen)?.entry_id);
        }
        if these.is_empty() {
            return Ok(None);
        }
        Whose::Of(these)
    };
    let tx = deps.tenancy.begin(caller).await?;
    let up_to = store::photo_reading::want(&tx, directory.id, run).await?;
    tx.commit().await?;
    Ok(Some(Sought { whose, after: up_to.saturating_sub(1), up_to }))
}

/// Reads photos whenever they are wanted, until it is dropped.
pub(crate) async fn keep(deps: &Deps) {
    left_behind(deps).await;
    let mut readings = JoinSet::new();
    loop {
        tokio::select! {
            (place, sought) = deps.photos.next() => {
                let deps = deps.clone();
                readings.spawn(async move {
                    if let Err(fault) = read(&deps, place, sought).await {
                        let reason = fault.reason().name();
                        tracing::warn!(tenant.id = %place.0, directory.id = %place.1, reason, "photos were not read");
                    }
                    sleep(PAUSE).await;
                    place
                });
            }
            Some(ended) = readings.join_next() => match ended {
                Ok(place) => deps.photos.done(place),
                // Of that directory no photos are read until the process starts again.
                Err(error) => tracing::error!(%error, "a reading of photos broke off"),
            },
        }
    }
}

/// Goes on with what was cut off of a directory whose connector is there again.
pub(crate) fn go_on(deps: &Deps, caller: &Caller, directory: DirectoryId) -> Result<(), Fault> {
    deps.photos.wish((caller.tenant()?, directory), Sought::EVERYTHING);
    Ok(())
}

/// What a process that ended has left. Of a directory behind a connector it waits until one is there.
async fn left_behind(deps: &Deps) {
    let due = async |tenant| {
        let tx = deps.tenancy.begin(&Caller::service(Service::Directory, tenant)).await?;
        let due = store::photo_reading::due(&tx).await?;
        let directories = store::directory::all(&tx).await?.into_iter();
        let ours = directories.filter(|directory| due.contains(&directory.id) && !directory.by_connector());
        Ok::<_, Fault>(ours.map(|directory| directory.id).collect::<Vec<_>>())
    };
    let tenants = match deps.tenancy.active_tenants().await {
        Ok(tenants) => tenants,
        Err(fault) => return tracing::warn!(reason = fault.reason().name(), "the registry cannot be read"),
    };
    for tenant in tenants {
        match due(tenant).await {
            Ok(directories) => {
                directories.into_iter().for_each(|id| deps.photos.wish((tenant, id), Sought::EVERYTHING));
            }
            Err(fault) => tracing::warn!(tenant.id = %tenant, reason = fault.reason().name(), "photos wait"),
        }
    }
}

/// The photo of a person who is active, as JPEG, and which one it is.
pub(crate) async fn get(deps: &Deps, caller: &Caller, id: PersonId) -> Result<(Vec<u8>, Key), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let people = store::person::list(&tx, &[id]).await?;
    let version = people.first().and_then(|person| person.photo.filter(|_| person.active));
    let version = version.ok_or_else(|| fault::photo_not_found(id))?;
    let jpeg = store::person_photo::get(&tx, id).await?.ok_or_else(|| fault::photo_not_found(id))?;
    Ok((jpeg, version))
}

async fn read(deps: &Deps, (tenant, id): Place, sought: Sought) -> Result<(), Fault> {
    let caller = Caller::service(Service::Directory, tenant);
    let tx = deps.tenancy.begin(&caller).await?;
    let stored = store::photo_reading::get(&tx, id).await?;
    let directory = store::directory::all(&tx).await?.into_iter().find(|directory| directory.id == id);
    drop(tx);
    let (Some(stored), Some(directory)) = (stored, directory.filter(|directory| !directory.retired)) else {
        return Ok(());
    };
    if stored.done >= sought.up_to.min(stored.wanted) {
        return Ok(());
    }
    // Something before was cut off: then only everybody's are enough, and that is all that was wanted until now.
    let cut_off = stored.done != sought.after;
    let (whose, up_to) = match sought.whose {
        Whose::Of(these) if !cut_off => (Whose::Of(these), sought.up_to),
        Whose::Of(_) | Whose::Everybody => (Whose::Everybody, stored.wanted),
    };
    let mut album = Album::open(deps, &caller, &directory, &whose, cut_off).await?;
    let ended = album.read(&whose).await;
    album.close(stored.run, ended.map(|()| up_to)).await
}

#[cfg(test)]
mod tests;
