//! Waits after failed log-ins, which double.
//!
//! Owns: how often an account and an address failed, and until when they wait. Never: knows
//! whether an account exists: a name that nobody has waits as well. Time is an argument.
//! Invariants: a try is counted before its password is looked at, so that many at once count as
//! many; no more is remembered than the limits say.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use types::limits;

/// Failed log-ins of accounts and addresses.
#[derive(Default)]
pub(super) struct Lockout(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    accounts: HashMap<String, Failures>,
    addresses: HashMap<IpAddr, Failures>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    latest: Instant,
}

impl Failures {
    /// How much longer nobody may try.
    fn wait(&self, free: u32, now: Instant) -> Duration {
        let Some(over) = self.count.checked_sub(free) else { return Duration::ZERO };
        if over == 0 {
            return Duration::ZERO;
        }
        let doubled = limits::LOG_IN_WAIT_MILLIS_MIN.saturating_mul(1 << (over - 1).min(30));
        let wait = Duration::from_millis(doubled.min(limits::LOG_IN_WAIT_MILLIS_MAX));
        (self.latest + wait).saturating_duration_since(now)
    }
}

impl Lockout {
    /// Counts a try as failed, unless one must wait: then for how long.
    pub(super) fn begin(&self, name: &str, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let (name, from) = (key(name), network(from));
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Tables { accounts, addresses } = &mut *tables;
        forget(accounts, now);
        forget(addresses, now);
        let of_account = accounts.get(&name);
        let of_account = of_account.map(|known| known.wait(limits::ACCOUNT_FAILURES_FREE, now));
        let of_address = addresses.get(&from);
        let of_address = of_address.map(|known| known.wait(limits::ADDRESS_FAILURES_FREE, now));
        let wait = of_account.max(of_address).unwrap_or_default();
        if !wait.is_zero() {
            return Err(wait);
        }
        count(accounts, name, now);
        count(addresses, from, now);
        Ok(())
    }

    /// The try that was begun was no failure.
    pub(super) fn succeeded(&self, name: &str, from: IpAddr) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.accounts.remove(&key(name));
        // Others may have failed from there, or the same person on another account.
        if let Some(known) = tables.addresses.get_mut(&network(from)) {
            known.count = known.count.saturating_sub(1);
        }
    }

    /// The try that was begun came to nothing, by no fault of who tried.
    pub(super) fn undone(&self, name: &str, from: IpAddr) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Tables { accounts, addresses } = &mut *tables;
        let known = [accounts.get_mut(&key(name)), addresses.get_mut(&network(from))];
        known.into_iter().flatten().for_each(|known| known.count = known.count.saturating_sub(1));
    }
}

/// As much of a name as an account can have: what somebody types may be longer.
fn key(name: &str) -> String {
    name.chars().take(limits::ACTOR_CHARS_MAX).collect()
}

/// An IPv6 network of 64 bits counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address => address,
    }
}

fn count<K: Hash + Eq>(table: &mut HashMap<K, Failures>, key: K, now: Instant) {
    let known = table.entry(key).or_insert(Failures { count: 0, latest: now });
    let kept = Duration::from_millis(limits::LOG_IN_FAILURES_KEPT_MILLIS);
    let before = if now.duration_since(known.latest) < kept { known.count } else { 0 };
    *known = Failures { count: before.saturating_add(1), latest: now };
}

/// Forgets what is old, and when there is no room for one more, the oldest half.
fn forget<K: Hash + Eq>(table: &mut HashMap<K, Failures>, now: Instant) {
    if table.len() < limits::LOG_IN_FAILURES_KEPT_MAX {
        return;
    }
    let kept = Duration::from_millis(limits::LOG_IN_FAILURES_KEPT_MILLIS);
    table.retain(|_, known| now.duration_since(known.latest) < kept);
    if table.len() < limits::LOG_IN_FAILURES_KEPT_MAX {
        return;
    }
    let mut latest: Vec<Instant> = table.values().map(|known| known.latest).collect();
    let middle = latest.len() / 2;
    let (_, middle, _) = latest.select_nth_unstable(middle);
    let middle = *middle;
    table.retain(|_, known| middle < known.latest);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let (lockout, mut now) = (Lockout::default(), Instant::now());
        let mut waits = Vec::new();
        for failure in 0..17_u8 {
            // Each from another address: the account alone counts.
            if let Err(wait) = lockout.begin("ann", address(failure), now) {
                waits.push(wait.as_secs());
                now += wait;
                lockout.begin("ann", address(failure), now).unwrap();
            }
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(lockout.begin("bob", address(99), now), Ok(()), "others do not wait");
    }

    #[test]
    fn who_succeeds_begins_anew_and_an_address_waits_by_itself() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        for _ in 0..5 {
            lockout.begin("ann", address(1), now).unwrap();
        }
        lockout.begin("ann", address(1), now).unwrap();
        assert_eq!(lockout.begin("ann", address(1), now), Err(2 * SECOND));
        lockout.succeeded("ann", address(1));
        lockout.begin("ann", address(1), now).unwrap();
        lockout.undone("ann", address(1));
        for number in 0..15 {
            lockout.begin(&format!("name {number}"), address(1), now).unwrap();
        }
        lockout.begin("carl", address(1), now).unwrap();
        assert_eq!(lockout.begin("dora", address(1), now), Err(2 * SECOND));
        assert_eq!(lockout.begin("dora", address(2), now), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let (lockout, mut now) = (Lockout::default(), Instant::now());
        for number in 0..limits::LOG_IN_FAILURES_KEPT_MAX * 2 {
            now += Duration::from_millis(1);
            let from = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
            lockout.begin(&number.to_string(), from, now).unwrap();
        }
        let tables = lockout.0.lock().unwrap();
        for kept in [tables.accounts.len(), tables.addresses.len()] {
            assert!(kept <= limits::LOG_IN_FAILURES_KEPT_MAX, "{kept}");
        }
        assert!(tables.accounts.contains_key("19999"));
    }
}
