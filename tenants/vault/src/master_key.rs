//! The file that holds the master key.
//!
//! One line of text, so that it survives every way of copying it and can be printed and locked away:
//! `freehold-master-key-1:` and 32 random bytes in base64 (RFC 4648, padded). White space around it does not matter.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use freehold_types::Secret;
use zeroize::Zeroizing;

use crate::hierarchy::{KEY_BYTES, Key};
use crate::{VaultError, random};

const PREFIX: &str = "freehold-master-key-1:";
/// The line has 66; the rest is room for white space.
const FILE_BYTES_MAX: u64 = 256;
const TEXT_CAPACITY: usize = 512;
const MODE: u32 = 0o600;
const MODE_OF_OTHERS: u32 = 0o077;

/// Reads the master key.
pub(crate) fn read(path: &Path) -> Result<Key, VaultError> {
    let unreadable = |source| VaultError::MasterKeyUnreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    // Asked of the open file: the one at the path may be another one by now.
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(unreadable(io::Error::new(ErrorKind::InvalidInput, "it is not a file")));
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & MODE_OF_OTHERS != 0 {
        return Err(VaultError::MasterKeyExposed { path: path.to_owned(), mode });
    }
    let malformed = || VaultError::MasterKeyMalformed { path: path.to_owned() };
    if metadata.len() > FILE_BYTES_MAX {
        return Err(malformed());
    }
    // Room for all that is read, so that the key is never moved and left behind.
    let mut text = Zeroizing::new(Vec::with_capacity(TEXT_CAPACITY));
    file.take(FILE_BYTES_MAX).read_to_end(&mut text).map_err(unreadable)?;
    parse(&text).ok_or_else(malformed)
}

/// Reads the master key, or makes it if there is none. Processes that start at the same moment get the same key.
pub(crate) fn read_or_create(path: &Path) -> Result<Key, VaultError> {
    match read(path) {
        Err(VaultError::MasterKeyUnreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
            create(path).map_err(|source| VaultError::MasterKeyUnwritable { path: path.to_owned(), source })?;
            read(path)
        }
        found => found,
    }
}

fn parse(text: &[u8]) -> Option<Key> {
    let key = text.trim_ascii().strip_prefix(PREFIX.as_bytes())?;
    let key = Zeroizing::new(STANDARD.decode(key).ok()?);
    let key: [u8; KEY_BYTES] = key.as_slice().try_into().ok()?;
    Some(Secret::new(key))
}

/// Writes a draft beside the file and links it into place whole. So the file never stands there half written, and
/// one that another process made in the meantime stays.
fn create(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let draft = draft_in(folder);
    let linked = write(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    match (linked, fs::remove_file(&draft)) {
        (Ok(()), Ok(())) => File::open(folder)?.sync_all(),
        (Err(error), _) | (Ok(()), Err(error)) => Err(error),
    }
}

fn draft_in(folder: &Path) -> PathBuf {
    folder.join(format!(".master-key-draft-{:016x}", u64::from_be_bytes(random::bytes())))
}

fn write(draft: &Path) -> io::Result<()> {
    let key = Zeroizing::new(random::bytes::<KEY_BYTES>());
    let encoded = Zeroizing::new(STANDARD.encode(key.as_slice()));
    let line = Zeroizing::new(format!("{PREFIX}{}\n", encoded.as_str()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(draft)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
