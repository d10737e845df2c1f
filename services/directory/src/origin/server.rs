//! A directory server or an LDIF file: entries and the mapping that reads them.

use std::collections::VecDeque;

use freehold_types::Fault;

use super::{Change, Cursor, Observed, Proof, Step};
use crate::fault;
use crate::mapping::{Mapping, Unusable};
use crate::settings::Settings;
use crate::source::{Entry, Listing, Read, Reading, Source};

/// A source and how its entries are read.
pub(crate) struct Server {
    source: Source,
    mapping: Mapping,
    base_dn: String,
    directory: String,
}

impl Server {
    pub(crate) fn open(settings: &Settings) -> Result<Self, Fault> {
        Ok(Self {
            source: settings.open()?,
            mapping: settings.mapping()?,
            base_dn: settings.base_dn.clone(),
            directory: settings.name.clone(),
        })
    }

    pub(crate) async fn read(&self) -> Result<Observations<'_>, Fault> {
        let people = self.source.people().await?;
        Ok(Observations::new(self, Listing::People, people))
    }

    pub(crate) async fn read_groups(&self) -> Result<Observations<'_>, Fault> {
        let groups = self.source.groups().await?;
        Ok(Observations::new(self, Listing::Groups, groups))
    }

    pub(crate) async fn follow(&self, _cursor: &Cursor) -> Result<Following, Fault> {
        Err(fault::not_followed(&self.directory))
    }

    /// What an entry tells, and what had to be left out of it.
    fn observe(&self, listing: Listing, entry: &Entry, told: &mut VecDeque<Observed>) {
        let note = |because| told.push_back(Observed::Note { dn: entry.dn.clone(), because });
        let observed = match listing {
            Listing::People => self.mapping.person(entry, note).map(Observed::Person),
            Listing::Groups => self.mapping.group(entry, note).map(Observed::Group),
        };
        told.push_back(observed.unwrap_or_else(|Unusable { entry_id, because }| Observed::Unusable {
            listing,
            dn: entry.dn.clone(),
            entry_id,
            because,
        }));
    }
}

/// The people, then the groups, while they are read.
pub(crate) struct Observations<'a> {
    server: &'a Server,
    listing: Listing,
    reading: Reading,
    told: VecDeque<Observed>,
    complete: bool,
}

impl<'a> Observations<'a> {
    const fn new(server: &'a Server, listing: Listing, reading: Reading) -> Self {
        Self { server, listing, reading, told: VecDeque::new(), complete: false }
    }

    pub(crate) async fn next(&mut self) -> Result<Step, Fault> {
        loop {
            if let Some(observed) = self.told.pop_front() {
                return Ok(Step::Observed(observed));
            }
            if self.complete {
                return Ok(Step::Complete(Proof::default()));
            }
            match self.reading.next().await? {
                Read::Entry(entry) => self.server.observe(self.listing, &entry, &mut self.told),
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
            self.told.push_back(Observed::Note { dn: self.server.base_dn.clone(), because });
        }
    }
}

/// Changes of a server while they come.
pub(crate) enum Following {}

impl Following {
    pub(crate) async fn next(&mut self) -> Result<Change, Fault> {
        match *self {}
    }
}
