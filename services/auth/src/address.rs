//! Which addresses of an IdP we accept and which we call.
//!
//! A company's IdP may stand in its own network, so private addresses are no mistake. What an address may never do is
//! lead us from the outside to this machine, or to a place without TLS.

use std::net::IpAddr;

use openidconnect::url::{Host, Url};

/// The longest address we take.
const ADDRESS_BYTES_MAX: usize = 2048;

/// Issuers that serve every company alike: without a second, pinned claim anybody's token would do.
const SHARED_ISSUERS: [&str; 5] = [
    "https://accounts.google.com",
    "https://login.microsoftonline.com/common",
    "https://login.microsoftonline.com/organizations",
    "https://login.microsoftonline.com/consumers",
    "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad",
];

/// Why an issuer is not accepted, in words for whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IssuerMistake {
    #[error("must be an address such as https://idp.example.com")]
    Malformed,
    #[error("must not have a user name, password, query or fragment")]
    Decorated,
    #[error("must be https; http is accepted on loopback only")]
    Unsafe,
    #[error("serves all companies alike; use the issuer of one company")]
    Shared,
}

/// Reads an issuer as the IdP spells it.
pub(crate) fn issuer(text: &str) -> Result<Url, IssuerMistake> {
    if text.len() > ADDRESS_BYTES_MAX || text.trim() != text {
        return Err(IssuerMistake::Malformed);
    }
    let url = Url::parse(text).map_err(|_malformed| IssuerMistake::Malformed)?;
    if url.host().is_none() {
        return Err(IssuerMistake::Malformed);
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(IssuerMistake::Decorated);
    }
    if !callable(&url, loopback(&url)) {
        return Err(IssuerMistake::Unsafe);
    }
    let spelled = url.as_str();
    let shared = SHARED_ISSUERS
        .iter()
        .any(|known| spelled.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if shared { Err(IssuerMistake::Shared) } else { Ok(url) }
}

/// Whether this address is this very machine.
pub(crate) fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether we call this address for an IdP whose issuer is on loopback, or is not.
pub(crate) fn callable(url: &Url, issuer_on_loopback: bool) -> bool {
    if loopback(url) {
        return issuer_on_loopback && matches!(url.scheme(), "https" | "http");
    }
    let named = match url.host() {
        Some(Host::Domain(name)) => !name.trim_end_matches('.').ends_with("localhost"),
        Some(Host::Ipv4(ip)) => elsewhere(ip.into()),
        Some(Host::Ipv6(ip)) => elsewhere(ip.into()),
        None => false,
    };
    named && url.scheme() == "https"
}

/// Whether an address is neither this machine nor a place that only this machine can see, in whatever form.
pub(crate) fn elsewhere(ip: IpAddr) -> bool {
    match ip {
        // Unspecified means this machine; link-local is where clouds answer with credentials.
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_unspecified() && !ip.is_link_local(),
        IpAddr::V6(ip) => {
            let disguised = ip.to_ipv4().is_some();
            !ip.is_loopback() && !ip.is_unspecified() && !ip.is_unicast_link_local() && !disguised
        }
    }
}

#[cfg(test)]
mod tests;
