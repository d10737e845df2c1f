//! Which ids there are: how deletions are found when the account may not see them.

use tokio::sync::mpsc;

use super::super::super::Read;
use super::super::super::error::SourceError;
use super::super::bound::{Bound, Query};

/// Entries that wait between the server and the list.
const BUFFER_ENTRIES: usize = 64;

impl Bound {
    /// The ids of everything these filters find, in order; only when every list was read to its end.
    pub(super) async fn ids(&mut self, filters: [&str; 2]) -> Result<Vec<u128>, SourceError> {
        let mut ids = Vec::new();
        for filter in filters {
            let query = Query::new(filter.to_owned(), vec!["objectGUID".to_owned()]);
            let (sender, mut read) = mpsc::channel(BUFFER_ENTRIES);
            let link = std::sync::Arc::clone(&self.connection.link);
            let collect = async {
                while let Some(Ok(Read::Entry(entry))) = read.recv().await {
                    link.taken();
                    ids.extend(entry.values("objectguid").first().and_then(|guid| number(guid)));
                }
            };
            let reading = async {
                let sender = sender;
                self.read_pages(&query, &sender).await
            };
            let (complete, ()) = tokio::join!(reading, collect);
            complete?;
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

pub(super) fn number(guid: &[u8]) -> Option<u128> {
    guid.try_into().ok().map(u128::from_be_bytes)
}

/// What was there and is not any more. Both lists are in order.
pub(super) fn missing<'a>(before: &'a [u128], now: &'a [u128]) -> impl Iterator<Item = [u8; 16]> + 'a {
    before.iter().filter(|id| now.binary_search(id).is_err()).map(|id| id.to_be_bytes())
}
