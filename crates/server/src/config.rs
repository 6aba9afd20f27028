//! What the binary tells a listener: address, certificate, limits, proxies.
//!
//! Owns: plain values with defaults taken from `types::limits`. Never: reads a file or the
//! environment.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use types::limits;

/// One listener.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The certificate; none means clear text.
    pub tls: Option<TlsFiles>,
    /// What a connection may cost.
    pub connection: ConnectionLimits,
    /// Proxies: their connections are not limited by address, and their word about a client's
    /// address is believed.
    pub trusted_proxies: Vec<Network>,
}

impl ServerConfig {
    /// Clear text on an address, with the usual limits and no proxy.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            tls: None,
            connection: ConnectionLimits::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// A certificate chain and its key, both PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// What a connection may cost.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Open at the same time; one more is told to come again, and closed.
    pub connections_max: usize,
    /// For all headers of a request to arrive; also for a TLS handshake, and for a client to
    /// take in each step of a long answer.
    pub header_time: Duration,
    /// For a request's body to arrive; for each step of an upload.
    pub body_time: Duration,
    /// For a kept-alive connection to be silent, and no longer than `header_time` while more than
    /// half of the connections are taken.
    pub idle_time: Duration,
    /// For a kept-alive connection of a trusted proxy to be silent, always.
    pub proxy_idle_time: Duration,
    /// For requests in flight to end after the listener was told to stop.
    pub drain_time: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections_max: limits::CONNECTIONS_MAX,
            header_time: Duration::from_millis(limits::HEADER_MILLIS_MAX),
            body_time: Duration::from_millis(limits::BODY_MILLIS_MAX),
            idle_time: Duration::from_millis(limits::IDLE_MILLIS_MAX),
            proxy_idle_time: Duration::from_millis(limits::PROXY_IDLE_MILLIS_MAX),
            drain_time: Duration::from_millis(limits::DRAIN_MILLIS_MAX),
        }
    }
}

impl ConnectionLimits {
    /// Open at the same time from one address that is no trusted proxy, at least 1; an IPv6
    /// network of 64 bits counts as one address.
    #[must_use]
    pub const fn address_connections_max(&self) -> usize {
        let share = self.connections_max / limits::ADDRESS_CONNECTIONS_SHARE;
        if share == 0 { 1 } else { share }
    }
}

/// A range of addresses: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// Why a text is not a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address or a range like 10.0.0.0/8")]
pub struct NetworkError(String);

impl Network {
    /// Whether an address lies in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(range), IpAddr::V4(address)) => {
                let host_bits = 32 - u32::from(self.prefix_bits);
                let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
                u32::from(range) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(range), IpAddr::V6(address)) => {
                let host_bits = 128 - u32::from(self.prefix_bits);
                let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
                u128::from(range) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address = address.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => bits_max,
        };
        if prefix_bits <= bits_max { Ok(Self { address, prefix_bits }) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_half_and_at_least_one() {
        for (connections_max, each) in [(1, 1), (2, 1), (3, 1), (4, 2), (60_000, 30_000)] {
            let limits = ConnectionLimits { connections_max, ..ConnectionLimits::default() };
            assert_eq!(limits.address_connections_max(), each, "{connections_max}");
        }
    }

    #[test]
    fn a_range_contains_its_addresses() {
        let private: Network = "10.0.0.0/8".parse().unwrap();
        assert!(private.contains("10.255.0.1".parse().unwrap()));
        assert!(private.contains("::ffff:10.0.0.1".parse().unwrap()));
        assert!(!private.contains("11.0.0.1".parse().unwrap()));
        let all: Network = "::/0".parse().unwrap();
        assert!(all.contains("2001:db8::1".parse().unwrap()));
        let one: Network = "127.0.0.1".parse().unwrap();
        assert!(!one.contains("127.0.0.2".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "ten", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
