//! The connector's key pair on its disk, and the directories that welcomed it.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use freehold_types::{DirectoryId, Fault, Kind, Mint, Reason};

use crate::connector::key::{KeyPair, fingerprint};

/// The key pair a connector is known by.
#[derive(Clone)]
pub struct Key {
    pair: KeyPair,
    /// Which directories welcomed the key: a line each of company, directory and its id.
    known_file: PathBuf,
}

impl Key {
    /// Reads the key pair, or makes one at the first start, for the owner's eyes only.
    ///
    /// # Errors
    /// When the file cannot be read or made, others can read it, or it holds no key.
    pub fn load_or_create(file: &Path, mint: &Mint) -> Result<Self, Fault> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let text = format!("{}\n", STANDARD.encode(mint.bytes::<32>()));
                let mut options = OpenOptions::new();
                let made = options.write(true).create_new(true).mode(0o600).open(file);
                made.and_then(|mut made| made.write_all(text.as_bytes()).and_then(|()| made.sync_all()))
                    .map_err(|error| unusable(file, "cannot be made", error))?;
                text
            }
            Err(error) => return Err(unusable(file, "cannot be read", error)),
        };
        let mode = fs::metadata(file).map_err(|error| unusable(file, "cannot be read", error))?.mode();
        if mode & 0o077 != 0 {
            return Err(unusable(file, "can be read by others", "its mode must be 0600")
                .cure(format!("run `chmod 600 {}`", file.display())));
        }
        let seed = STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let seed = seed.ok_or_else(|| unusable(file, "holds no key", "it must be 32 bytes in base64"))?;
        let mut known_file = file.as_os_str().to_owned();
        known_file.push(".known");
        Ok(Self { pair: KeyPair::from_seed(&seed), known_file: known_file.into() })
    }

    /// What an administrator compares before approving.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.pair.public())
    }

    pub(super) const fn pair(&self) -> &KeyPair {
        &self.pair
    }

    /// The directory that welcomed the key under these names.
    pub(super) fn known(&self, company: &str, directory: &str) -> Result<Option<DirectoryId>, Fault> {
        let text = match fs::read_to_string(&self.known_file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&self.known_file, "cannot be read", error)),
        };
        let line = format!("{company} {directory} ");
        let Some(id) = text.lines().find_map(|found| found.strip_prefix(&line)) else { return Ok(None) };
        // A line that cannot be read must not turn into a signature that is good anywhere.
        id.trim().parse().map(Some).map_err(|error| unusable(&self.known_file, "cannot be understood", error))
    }

    pub(super) fn remember(&self, company: &str, directory: &str, id: DirectoryId) -> Result<(), Fault> {
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.known_file);
        opened
            .and_then(|mut file| file.write_all(format!("{company} {directory} {id}\n").as_bytes()))
            .map_err(|error| unusable(&self.known_file, "cannot be written", error))
    }
}

fn unusable(file: &Path, what: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    let error = error.into();
    Fault::new(Kind::Invalid, Reason::InvalidRequest, format!("{} {what}: {error}", file.display())).because(error)
}
