//! Passwords: which are taken, and what is kept of them (Argon2id, RFC 9106).

use std::collections::BTreeSet;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use freehold_types::{Fault, Mint, Secret};
use tokio::task::spawn_blocking;

use crate::Auth;

/// The shortest password, in bytes.
const BYTES_MIN: usize = 12;
/// The longest one.
const BYTES_MAX: usize = 128;
/// Fewer different characters than that are a pattern.
const DIFFERENT_MIN: usize = 5;
/// Random bytes of a salt (RFC 9106 section 3.1).
const SALT_BYTES: usize = 16;

/// What the most common passwords of public leaks are made of, in the languages of the pages. Written by hand, from
/// what the published lists have in common; digits and signs around these words do not make a password of them.
const COMMON: [&str; 60] = [
    "abc",
    "abcd",
    "abcdef",
    "admin",
    "administrator",
    "amour",
    "asdf",
    "asdfgh",
    "asdfghjkl",
    "azerty",
    "azertyuiop",
    "azertyuiopqsdfghjklm",
    "baseball",
    "bienvenue",
    "bonjour",
    "changeme",
    "charlie",
    "chocolat",
    "chouchou",
    "code",
    "company",
    "default",
    "doudou",
    "dragon",
    "entreprise",
    "football",
    "freehold",
    "freedom",
    "hello",
    "iloveyou",
    "jetaime",
    "letmein",
    "login",
    "loulou",
    "marseille",
    "master",
    "merci",
    "monkey",
    "motdepasse",
    "my",
    "pass",
    "password",
    "passwort",
    "princess",
    "qwer",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertz",
    "secret",
    "security",
    "soleil",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "test",
    "trustno",
    "welcome",
    "zxcvbnm",
];

/// Why a password is not taken, or nothing. `own` is what others know of the person: names and numbers.
pub(crate) fn mistake(password: &str, own: &[&str]) -> Option<&'static str> {
    if !(BYTES_MIN..=BYTES_MAX).contains(&password.len()) {
        return Some("must have 12 to 128 bytes");
    }
    let letters = letters(password);
    let different: BTreeSet<char> = password.chars().collect();
    if different.len() < DIFFERENT_MIN || letters.is_empty() {
        return Some("must be more than digits and more than a pattern");
    }
    let mut words: Vec<Vec<char>> = COMMON.iter().map(|word| word.chars().collect()).collect();
    for text in own {
        words.push(self::letters(text));
        words.extend(text.split(|sign: char| !sign.is_alphanumeric()).map(self::letters));
    }
    words.retain(|word| word.len() > 1);
    made_of(&letters, &words)
        .then_some("must be more than a common password, and more than a name or a number of yours")
}

/// What is left without digits and signs.
fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|sign| sign.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// Whether the letters are these words, one after the other, and nothing else.
fn made_of(letters: &[char], words: &[Vec<char>]) -> bool {
    let mut reached = BTreeSet::from([0]);
    while let Some(place) = reached.pop_first() {
        let Some(rest) = letters.get(place..).filter(|rest| !rest.is_empty()) else { return true };
        reached.extend(words.iter().filter(|word| rest.starts_with(word)).map(|word| place.saturating_add(word.len())));
    }
    false
}

/// What is kept of a password, in PHC's notation.
#[derive(Clone)]
pub(crate) struct Hashed(pub(crate) Secret<String>);

/// Hashes a password with a salt of its own.
pub(crate) async fn hash(auth: &Auth, password: &Secret<String>) -> Result<Hashed, Fault> {
    let (password, salt) = (password.clone(), auth.deps.mint.bytes::<SALT_BYTES>());
    in_turn(auth, move || hash_now(&password, &salt)).await?
}

/// Whether this is the password. Without a hash to compare with, it takes as long to say no.
pub(crate) async fn verify(auth: &Auth, hashed: Option<&Hashed>, password: &Secret<String>) -> Result<bool, Fault> {
    let known = hashed.is_some();
    let (hashed, password) = (hashed.unwrap_or(&auth.nobodys_password).clone(), password.clone());
    let right = in_turn(auth, move || {
        PasswordHash::new(hashed.0.expose()).map(|hash| {
            let password = password.expose().as_bytes();
            password.len() <= BYTES_MAX && Argon2::default().verify_password(password, &hash).is_ok()
        })
    });
    let right = right.await?.map_err(|error| Fault::internal("reading a password", error))?;
    Ok(right && known)
}

/// A hash that belongs to nobody, with the parameters of all others.
pub(crate) fn nobodys(mint: &Mint) -> Hashed {
    let (password, salt) = (Secret::new(String::from("nobody")), mint.bytes::<SALT_BYTES>());
    hash_now(&password, &salt).unwrap_or_else(|_unfit| Hashed(Secret::new(String::new())))
}

fn hash_now(password: &Secret<String>, salt: &[u8]) -> Result<Hashed, Fault> {
    let hash = Argon2::default()
        .hash_password_with_salt(password.expose().as_bytes(), salt)
        .map_err(|error| Fault::internal("hashing a password", error))?;
    Ok(Hashed(Secret::new(hash.to_string())))
}

/// Runs on a thread of its own, as many at once as there are processors: each takes 19 MiB of memory.
async fn in_turn<T: Send + 'static>(auth: &Auth, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let failed = "hashing a password";
    let _turn = auth.hashing.acquire().await.map_err(|error| Fault::internal(failed, error))?;
    spawn_blocking(work).await.map_err(|error| Fault::internal(failed, error))
}

#[cfg(test)]
mod tests;
