//! The operator's token: random bytes in a file that only the operator's account reads. The installation keeps its
//! hash and nothing else, so a copy of the database lets nobody in.

use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use freehold_tenancy::Tenancy;
use freehold_types::{Fault, Secret};
use freehold_wire::OperatorTokens;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::fault;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Its length in base64url, without padding.
const TOKEN_CHARS: usize = 43;
const MODE: u32 = 0o600;
const MODE_OF_OTHERS: u32 = 0o077;
/// How long the hash is used before it is read again.
const HASH_KEPT_FOR: Duration = Duration::from_secs(5);

/// Makes sure that the operator has a token in the file at `path` and that this installation accepts it. When the file
/// is missing, a new token takes the place of any other.
///
/// # Errors
/// When the file cannot be read or written, when others may read it, or when it holds another token.
pub async fn ensure(tenancy: &Tenancy, path: &Path) -> Result<(), Fault> {
    let Some(token) = read(path).await? else { return replace(tenancy, path).await };
    let hash = hash(token.expose());
    match tenancy.operator_token().await? {
        Some(accepted) if same(&accepted, &hash) => Ok(()),
        Some(_another) => Err(fault::token_stale(path)),
        // The storage is younger than the file, as after moving to a new one: the operator keeps the token.
        None => tenancy.replace_operator_token(&hash).await,
    }
}

async fn replace(tenancy: &Tenancy, path: &Path) -> Result<(), Fault> {
    let token = Secret::new(URL_SAFE_NO_PAD.encode(tenancy.mint().bytes::<TOKEN_BYTES>()));
    // The hash first: cut off in between, the file is missing and the next start does both again.
    tenancy.replace_operator_token(&hash(token.expose())).await?;
    write(path, &token, tenancy.mint().bytes()).await.map_err(|error| fault::token_file(path, "written", error))?;
    tracing::info!(path = %path.display(), "a new operator's token was made");
    Ok(())
}

async fn read(path: &Path) -> Result<Option<Secret<String>>, Fault> {
    let metadata = match fs::metadata(path).await {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault::token_file(path, "read", error)),
    };
    if metadata.permissions().mode() & MODE_OF_OTHERS != 0 {
        return Err(fault::token_exposed(path));
    }
    let text =
        fs::read_to_string(path).await.map(Secret::new).map_err(|error| fault::token_file(path, "read", error))?;
    Ok(Some(Secret::new(text.expose().trim().to_owned())))
}

/// Writes a draft beside the file and moves it into place whole, so that the file never stands there half written.
async fn write(path: &Path, token: &Secret<String>, draft: [u8; 8]) -> io::Result<()> {
    let draft = draft_of(path, u64::from_be_bytes(draft));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(MODE).open(&draft).await?;
    file.write_all(token.expose().as_bytes()).await?;
    file.write_all(b"\n").await?;
    file.sync_all().await?;
    fs::rename(&draft, path).await
}

fn draft_of(path: &Path, number: u64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".draft-{number:016x}"));
    PathBuf::from(name)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn same(accepted: &[u8], hash: &[u8; 32]) -> bool {
    accepted.ct_eq(hash.as_slice()).into()
}

/// Knows the operator's token by its hash, for the gate of every process that opens the storage.
pub struct Tokens {
    tenancy: Tenancy,
    /// Kept for moments, so that guesses cost no query each; held while it is read, so that a burst costs one.
    accepted: Mutex<Option<(Instant, Option<Vec<u8>>)>>,
}

impl Tokens {
    /// Asks this tenancy.
    #[must_use]
    pub fn new(tenancy: Tenancy) -> Self {
        Self { tenancy, accepted: Mutex::new(None) }
    }

    async fn accepts(&self, token: &str) -> Result<bool, Fault> {
        if token.len() != TOKEN_CHARS {
            return Ok(false);
        }
        let hash = hash(token);
        let mut kept = self.accepted.lock().await;
        let fresh = kept.as_ref().filter(|(read_at, _)| read_at.elapsed() < HASH_KEPT_FOR);
        let accepted = match fresh {
            Some((_, accepted)) => accepted.clone(),
            None => {
                let accepted = self.tenancy.operator_token().await?;
                *kept = Some((Instant::now(), accepted.clone()));
                accepted
            }
        };
        Ok(accepted.is_some_and(|accepted| same(&accepted, &hash)))
    }
}

impl OperatorTokens for Tokens {
    fn verify<'a>(&'a self, token: &'a str) -> Pin<Box<dyn Future<Output = Result<bool, Fault>> + Send + 'a>> {
        Box::pin(self.accepts(token))
    }
}

#[cfg(test)]
mod tests;
