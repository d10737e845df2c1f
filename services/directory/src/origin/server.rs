//! A directory server or an LDIF file: entries and the mapping that reads them.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use freehold_types::Fault;

use super::{Change, Cursor, ListedPhoto, Observed, Proof, Step};
use crate::mapping::{MappedPerson, Mapping, Unusable};
use crate::settings::Settings;
use crate::source::change::{self, Change as SourceChange};
use crate::source::{Entry, Listing, Read, Reading, Source, SourceKind};

/// A source and how its entries are read.
pub(crate) struct Server {
    source: Source,
    mapping: Mapping,
    settings: Settings,
}

impl Server {
    pub(crate) fn open(settings: &Settings) -> Result<Self, Fault> {
        Ok(Self { source: settings.open()?, mapping: settings.mapping()?, settings: settings.clone() })
    }

    pub(crate) async fn read(&self) -> Result<Observations<'_>, Fault> {
        let cursor = self.source.cursor().await?.map(|cursor| Cursor(cursor.to_bytes()));
        let people = self.source.people().await?;
        Ok(Observations::new(self, Listing::People, people, cursor))
    }

    pub(crate) async fn read_groups(&self) -> Result<Observations<'_>, Fault> {
        let groups = self.source.groups().await?;
        Ok(Observations::new(self, Listing::Groups, groups, None))
    }

    /// The photos; nothing when settings say that none are read.
    pub(crate) async fn photos(&self, only: Option<&BTreeSet<String>>) -> Result<Option<Photos>, Fault> {
        let (Some(attribute), Some(kind)) = (self.settings.photo_attribute(), self.settings.kind()) else {
            return Ok(None);
        };
        let reading = self.settings.open_photos(&attribute, only)?.people().await?;
        Ok(Some(Photos { reading, kind, attribute, only: only.cloned() }))
    }

    pub(crate) async fn unchanged_since(&self, cursor: &Cursor) -> Result<bool, Fault> {
        match change::Cursor::from_bytes(&cursor.0) {
            Some(cursor) => Ok(self.source.unchanged_since(&cursor).await?),
            None => Ok(false),
        }
    }

    pub(crate) async fn follow(&self, cursor: &Cursor) -> Result<Following, Fault> {
        let source = match change::Cursor::from_bytes(&cursor.0) {
            Some(cursor) => Some(self.source.follow(&cursor).await?),
            None => None,
        };
        Ok(Following { source, mapping: self.mapping.clone(), told: VecDeque::new() })
    }
}

/// What an entry tells, and what had to be left out of it.
fn observe(
    mapping: &Mapping,
    listing: Listing,
    entry: &Entry,
    changed_at: Option<DateTime<Utc>>,
    told: &mut VecDeque<Observed>,
) {
    let note = |because| told.push_back(Observed::Note { dn: entry.dn.clone(), because });
    let observed = match listing {
        Listing::People => {
            mapping.person(entry, note).map(|person| Observed::Person(MappedPerson { changed_at, ..person }))
        }
        Listing::Groups => mapping.group(entry, note).map(Observed::Group),
    };
    told.push_back(observed.unwrap_or_else(|Unusable { entry_id, because }| Observed::Unusable {
        listing,
        dn: entry.dn.clone(),
        entry_id,
        because,
    }));
}

/// The people, then the groups, while they are read.
pub(crate) struct Observations<'a> {
    server: &'a Server,
    listing: Listing,
    reading: Reading,
    cursor: Option<Cursor>,
    told: VecDeque<Observed>,
    complete: bool,
}

impl<'a> Observations<'a> {
    const fn new(server: &'a Server, listing: Listing, reading: Reading, cursor: Option<Cursor>) -> Self {
        Self { server, listing, reading, cursor, told: VecDeque::new(), complete: false }
    }

    pub(crate) async fn next(&mut self) -> Result<Step, Fault> {
        loop {
            if let Some(observed) = self.told.pop_front() {
                return Ok(Step::Observed(observed));
            }
            if self.complete {
                return Ok(Step::Complete(Proof { cursor: self.cursor.clone() }));
            }
            match self.reading.next().await? {
                Read::Entry(entry) => observe(&self.server.mapping, self.listing, &entry, None, &mut self.told),
                Read::Complete(proof) => {
                    self.report_references(proof.references());
                    match self.listing {
                        Listing::People => {
                            self.listing = Listing::Groups;
                            self.reading = self.server.source.groups().await?;
                        }
                        Listing::Groups => self.complete = true,
                    }
                }
            }
        }
    }

    fn report_references(&mut self, references: u64) {
        if references > 0 {
            let because =
                format!("{references} references to other servers were not followed; what is there was not seen");
            self.told.push_back(Observed::Note { dn: self.server.settings.base_dn.clone(), because });
        }
    }
}

/// Photos of a server or a file while they are read.
pub(crate) struct Photos {
    reading: Reading,
    kind: SourceKind,
    attribute: String,
    only: Option<BTreeSet<String>>,
}

impl Photos {
    pub(crate) async fn next(&mut self) -> Result<Option<ListedPhoto>, Fault> {
        while let Read::Entry(entry) = self.reading.next().await? {
            if let Some(listed) = self.listed(entry) {
                return Ok(Some(listed));
            }
        }
        Ok(None)
    }

    /// A file has everybody, whoever was asked for.
    fn listed(&self, mut entry: Entry) -> Option<ListedPhoto> {
        let anchor = entry.values(&self.kind.anchor().to_lowercase()).first()?;
        let entry_id = self.kind.anchor_form().entry_id(anchor)?;
        let wanted = self.only.as_ref().is_none_or(|only| only.contains(&entry_id));
        let photo = entry.attributes.remove(&self.attribute).and_then(|values| values.into_iter().next());
        wanted.then_some(ListedPhoto { entry_id, dn: entry.dn, photo })
    }
}

/// Changes of a server while they come.
pub(crate) struct Following {
    /// None when the place to go on from cannot be read.
    source: Option<change::Following>,
    mapping: Mapping,
    told: VecDeque<Observed>,
}

impl Following {
    pub(crate) async fn next(&mut self) -> Result<Change, Fault> {
        let Some(source) = &mut self.source else {
            let because = "what was noted of the last reading cannot be read".to_owned();
            return Ok(Change::ReadAgain { because });
        };
        loop {
            if let Some(observed) = self.told.pop_front() {
                return Ok(Change::Observed(observed));
            }
            match source.next().await? {
                SourceChange::Entry { listing, entry, changed_at } => {
                    observe(&self.mapping, listing, &entry, changed_at, &mut self.told);
                }
                SourceChange::Gone { entry_id, changed_at } => {
                    return Ok(Change::Observed(Observed::Gone { entry_id, changed_at }));
                }
                SourceChange::Roll(roll) => return Ok(Change::Observed(Observed::Roll(roll))),
                SourceChange::InStep(cursor) => return Ok(Change::InStep(Cursor(cursor.to_bytes()))),
                SourceChange::ReadAgain { because } => return Ok(Change::ReadAgain { because }),
            }
        }
    }
}
