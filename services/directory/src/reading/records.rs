//! The records of a reading. Most people did not change and nobody looks at their record again, so they wait sealed in
//! a temporary file: memory holds where each one is.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use freehold_schema::field::directory::PERSON_RECORD;
use freehold_types::Fault;
use freehold_vault::TenantKeys;
use prost::Message as _;

use crate::fault;
use crate::record::Record;

/// What is held in memory before it goes to the file; a few changes need no file at all.
const HELD_BYTES_MAX: usize = 1 << 20;

/// Where a record is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordAt {
    offset: u64,
    length: u32,
}

/// Records one after the other, each sealed with the tenant's key for the place where it is.
#[derive(Debug)]
pub(crate) struct Records {
    keys: TenantKeys,
    /// Nameless: it goes when this goes, or the process. None as long as memory is enough.
    file: Option<File>,
    /// How much is in the file; what is held follows it.
    written: u64,
    held: Vec<u8>,
    held_bytes_max: usize,
}

impl Records {
    pub(crate) const fn new(keys: TenantKeys) -> Self {
        Self { keys, file: None, written: 0, held: Vec::new(), held_bytes_max: HELD_BYTES_MAX }
    }

    /// Puts a record, encoded, away.
    pub(crate) fn put(&mut self, encoded: &[u8]) -> RecordAt {
        let offset = self.written.saturating_add(u64::try_from(self.held.len()).unwrap_or(u64::MAX));
        let sealed = self.keys.seal(PERSON_RECORD, &offset.to_be_bytes(), encoded);
        self.held.extend_from_slice(&sealed);
        if self.held.len() >= self.held_bytes_max
            && let Err(error) = self.write()
        {
            // Memory is enough for most companies.
            tracing::warn!(%error, folder = %std::env::temp_dir().display(), "no temporary file; memory is used instead");
            self.held_bytes_max = usize::MAX;
        }
        RecordAt { offset, length: u32::try_from(sealed.len()).unwrap_or(u32::MAX) }
    }

    /// Gets a record back.
    ///
    /// # Errors
    /// When the file cannot be read any more, or was changed.
    pub(crate) fn get(&self, at: RecordAt) -> Result<Record, Fault> {
        let sealed = self.read(at).map_err(fault::record_lost)?;
        let encoded = self.keys.open(PERSON_RECORD, &at.offset.to_be_bytes(), &sealed).map_err(fault::record_lost)?;
        Record::decode(encoded.as_slice()).map_err(fault::record_lost)
    }

    fn write(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        // Written at a place, so that half of a failed attempt is written over or never read.
        file.write_all_at(&self.held, self.written)?;
        self.written = self.written.saturating_add(u64::try_from(self.held.len()).unwrap_or(u64::MAX));
        self.held.clear();
        Ok(())
    }

    fn read(&self, at: RecordAt) -> io::Result<Vec<u8>> {
        let length = usize::try_from(at.length).map_err(io::Error::other)?;
        let mut sealed = vec![0; length];
        match (at.offset.checked_sub(self.written), &self.file) {
            (None, Some(file)) => file.read_exact_at(&mut sealed, at.offset)?,
            (None, None) => return Err(io::ErrorKind::NotFound.into()),
            (Some(place), _) => {
                let place = usize::try_from(place).map_err(io::Error::other)?;
                let held = self.held.get(place..place.saturating_add(length)).ok_or(io::ErrorKind::UnexpectedEof)?;
                sealed.copy_from_slice(held);
            }
        }
        Ok(sealed)
    }
}

#[cfg(test)]
mod tests;
