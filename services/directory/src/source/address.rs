//! Addresses of directory servers as they are configured.

use std::fmt;
use std::net::IpAddr;

use super::error::SourceError;

const LDAP_PORT: u16 = 389;
const LDAPS_PORT: u16 = 636;

/// How the connection to a server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte.
    Tls,
    /// TLS after the server agreed to it.
    StartTls,
    /// Nothing; for loopback only.
    None,
}

/// One server: where it is and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// Name or number, without brackets; the certificate must be for it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// From the scheme and the `start_tls` setting.
    pub encryption: Encryption,
}

impl ServerAddress {
    /// Reads `ldap://host[:port]` or `ldaps://host[:port]`.
    ///
    /// # Errors
    /// Anything else: another scheme, a path, a user.
    pub fn parse(url: &str, start_tls: bool) -> Result<Self, SourceError> {
        let wrong =
            || SourceError::Settings(format!("{url:?} is not an address such as ldaps://directory.example:636"));
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let (encryption, default_port) = match (scheme.to_ascii_lowercase().as_str(), start_tls) {
            ("ldaps", false) => (Encryption::Tls, LDAPS_PORT),
            ("ldaps", true) => {
                return Err(SourceError::Settings(format!(
                    "{url:?} is encrypted already; start_tls goes with ldap://"
                )));
            }
            ("ldap", true) => (Encryption::StartTls, LDAP_PORT),
            ("ldap", false) => (Encryption::None, LDAP_PORT),
            _ => return Err(wrong()),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = if let Some(bracketed) = rest.strip_prefix('[') {
            let (host, after) = bracketed.split_once(']').ok_or_else(wrong)?;
            (host, after.strip_prefix(':').or_else(|| after.is_empty().then_some("")).ok_or_else(wrong)?)
        } else {
            rest.split_once(':').unwrap_or((rest, ""))
        };
        let bracketed = rest.starts_with('[');
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') || (bracketed && c == ':');
        if host.is_empty() || !host.chars().all(allowed) {
            return Err(wrong());
        }
        let port = if port.is_empty() { default_port } else { port.parse().map_err(|_error| wrong())? };
        Ok(Self { host: host.to_owned(), port, encryption })
    }
}

/// Whether no directory server has this address: link-local ones are where clouds keep their secrets, the others are
/// nobody's. Private ones and this machine are allowed: that is where directories are.
#[must_use]
pub fn nobodys(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let first = address.octets().first().copied();
            first == Some(0) || address.is_link_local() || address.is_multicast() || address.is_broadcast()
        }
        IpAddr::V6(address) => address.is_unspecified() || address.is_unicast_link_local() || address.is_multicast(),
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.encryption {
            Encryption::Tls => "ldaps",
            Encryption::StartTls | Encryption::None => "ldap",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests;
