//! Kinds of addresses, and networks that an operator names.

use std::net::IpAddr;
use std::str::FromStr;

/// A network such as `10.0.0.0/8` or `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// A text that names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a network such as 10.0.0.0/8 or fd00::/8, with no bit set behind the slash's number")]
pub struct NetworkMistake;

impl FromStr for Network {
    type Err = NetworkMistake;

    fn from_str(text: &str) -> Result<Self, NetworkMistake> {
        let (address, bits) = text.split_once('/').ok_or(NetworkMistake)?;
        let address: IpAddr = address.parse().map_err(|_malformed| NetworkMistake)?;
        let bits: u32 = bits.parse().map_err(|_malformed| NetworkMistake)?;
        if bits > width(address) || cut(address, bits) != number(address) {
            return Err(NetworkMistake);
        }
        Ok(Self { address, bits })
    }
}

impl Network {
    /// Whether an address is in it.
    #[must_use]
    pub fn holds(&self, ip: IpAddr) -> bool {
        width(ip) == width(self.address) && cut(ip, self.bits) == number(self.address)
    }
}

const fn width(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u32::from(ip).into(),
        IpAddr::V6(ip) => ip.into(),
    }
}

/// An address with all but its first bits zero.
fn cut(ip: IpAddr, bits: u32) -> u128 {
    let rest = width(ip).saturating_sub(bits);
    number(ip).checked_shr(rest).and_then(|kept| kept.checked_shl(rest)).unwrap_or_default()
}

/// Whether an address is neither this machine nor a place that only this machine can see, in whatever form.
pub(super) fn elsewhere(ip: IpAddr) -> bool {
    match ip {
        // Unspecified means this machine; link-local is where clouds answer with credentials.
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_unspecified() && !ip.is_link_local(),
        IpAddr::V6(ip) => {
            let disguised = ip.to_ipv4().is_some();
            !ip.is_loopback() && !ip.is_unspecified() && !ip.is_unicast_link_local() && !disguised
        }
    }
}

/// Networks that are not the open internet: of one's own (RFC 1918, RFC 4193, the former site-local), of one's provider
/// (RFC 6598), for protocols and measurements (RFC 6890, RFC 2544), and those of IPv6 that stand for an address of IPv4
/// (RFC 6052, RFC 8215, RFC 3056), which may be any of them.
const PRIVATE: [(&str, u32); 12] = [
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("100.64.0.0", 10),
    ("192.0.0.0", 24),
    ("198.18.0.0", 15),
    ("0.0.0.0", 8),
    ("fc00::", 7),
    ("fec0::", 10),
    ("64:ff9b::", 96),
    ("64:ff9b:1::", 48),
    ("2002::", 16),
];

/// Whether an address is in a network that is not the open internet.
pub(super) fn private(ip: IpAddr) -> bool {
    PRIVATE
        .iter()
        .any(|(address, bits)| address.parse().is_ok_and(|address| Network { address, bits: *bits }.holds(ip)))
}
