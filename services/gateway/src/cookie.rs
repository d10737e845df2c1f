//! The kinds of cookie: the session, and what binds each sign-in and each claim under way to the browser that began it.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::site::Site;

/// Sign-ins that one browser may have under way at one company, each in a tab of its own.
const SIGN_INS_MAX: usize = 5;
/// Characters of a `state` that tell one browser's sign-ins apart; the others stay a secret.
const STATE_CHARS: usize = 8;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jar<'a> {
    /// The session token of a person at one company.
    Session,
    /// The browser token of the sign-in that is under way with this `state`.
    SignIn(&'a str),
    /// The token of the claim that is under way.
    Claim,
    /// The browser token of a sign-in with a passkey that is under way.
    Passkey,
    /// Whether several people use this browser.
    SharedDevice,
}

/// The cookie's name. `__Host-` keeps other hosts of the same domain from setting it (RFC 6265bis section 4.1.3.2);
/// browsers accept that prefix over TLS only.
fn name(site: &Site, jar: Jar<'_>, address: &str) -> String {
    match jar {
        Jar::Session => session_name(site, address),
        Jar::Claim => format!("{}.claim", session_name(site, address)),
        Jar::Passkey => format!("{}.passkey", session_name(site, address)),
        Jar::SharedDevice => format!("{}.shared", session_name(site, address)),
        Jar::SignIn(state) => {
            let start: String = state.chars().take(STATE_CHARS).filter(|char| is_of_state(*char)).collect();
            format!("{}{start}", sign_in_prefix(site, address))
        }
    }
}

fn session_name(site: &Site, address: &str) -> String {
    let prefix = if site.secure() { "__Host-" } else { "" };
    format!("{prefix}fh-{address}")
}

/// A company's address holds no full stop, so no session has such a name.
fn sign_in_prefix(site: &Site, address: &str) -> String {
    format!("{}.sign-in.", session_name(site, address))
}

/// What a `state` of ours is made of, and may stand in a name.
const fn is_of_state(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '_')
}

/// The value the browser sent.
pub(crate) fn find(site: &Site, jar: Jar<'_>, address: &str, headers: &HeaderMap) -> Option<String> {
    let name = name(site, jar, address);
    sent(headers).find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// `Set-Cookie` for each of the oldest sign-ins under way that must make room for one more.
pub(crate) fn make_room(site: &Site, address: &str, headers: &HeaderMap) -> Vec<HeaderValue> {
    let prefix = sign_in_prefix(site, address);
    // Browsers send what they have kept for longest first (RFC 6265 section 5.4).
    let under_way: Vec<&str> = sent(headers).filter_map(|(name, _)| name.strip_prefix(&prefix)).collect();
    let too_many = (under_way.len() + 1).saturating_sub(SIGN_INS_MAX);
    under_way.into_iter().take(too_many).filter_map(|state| remove(site, Jar::SignIn(state), address)).collect()
}

fn sent(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// `Set-Cookie` that keeps `value` for `seconds`. Nothing when the value cannot stand in a header.
pub(crate) fn keep(site: &Site, jar: Jar<'_>, address: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    written(site, jar, address, value, &format!("; Max-Age={}", seconds.max(0)))
}

/// `Set-Cookie` that keeps `value` until the browser is closed. Nothing when the value cannot stand in a header.
pub(crate) fn keep_until_closed(site: &Site, jar: Jar<'_>, address: &str, value: &str) -> Option<HeaderValue> {
    written(site, jar, address, value, "")
}

fn written(site: &Site, jar: Jar<'_>, address: &str, value: &str, age: &str) -> Option<HeaderValue> {
    let secure = if site.secure() { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}", name(site, jar, address));
    let fitting = value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"' | b'\\'));
    HeaderValue::from_str(&cookie).ok().filter(|_| fitting)
}

/// `Set-Cookie` that removes it.
pub(crate) fn remove(site: &Site, jar: Jar<'_>, address: &str) -> Option<HeaderValue> {
    keep(site, jar, address, "", 0)
}

#[cfg(test)]
mod tests;
