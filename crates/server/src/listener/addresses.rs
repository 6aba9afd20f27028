//! How many connections each address holds, so that none can hold them all.
//!
//! Owns: the counts, one for each address that has a connection open. Never: limits a configured
//! proxy, which speaks for many; looks at a header.
//! Invariants: a seat that is dropped is given back; there are no more counts than connections.

use crate::config::Network;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Bits of an IPv6 address that name a subscriber's network: within it addresses are free to take.
const SUBSCRIBER_BITS: u32 = 64;

/// Connections by address.
#[derive(Debug)]
pub(super) struct Addresses {
    connections_max: usize,
    proxies: Vec<Network>,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection of an address, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    of: Arc<Addresses>,
    /// None for a proxy, which is not counted.
    address: Option<IpAddr>,
}

impl Addresses {
    pub(super) fn new(connections_max: usize, proxies: Vec<Network>) -> Arc<Self> {
        Arc::new(Self { connections_max, proxies, held: Mutex::default() })
    }

    /// A seat for one more connection, unless the address has as many as one may.
    pub(super) fn seat(self: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let peer = peer.to_canonical();
        if self.proxies.iter().any(|network| network.contains(peer)) {
            return Some(Seat { of: Arc::clone(self), address: None });
        }
        let address = subscriber(peer);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.get(&address).copied().unwrap_or(0);
        if self.connections_max <= count {
            return None;
        }
        held.insert(address, count + 1);
        drop(held);
        Some(Seat { of: Arc::clone(self), address: Some(address) })
    }
}

impl Seat {
    /// Whether it is a proxy's, which speaks for many.
    pub(super) const fn is_of_proxy(&self) -> bool {
        self.address.is_none()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut held = self.of.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.remove(&address).expect("a seat's address is counted until it is dropped");
        assert!(0 < count, "no address is counted with nothing");
        if 1 < count {
            held.insert(address, count - 1);
        }
    }
}

/// The address that stands for everything one subscriber can take.
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = u128::from(address) >> SUBSCRIBER_BITS << SUBSCRIBER_BITS;
            Ipv6Addr::from(network).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_seats_and_no_more() {
        let addresses = Addresses::new(2, Vec::new());
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let first = addresses.seat(one).unwrap();
        let second = addresses.seat(address("::ffff:192.0.2.1")).unwrap();
        assert!(addresses.seat(one).is_none());
        let elsewhere = addresses.seat(other).unwrap();
        drop(first);
        let third = addresses.seat(one).unwrap();
        assert!(addresses.seat(one).is_none());
        drop((second, third, elsewhere));
        assert!(addresses.held.lock().unwrap().is_empty(), "who has left is forgotten");
    }

    #[test]
    fn a_subscriber_is_one_and_a_proxy_is_many() {
        let addresses = Addresses::new(1, vec!["10.0.0.0/8".parse().unwrap()]);
        let _home = addresses.seat(address("2001:db8:1:2::1")).unwrap();
        assert!(addresses.seat(address("2001:db8:1:2:ffff::9")).is_none());
        assert!(addresses.seat(address("2001:db8:1:3::1")).is_some());
        let _many: Vec<_> = (0..9).map(|_| addresses.seat(address("10.1.2.3")).unwrap()).collect();
    }
}
