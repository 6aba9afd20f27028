//! The client's address: the socket's, or what a configured proxy says about it.
//!
//! Owns: the reading of `Forwarded` and `X-Forwarded-For`. Never: believes a header that came
//! from a peer which is no configured proxy, or the left end of a list anybody may have begun.

use crate::config::Network;
use http::{Extensions, HeaderMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Whom a request came from, as far as can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What the listener noted of a request. Behind no listener, as in some tests, a request comes
    /// from the machine itself.
    pub(crate) fn of(noted: &Extensions) -> Self {
        noted.get().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }
}

/// The right-most address that is not a configured proxy's.
#[must_use]
pub fn client_address(peer: SocketAddr, headers: &HeaderMap, proxies: &[Network]) -> ClientAddress {
    let is_proxy = |address| proxies.iter().any(|network| network.contains(address));
    let mut client = peer.ip().to_canonical();
    for hop in hops(headers) {
        if !is_proxy(client) {
            break;
        }
        // A hop that hides itself ends what is known.
        let Some(address) = hop else { break };
        client = address;
    }
    ClientAddress(client)
}

/// What proxies wrote, nearest first; `None` for a hop that gives no address.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let listed = |name: &str| -> Vec<String> {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',').map(|part| part.trim().to_owned())).collect()
    };
    let forwarded = listed("forwarded");
    let mut hops: Vec<_> = if forwarded.is_empty() {
        listed("x-forwarded-for").iter().map(|hop| address(hop)).collect()
    } else {
        forwarded.iter().map(|hop| forwarded_for(hop)).collect()
    };
    hops.reverse();
    hops
}

/// RFC 7239: `for=192.0.2.60;proto=http`, `for="[2001:db8::1]:4711"`.
fn forwarded_for(hop: &str) -> Option<IpAddr> {
    let named = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"').to_owned())
    };
    hop.split(';').find_map(named).and_then(|value| address(&value))
}

fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip().to_canonical());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, header: (&'static str, &str)) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().unwrap());
        let proxies = ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()];
        client_address(peer.parse().unwrap(), &headers, &proxies).0.to_string()
    }

    #[test]
    fn only_a_configured_proxy_is_believed() {
        assert_eq!(client("192.0.2.1:9", ("x-forwarded-for", "198.51.100.7")), "192.0.2.1");
        assert_eq!(client("10.0.0.1:9", ("x-forwarded-for", "198.51.100.7")), "198.51.100.7");
    }

    #[test]
    fn the_right_most_stranger_is_the_client() {
        let chain = "203.0.113.9, 198.51.100.7, 10.0.0.2";
        assert_eq!(client("10.0.0.1:9", ("x-forwarded-for", chain)), "198.51.100.7");
        assert_eq!(client("10.0.0.1:9", ("x-forwarded-for", "10.0.0.9")), "10.0.0.9");
        assert_eq!(client("10.0.0.1:9", ("x-forwarded-for", "203.0.113.9, x")), "10.0.0.1");
    }

    #[test]
    fn forwarded_is_read_as_the_standard_writes_it() {
        let hop = "for=203.0.113.9, For=\"[2001:db8::7]:4711\";proto=https";
        assert_eq!(client("[::1]:9", ("forwarded", hop)), "2001:db8::7");
        assert_eq!(client("[::1]:9", ("forwarded", "for=_hidden")), "::1");
    }
}
