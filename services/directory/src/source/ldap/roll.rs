//! The roll: which entries there are. It is how deletions are found where nothing tells of them.

use super::super::change::Listed;
use super::super::error::SourceError;
use super::super::{AnchorForm, Entry};
use super::bound::{Bound, Query};

impl Bound {
    /// Everything these filters find; only when every list was read to its end.
    pub(super) async fn roll(
        &mut self,
        filters: [&str; 2],
        anchor: &str,
        form: AnchorForm,
    ) -> Result<Vec<Listed>, SourceError> {
        let mut listed = Vec::new();
        let name = anchor.to_lowercase();
        for filter in filters {
            let query = Query::new(filter.to_owned(), vec![anchor.to_owned()]);
            let mut take = |entry: Entry| {
                let entry_id = entry.values(&name).first().and_then(|value| form.entry_id(value));
                listed.extend(entry_id.map(|entry_id| Listed { entry_id, dn: entry.dn }));
            };
            self.each(&query, &mut take).await?;
        }
        Ok(listed)
    }
}
