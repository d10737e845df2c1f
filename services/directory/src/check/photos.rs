//! How it is with the photos of a sample of entries.

use std::collections::BTreeSet;

use freehold_types::Fault;

use super::{Check, ENTRY_ID};
use crate::origin::Origin;
use crate::photo;
use crate::settings::Settings;
use crate::source::Entry;

/// What was seen of photos.
pub(super) struct Photos {
    /// Where they are; none when none are read, and when only a connector knows.
    pub attribute: Option<String>,
    read: bool,
    found: usize,
    unusable: usize,
    switched_off: bool,
}

impl Photos {
    pub(super) fn new(settings: &Settings) -> Self {
        let (attribute, read) = (settings.photo_attribute(), settings.reads_photos());
        Self { attribute, read, found: 0, unusable: 0, switched_off: settings.photos == Some(false) }
    }

    /// Looks at the photo of an entry; answers what is wrong with it.
    pub(super) async fn look_at_entry(&mut self, mut entry: Entry) -> Option<String> {
        let photo = entry.attributes.remove(self.attribute.as_deref()?)?.into_iter().next()?;
        self.look_at(photo).await
    }

    async fn look_at(&mut self, photo: Vec<u8>) -> Option<String> {
        self.found += 1;
        let looked = tokio::task::spawn_blocking(move || photo::check(&photo)).await;
        let because = match looked {
            Ok(Ok(())) => return None,
            Ok(Err(unusable)) => unusable.to_string(),
            Err(gave_up) => format!("it breaks the decoder: {gave_up}"),
        };
        self.unusable += 1;
        Some(format!("the photo cannot be used: {because}"))
    }

    /// In one sentence.
    pub(super) fn words(&self, samples: usize) -> String {
        if !self.read {
            let because = "photos are not read, because the manifest says photos = false";
            return if self.switched_off { because.to_owned() } else { String::new() };
        }
        let place = self.attribute.iter().map(|attribute| format!(" in {attribute}")).collect::<String>();
        let found = format!("{} of {samples} sampled entries have a photo{place}", self.found);
        if self.unusable == 0 { found } else { format!("{found}; {} cannot be used", self.unusable) }
    }
}

/// Adds how it is with the photos of entries that a connector sampled.
pub(super) async fn through(origin: &Origin, settings: &Settings, mut check: Check) -> Check {
    let mut photos = Photos::new(settings);
    let looked = if photos.read { look(origin, &mut photos, &mut check).await } else { Ok(()) };
    check.photos = match looked {
        Ok(()) => photos.words(check.samples.len()),
        Err(fault) => format!("photos cannot be read: {}", fault.message()),
    };
    check
}

async fn look(origin: &Origin, photos: &mut Photos, check: &mut Check) -> Result<(), Fault> {
    let ids: BTreeSet<String> =
        check.samples.iter().filter_map(|sample| sample.fields.get(ENTRY_ID)).cloned().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut listed = origin.photos(Some(&ids)).await?;
    while let Some(listed) = listed.next().await? {
        let Some(photo) = listed.photo else { continue };
        let mut samples = check.samples.iter_mut();
        let Some(sample) = samples.find(|sample| sample.fields.get(ENTRY_ID) == Some(&listed.entry_id)) else {
            continue;
        };
        sample.notes.extend(photos.look_at(photo).await);
    }
    Ok(())
}
