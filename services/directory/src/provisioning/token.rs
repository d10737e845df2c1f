//! Tokens that let an IdP in: each for one directory, with an owner and an end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use freehold_audit::{Event, Label, record};
use freehold_tenancy::{TenantState, TenantTx};
use freehold_types::{
    Caller, DirectoryId, Fault, Kind, Mint, Party, PersonId, Reason, Secret, Service, SyncRunId, Violations,
};
use freehold_wire::IssuedToken;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::directory::{self, Directory};
use crate::{Deps, fault, store};

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Characters of a token: base64url without padding.
const TOKEN_CHARS: usize = 43;
/// The longest a token can be good for, in days.
const VALID_DAYS_MAX: i32 = 365;
/// The longest name of a token, in characters.
const NAME_CHARS_MAX: usize = 60;
/// How many tokens of a directory are shown.
const TOKENS_MAX: u64 = 100;
/// How many tokens of a directory may be good at once.
const GOOD_TOKENS_MAX: usize = 10;
/// The time of last use is kept to the minute, so that reading does not mean writing.
const TOUCH_SECONDS: i64 = 60;
/// The longest address that can be a tenant's.
const ADDRESS_BYTES_MAX: usize = 63;

/// What is kept of a token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub id: Uuid,
    pub directory: DirectoryId,
    pub name: String,
    /// The person who issued it; none when the operator did.
    pub owner: Option<PersonId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    fn good_at(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// SHA-256 of a token. A plain hash is enough: nobody guesses 256 bits. It is found by its hash, so how long a look
/// takes says nothing of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes what somebody sent; nothing when it cannot be a token of ours.
    fn of(secret: &str) -> Option<Self> {
        let ours = secret.len() == TOKEN_CHARS
            && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        ours.then(|| Self(Sha256::digest(secret).into()))
    }

    /// As a column.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

fn make(mint: &Mint) -> Secret<String> {
    let bytes = Secret::new(mint.bytes::<TOKEN_BYTES>());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.expose()))
}

/// Makes a token; it is answered once and kept nowhere.
pub(crate) async fn issue(
    deps: &Deps,
    caller: &Caller,
    directory_name: &str,
    name: &str,
    valid_days: i32,
) -> Result<(Token, String, Secret<String>), Fault> {
    let mut violations = Violations::new();
    let name = name.trim();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        violations.push("token_name", format!("must be 1 to {NAME_CHARS_MAX} characters in one line"));
    }
    if !(0..=VALID_DAYS_MAX).contains(&valid_days) {
        violations.push("valid_days", format!("must be 1 to {VALID_DAYS_MAX}"));
    }
    let days = if valid_days == 0 { VALID_DAYS_MAX } else { valid_days };
    let tx = deps.tenancy.begin(caller).await?;
    let directory = find_directory(&tx, directory_name).await?;
    violations.finish()?;
    let now = tx.mint().now();
    let mut good = store::scim_token::list(&tx, directory.id, TOKENS_MAX).await?;
    good.retain(|token| token.good_at(now));
    if good.iter().any(|token| token.name == name) {
        return Err(fault::token_exists(name));
    }
    if good.len() >= GOOD_TOKENS_MAX {
        return Err(fault::too_many_tokens(GOOD_TOKENS_MAX));
    }
    let secret = make(tx.mint());
    let hash = TokenHash::of(secret.expose())
        .ok_or_else(|| Fault::internal("issuing a provisioning token", "a token we made is not one of ours"))?;
    let id: SyncRunId = tx.mint().id();
    let owner = match caller.party {
        Party::Person { id, .. } => Some(id),
        Party::Service(_) | Party::Provisioner { .. } | Party::Client { .. } | Party::Operator => None,
    };
    let token = Token {
        id: id.uuid(),
        directory: directory.id,
        name: name.to_owned(),
        owner,
        created_at: now,
        expires_at: now + TimeDelta::days(i64::from(days)),
        last_used_at: None,
        revoked_at: None,
    };
    store::scim_token::insert(&tx, &token, &hash).await?;
    let directory_label = Label::new(&directory.settings.name);
    let issued = Event::ProvisioningTokenIssued { directory: directory_label, expires_at: token.expires_at };
    record(&tx, caller, issued).await?;
    tx.commit().await?;
    Ok((token, directory.settings.name, secret))
}

async fn find_directory(tx: &TenantTx, name: &str) -> Result<Directory, Fault> {
    let directory = directory::find(tx, name).await?;
    if directory.settings.provisioned() { Ok(directory) } else { Err(fault::not_provisioned(&directory.settings.name)) }
}

/// The newest tokens of a directory, and its name.
pub(crate) async fn list(deps: &Deps, caller: &Caller, directory_name: &str) -> Result<(Vec<Token>, String), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = find_directory(&tx, directory_name).await?;
    Ok((store::scim_token::list(&tx, directory.id, TOKENS_MAX).await?, directory.settings.name))
}

/// Ends a token at once.
pub(crate) async fn revoke(deps: &Deps, caller: &Caller, directory_name: &str, name: &str) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let directory = find_directory(&tx, directory_name).await?;
    let now = tx.mint().now();
    let tokens = store::scim_token::list(&tx, directory.id, TOKENS_MAX).await?;
    let found = tokens.iter().find(|token| token.name == name && token.good_at(now));
    let token = found.ok_or_else(|| fault::token_not_found(name))?;
    store::scim_token::revoke(&tx, token, now).await?;
    let revoked = Event::ProvisioningTokenRevoked { directory: Label::new(&directory.settings.name) };
    record(&tx, caller, revoked).await?;
    tx.commit().await
}

/// Turns a token into a caller token. Every refusal is the same, also for another company's.
pub(crate) async fn authenticate(deps: &Deps, company_address: &str, secret: &str) -> Result<IssuedToken, Fault> {
    let hash = TokenHash::of(secret).ok_or_else(refused)?;
    if company_address.is_empty() || company_address.len() > ADDRESS_BYTES_MAX {
        return Err(refused());
    }
    let tenant = deps.tenancy.find_by_name(company_address).await?.ok_or_else(refused)?;
    if tenant.state != TenantState::Active {
        return Err(refused());
    }
    let tx = deps.tenancy.begin(&Caller::service(Service::Directory, tenant.id)).await?;
    let now = tx.mint().now();
    let token = store::scim_token::find(&tx, &hash).await?.filter(|token| token.good_at(now)).ok_or_else(refused)?;
    let directories = store::directory::all(&tx).await?;
    let directory = directories.iter().find(|directory| directory.id == token.directory);
    if !directory.is_some_and(|directory| !directory.retired && directory.settings.provisioned()) {
        return Err(refused());
    }
    if let Some(owner) = token.owner
        && !store::person::list(&tx, &[owner]).await?.iter().any(|person| person.active)
    {
        return Err(refused());
    }
    if token.last_used_at.is_none_or(|used| now - used >= TimeDelta::seconds(TOUCH_SECONDS)) {
        store::scim_token::touch(&tx, &token, now).await?;
    }
    tx.commit().await?;
    deps.clients.issue(&Caller::provisioner(tenant.id, token.directory))
}

fn refused() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::TokenRefused, "the provisioning token is not accepted")
        .cure("issue a new one with `freehold directory scim-token COMPANY issue`")
}

#[cfg(test)]
mod tests;
