//! How it is with the photos of a sample of entries.

use crate::photo;
use crate::settings::Settings;
use crate::source::Entry;

/// What was seen of photos.
pub(super) struct Photos {
    /// Where they are; none when none are read.
    pub attribute: Option<String>,
    found: usize,
    unusable: usize,
    switched_off: bool,
}

impl Photos {
    pub(super) fn new(settings: &Settings) -> Self {
        let switched_off = settings.photos == Some(false);
        Self { attribute: settings.photo_attribute(), found: 0, unusable: 0, switched_off }
    }

    /// Looks at the photo of an entry; answers what is wrong with it.
    pub(super) async fn look_at(&mut self, mut entry: Entry) -> Option<String> {
        let photo = entry.attributes.remove(self.attribute.as_deref()?)?.into_iter().next()?;
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
        match (&self.attribute, self.unusable) {
            (None, _) if self.switched_off => {
                "photos are not read, because the manifest says photos = false".to_owned()
            }
            (None, _) => String::new(),
            (Some(attribute), 0) => format!("{} of {samples} sampled entries have a photo in {attribute}", self.found),
            (Some(attribute), unusable) => {
                let found = self.found;
                format!("{found} of {samples} sampled entries have a photo in {attribute}; {unusable} cannot be used")
            }
        }
    }
}
