//! Kinds of addresses.

use std::net::IpAddr;

use ipnet::IpNet;

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
const PRIVATE: [&str; 12] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "192.0.0.0/24",
    "198.18.0.0/15",
    "0.0.0.0/8",
    "fc00::/7",
    "fec0::/10",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "2002::/16",
];

/// Whether an address is in a network that is not the open internet.
pub(super) fn private(ip: IpAddr) -> bool {
    PRIVATE.iter().any(|network| network.parse::<IpNet>().is_ok_and(|network| network.contains(&ip)))
}
