//! Values that a server gives in pieces: Active Directory names a long attribute `member;range=0-1499` and wants to be
//! asked for the rest.

use super::super::Entry;
use super::super::error::SourceError;
use super::{Bound, Query};

/// Values of one attribute that was given in pieces.
pub const RANGE_VALUES_MAX: usize = super::super::frame::ATTRIBUTE_VALUES_MAX;
/// How often an entry is read from its beginning because it changed between two pieces.
const WHOLE_ATTEMPTS_MAX: u8 = 5;

const ANY: &str = "(objectClass=*)";
const RANGE: &str = ";range=";
/// What tells that an entry changed between two pieces.
const STAMPS: [&str; 2] = ["uSNChanged", "modifyTimestamp"];

/// Whether some attribute of an entry came in pieces.
pub(super) fn cut(entry: &Entry) -> bool {
    entry.attributes.keys().any(|name| name.contains(RANGE))
}

/// The name of an attribute without a range that was asked for with it.
pub(super) fn unranged(name: &str) -> &str {
    name.split_once(RANGE).map_or(name, |(name, _range)| name)
}

/// The name under which an entry is found again even if it was renamed in between, where the server knows one.
pub(super) fn lasting_name(entry: &Entry) -> String {
    match entry.values("objectguid") {
        [guid] if guid.len() == 16 => guid_name(guid),
        _ => entry.dn.clone(),
    }
}

/// Active Directory's way to name an entry by its `objectGUID`.
pub(super) fn guid_name(guid: &[u8]) -> String {
    let digits: String = guid.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<GUID={digits}>")
}

/// A piece of an attribute: `last` is none when nothing follows.
struct Piece {
    attribute: String,
    first: usize,
    last: Option<usize>,
    values: Vec<Vec<u8>>,
}

impl Piece {
    /// Takes a piece out of an entry.
    fn take(entry: &mut Entry) -> Result<Option<Self>, SourceError> {
        let Some(key) = entry.attributes.keys().find(|name| name.contains(RANGE)).cloned() else { return Ok(None) };
        let values = entry.attributes.remove(&key).unwrap_or_default();
        let (attribute, range) = key.split_once(RANGE).unwrap_or((&key, ""));
        let attribute = attribute.to_owned();
        let wrong = || SourceError::Cut { attribute: attribute.clone() };
        let (first, last) = range.split_once('-').ok_or_else(wrong)?;
        let first: usize = first.parse().map_err(|_error| wrong())?;
        let last = if last == "*" { None } else { Some(last.parse::<usize>().map_err(|_error| wrong())?) };
        let told = last.map(|last| last.checked_sub(first).and_then(|count| count.checked_add(1)));
        if told.is_some_and(|told| told != Some(values.len())) {
            return Err(wrong());
        }
        Ok(Some(Self { attribute, first, last, values }))
    }
}

impl Bound {
    /// One entry with all its values; nothing when it is not there or the filter does not let it through.
    pub(super) async fn read_whole(&mut self, name: &str, query: &Query) -> Result<Option<Entry>, SourceError> {
        let mut attribute = String::new();
        for _attempt in 0..WHOLE_ATTEMPTS_MAX {
            let mut asked = query.attributes.clone();
            asked.extend(STAMPS.map(str::to_owned));
            let found = match self.read_base(name, &query.filter, asked, Vec::new()).await {
                Err(SourceError::BaseNotFound { .. }) => None,
                other => other?,
            };
            let Some(mut entry) = found else { return Ok(None) };
            match self.complete_pieces(name, &mut entry).await? {
                None => {
                    entry.attributes.retain(|name, _values| query.wants(name));
                    return Ok(Some(entry));
                }
                Some(changing) => attribute = changing,
            }
        }
        Err(SourceError::Cut { attribute })
    }

    /// Asks for the rest of every attribute that came in pieces. Gives the attribute during which the entry changed:
    /// then what was read of it is no moment's truth.
    async fn complete_pieces(&mut self, name: &str, entry: &mut Entry) -> Result<Option<String>, SourceError> {
        let stamps = stamps_of(entry);
        while let Some(piece) = Piece::take(entry)? {
            let Piece { attribute, first, mut last, mut values } = piece;
            if first != 0 || !entry.values(&attribute).is_empty() {
                return Err(SourceError::Cut { attribute });
            }
            while let Some(before) = last {
                let from = before.saturating_add(1);
                let asked = [format!("{attribute}{RANGE}{from}-*")].into_iter().chain(STAMPS.map(str::to_owned));
                let more = match self.read_base(name, ANY, asked.collect(), Vec::new()).await {
                    Err(SourceError::BaseNotFound { .. }) => None,
                    other => other?,
                };
                let Some(mut more) = more.filter(|more| stamps_of(more) == stamps) else {
                    return Ok(Some(attribute));
                };
                let Some(next) = Piece::take(&mut more)? else { return Ok(Some(attribute)) };
                if next.first != from || next.attribute != attribute || next.values.is_empty() {
                    return Err(SourceError::Cut { attribute });
                }
                values.extend(next.values);
                if values.len() > RANGE_VALUES_MAX {
                    let limit = u64::try_from(RANGE_VALUES_MAX).unwrap_or(u64::MAX);
                    return Err(SourceError::TooMany { what: "values of one attribute", limit });
                }
                last = next.last;
            }
            entry.attributes.insert(attribute, values);
        }
        Ok(None)
    }
}

fn stamps_of(entry: &Entry) -> Vec<Vec<Vec<u8>>> {
    STAMPS.iter().map(|name| entry.values(&name.to_lowercase()).to_vec()).collect()
}
