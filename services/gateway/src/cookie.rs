//! The two cookies: the session, and what binds a sign-in to the browser that began it.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::site::Site;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Jar {
    /// The session token of a person at one company.
    Session,
    /// The browser token of a sign-in that is under way.
    SignIn,
}

/// The cookie's name. `__Host-` keeps other hosts of the same domain from setting it (RFC 6265bis section 4.1.3.2);
/// browsers accept that prefix over TLS only.
fn name(site: &Site, jar: Jar, address: &str) -> String {
    let prefix = if site.secure() { "__Host-" } else { "" };
    // A company's address holds no full stop, so the two kinds never meet.
    let suffix = match jar {
        Jar::Session => "",
        Jar::SignIn => ".sign-in",
    };
    format!("{prefix}fh-{address}{suffix}")
}

/// The value the browser sent.
pub(crate) fn find(site: &Site, jar: Jar, address: &str, headers: &HeaderMap) -> Option<String> {
    let name = name(site, jar, address);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// `Set-Cookie` that keeps `value` for `seconds`. Nothing when the value cannot stand in a header.
pub(crate) fn keep(site: &Site, jar: Jar, address: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if site.secure() { "; Secure" } else { "" };
    let cookie = format!(
        "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        name(site, jar, address),
        seconds.max(0)
    );
    let fitting = value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"' | b'\\'));
    HeaderValue::from_str(&cookie).ok().filter(|_| fitting)
}

/// `Set-Cookie` that removes it.
pub(crate) fn remove(site: &Site, jar: Jar, address: &str) -> Option<HeaderValue> {
    keep(site, jar, address, "", 0)
}

#[cfg(test)]
mod tests;
