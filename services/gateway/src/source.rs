//! Where a request comes from, as far as it can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;
use ipnet::IpNet;

/// The header in which proxies write who they speak for, the nearest last.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// An address, or of IPv6 the network of one subscriber (RFC 6177): who has one of its addresses has all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Source(IpAddr);

impl Source {
    /// Where this request comes from.
    pub(crate) fn of(request: &Request, trusted_proxies: &[IpNet]) -> Self {
        // Without a socket, as in tests of the router alone, everybody is the same sender.
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        Self::behind(peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)), request.headers(), trusted_proxies)
    }

    /// The last address that somebody whom we trust vouches for. What stands further left anybody can write.
    fn behind(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> Self {
        let mut source = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default());
        let named: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        for named in named.into_iter().rev() {
            if !trusted_proxies.iter().any(|network| network.contains(&source)) {
                break;
            }
            let Some(before) = address(named.trim()) else { break };
            source = before.to_canonical();
        }
        Self(match source {
            IpAddr::V4(_) => source,
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        })
    }
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests;
