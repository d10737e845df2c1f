//! Which addresses of an IdP we accept and which we call.
//!
//! An address leads to the open internet, or into a private network that the operator of the installation has named. It
//! never leads us from the outside to this machine, or to a place without TLS.

mod network;

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use openidconnect::url::{Host, Url};

/// The longest address we take.
const ADDRESS_BYTES_MAX: usize = 2048;

/// Issuers that serve every company alike and cannot be told apart by a claim.
const SHARED_ISSUERS: [&str; 4] = [
    "https://login.microsoftonline.com/common",
    "https://login.microsoftonline.com/organizations",
    "https://login.microsoftonline.com/consumers",
    "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad",
];
/// Where all Google Workspaces sign in.
const GOOGLE: &str = "accounts.google.com";
/// Where all Entra tenants sign in, in each of Microsoft's clouds.
const ENTRA: [&str; 4] =
    ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn", "sts.windows.net"];

/// The claim that a connection to an issuer must pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PinNeeded {
    pub(crate) claim: &'static str,
    /// The one value it can have, where the issuer says it.
    pub(crate) value: Option<String>,
}

/// What must be pinned so that only one company's people come in. The same host signs in everybody's: a mistake of the
/// IdP, or of ours, about the issuer alone would let strangers in.
pub(crate) fn pin_needed(issuer: &str) -> Option<PinNeeded> {
    let url = Url::parse(issuer).ok()?;
    let host = url.host_str()?;
    if host == GOOGLE {
        return Some(PinNeeded { claim: "hd", value: None });
    }
    let tenant = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    ENTRA.contains(&host).then(|| PinNeeded { claim: "tid", value: Some(tenant.to_owned()) })
}

/// Why an issuer is not accepted, in words for whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IssuerMistake {
    #[error("must be an address such as https://idp.example.com")]
    Malformed,
    #[error("must not have a user name, password, query or fragment")]
    Decorated,
    #[error("must be https; http is accepted on loopback only")]
    Unsafe,
    #[error("is an address in a private network that `sign_on.private_networks` of the installation does not name")]
    Private,
    #[error("serves all companies alike; use the issuer of one company")]
    Shared,
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

/// Where IdPs are called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    private: Arc<[IpNet]>,
}

impl Reach {
    /// The open internet, and these private networks.
    pub(crate) fn with(private: &[IpNet]) -> Self {
        Self { private: private.into() }
    }

    /// Reads an issuer as the IdP spells it.
    pub(crate) fn issuer(&self, text: &str) -> Result<Url, IssuerMistake> {
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
        if !self.callable(&url, loopback(&url)) {
            let literal = literal(&url).filter(|ip| network::elsewhere(*ip) && url.scheme() == "https");
            return Err(if literal.is_some() { IssuerMistake::Private } else { IssuerMistake::Unsafe });
        }
        let spelled = url.as_str();
        let shared = SHARED_ISSUERS
            .iter()
            .any(|known| spelled.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
        if shared { Err(IssuerMistake::Shared) } else { Ok(url) }
    }

    /// Whether we call this address for an IdP whose issuer is on loopback, or is not.
    pub(crate) fn callable(&self, url: &Url, issuer_on_loopback: bool) -> bool {
        if loopback(url) {
            return issuer_on_loopback && matches!(url.scheme(), "https" | "http");
        }
        let reached = match url.host() {
            // Where a name leads is looked at when it is called.
            Some(Host::Domain(name)) => !name.trim_end_matches('.').ends_with("localhost"),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => literal(url).is_some_and(|ip| self.open(ip)),
            None => false,
        };
        reached && url.scheme() == "https"
    }

    /// Whether we connect to this address, unless it is one of this machine's and the issuer is, too.
    pub(crate) fn open(&self, ip: IpAddr) -> bool {
        let named = || self.private.iter().any(|network| network.contains(&ip));
        network::elsewhere(ip) && (!network::private(ip) || named())
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests;
